"""PyRPL's configuration tree, whose file other programs may change at the same time.

PyRPL's own MemoryTree replaces what it has in memory by a changed file, or the changed file by what it has in
memory. This one merges both, and never has a moment without a file. The daemon makes PyRPL use it.
"""

from __future__ import annotations

import contextlib
import itertools
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

from .merge import ABSENT, merge

log = logging.getLogger(__name__)

SETTLED_SECONDS = 0.5
"""A file that another program changed this recently may not be complete: it is read later."""


class SharedTree(MemoryTree):
    """A MemoryTree that merges what other programs write to its file."""

    _known = ""  # the text of the file as it was last read or written here
    _version: tuple[int, int, int] | None = None  # of the file with this text
    _held = 0  # how many blocks of _unsaved() are running
    _postponed = False  # whether one of them kept a write back
    _ending = False

    @contextlib.contextmanager
    def _unsaved(self) -> Iterator[None]:
        """Write nothing to the file within the block; what was to be written is written at its end."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if self._postponed and not self._held:
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
        if self._held:
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
            with contextlib.suppress(FileNotFoundError):  # another program has removed it
                shutil.copyfile(self._filename, self._filename + ".bak")
            write_whole(self._filename, text)
        except (OSError, yaml.YAMLError) as error:
            # called by a timer too: there PyQt would end the process for an exception
            log.warning("%s cannot be written: %s: %s", self._filename, type(error).__name__, error)
            self._savetimer.start()
        else:
            self._known, self._version = text, self._version_on_disk()

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
        names = self.__dict__  # for completion
        for name in [name for name in names if not name.startswith("_") and name not in self._data]:
            del names[name]
        names.update(dict.fromkeys(self._data))
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
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileNotFoundError):
        shutil.copymode(path, path + ".tmp")
    os.replace(path + ".tmp", path)


def copied_aside(filename: str, why: str) -> str:
    """Copy a file to `<filename>.<why>`, or to `<filename>.<why>.2`... if it exists; returns the path."""
    path = free_path(f"{filename}.{why}")
    shutil.copyfile(filename, path)
    return path


def free_path(path: str) -> str:
    """`path`, or `path` with the first free number behind it if it exists."""
    numbered = (f"{path}.{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain([path], numbered) if not os.path.exists(one))


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
