"""PyRPL's configuration tree, whose file other programs may change at the same time.

PyRPL's own MemoryTree replaces what it has in memory by a changed file, or the changed file by what it has in
memory. This one merges both, and never has a moment without a file. What is not in the file
yet is in its journal (journal.py): a daemon that is killed loses no change. The daemon makes PyRPL use it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import reprlib
import shutil
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import yaml
from pyrpl.memory import MemoryTree, load, save
from pyrpl.pyrpl_utils import time as clock

from .changes import Changes
from .free_path import free_path
from .merge import ABSENT, merge
from .owned import Owned
from .tracked import Tracked

log = logging.getLogger(__name__)

SETTLED_SECONDS = 0.5
"""A file that another program changed this recently may not be complete: it is read later."""


class SharedTree(Tracked, MemoryTree):
    """A MemoryTree that merges what other programs write to its file, and keeps a journal beside it."""

    _changes: Changes  # that are not in the file yet
    _owned: Owned | None = None
    _known = ""  # the text of the file as it was last read or written here
    _version: tuple[int, int, int] | None = None  # of the file with this text
    _postponed = False  # whether a block of _unsaved() kept a write back
    _ending = False

    @contextlib.contextmanager
    def _unsaved(self) -> Iterator[None]:
        """Write nothing to the file within the block; what was to be written is written at its end."""
        self._changes.held += 1
        try:
            yield
        finally:
            self._changes.held -= 1
            if self._postponed and not self._changes.held:
                self._postponed = False
                self._write_to_file()

    def _settle(self) -> None:
        """To be called before the last write: wait until another program has finished writing the file."""
        self._ending = True
        deadline = time.monotonic() + 2 * SETTLED_SECONDS
        while not self._settled() and time.monotonic() < deadline:
            time.sleep(SETTLED_SECONDS / 10)

    # the methods of MemoryTree by which PyRPL reads and writes the file

    def _load(self) -> None:
        # called once, when the tree is made. Raises YAMLError, ValueError, OSError
        self._data = OrderedDict()
        if self._filename is not None:
            self._known, self._version = self._read()
            self._data = sections(self._known)
        self._changes = Changes(self._filename, self._data, self._known)
        self._note = self._changes.note
        if self._changes.take_from_journal():
            self._savetimer.start()
        self._lastreload = clock()

    def _reload(self) -> None:
        if self._filename is not None and clock() > self._lastreload + self._loadsavedeadtime:
            self._lastreload = clock()
            if self._changed() and self._settled():
                self._merge()

    def _write_to_file(self) -> None:
        self._savetimer.stop()
        self._write_to_file_counter += 1
        if self._filename is None:
            return
        if self._changes.held:
            self._postponed = True
            return
        if not (self._ending or self._settled()):
            self._savetimer.start()
            return
        self._lastsave = clock()
        try:
            if self._changed() and not self._merge():
                self._keep_aside()
            text = save(self._data).decode()
            keep_version_before(self._filename)
            self._changes.about_to_save(text)
            write_whole(self._filename, text)
        except (OSError, ValueError, yaml.YAMLError) as error:
            # called by a timer too: there PyQt would end the process for an exception
            self._changes.not_saved(error)
            self._savetimer.start()
        else:
            self._known, self._version = text, self._version_on_disk()
            self._changes.saved(text)

    def _merge(self) -> bool:
        """Merge the file as it is now; whether it could be read."""
        try:
            text, version = self._read()
            theirs = sections(text)
        except (OSError, ValueError, yaml.YAMLError):
            return False
        if not theirs and self._data:
            return False
        done = merge(self._data, load(save(self._data)), sections(self._known), theirs)
        self._known, self._version = text, version
        self._changes.merged(text)
        if done.taken:
            log.info("%s: another program changed %s", self._filename, ", ".join(done.taken))
        for entry, mine, new in done.disputed:
            log.warning(
                "%s: another program %s, which was changed here too: here it remains %s",
                self._filename,
                f"removed {entry}" if new is ABSENT else f"changed {entry} to {_shown(entry, new)}",
                "removed" if mine is ABSENT else _shown(entry, mine),
            )
        return True

    def _keep_aside(self) -> None:
        """Copy a file that cannot be merged, before it is written again, and say so."""
        try:
            copy = copied_aside(self._filename, "unreadable")
        except FileNotFoundError:
            log.warning("%s: another program removed this file; it is written again", self._filename)
        else:
            log.warning(
                "%s: another program changed this file, and it cannot be read any more: it is written again, "
                "and what the other program wrote is kept in %s",
                self._filename,
                copy,
            )

    def _read(self) -> tuple[str, tuple[int, int, int] | None]:
        # the version first: if the file changes meanwhile, it is read again
        version = self._version_on_disk()
        with open(self._filename, encoding="utf-8") as file:
            return file.read(), version

    def _version_on_disk(self) -> tuple[int, int, int] | None:
        if self._filename is None:
            return None
        try:
            found = os.stat(self._filename)
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _changed(self) -> bool:
        return self._version_on_disk() != self._version

    def _settled(self) -> bool:
        version = self._version_on_disk()
        if version is None or version == self._version:
            return True
        return not 0 <= time.time() - version[0] / 1e9 < SETTLED_SECONDS


def write_whole(filename: str, text: str) -> None:
    """Write a file so that it always exists, with its old or its new text, wherever the process is killed."""
    path = os.path.realpath(filename)
    try:
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(path, path + ".tmp")
        os.replace(path + ".tmp", path)
    except OSError:
        with contextlib.suppress(OSError):  # on a full disk its part would take space
            os.unlink(path + ".tmp")
        raise


def keep_version_before(filename: str) -> None:
    """Copy a file to `<filename>.bak`. Where that fails the older copy remains, and nothing is raised."""
    copy = filename + ".bak"
    try:
        shutil.copyfile(filename, copy + ".tmp")
        os.replace(copy + ".tmp", copy)
    except OSError:  # a full disk may have room for one of both; or another program has removed the file
        with contextlib.suppress(OSError):
            os.unlink(copy + ".tmp")


def copied_aside(filename: str, why: str) -> str:
    """Copy a file to `<filename>.<why>`, or to `<filename>.<why>.2`... if it exists; returns the path."""
    path = free_path(f"{filename}.{why}")
    shutil.copyfile(filename, path)
    return path


def sections(text: str) -> Any:
    """The content of a configuration file. Raises YAMLError, or ValueError if it has no sections."""
    data = load(text)
    if data is None:
        return OrderedDict()
    if not isinstance(data, dict):
        raise ValueError(f"it begins with {data!r:.40}, and not with a section")
    return data


def _shown(entry: str, value: Any) -> str:
    return "********" if entry.endswith("password") else reprlib.repr(value)
