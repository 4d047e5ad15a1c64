"""The journal of a configuration file: the entries that changed since the file was written.

PyRPL writes its file at most every three seconds. The journal has each change before the reply to its request
is sent, so a daemon that is killed loses none; the next start reads it (see configuration.py). It lies beside
the file as `lab.yml.journal` or, where that cannot be written, in the folder for logs and locks. Nothing is
flushed to the disk: a power failure of the daemon's computer may lose the last seconds.

A line of it is one of these, in JSON:

| line | meaning |
|---|---|
| `{"file": "lab.yml", "content": digest}` | all entries belong to the file with this content |
| `{"saved": digest}` | a file with this content has all entries above |
| `[[key, ...], value]` | this entry of the configuration was set to this value |
| `[[key, ...], null, text]` | the same, for a value that JSON has not: its text in YAML |
| `[[key, ...]]` | this entry was removed |
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyrpl.memory import load, save

from .... import settings
from ....errors import StateFolderError
from .merge import ABSENT

SUFFIX = ".journal"

Change = tuple[list[Any], Any]
"""The keys that lead to an entry of the configuration, and its new value, ABSENT if it was removed."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass
class Found:
    """What the journals of a file have: the `changes` that the file lacks, and the journals' `paths`.

    `outdated`: another program changed the file after the last of these changes.
    """

    changes: list[Change] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    outdated: bool = False


class Journal:
    """Writes the journal of one configuration file. Attribute: `path` ("" while there is none)."""

    def __init__(self, filename: str):
        self.path = ""
        self._filename = filename
        self._file = -1

    def append(self, lines: str, content: str) -> None:
        """Append lines, each with its line end; `content`: text of the file to which they belong.

        They are there completely, or not at all. Raises OSError if no place can be written to.
        """
        if self._file >= 0:
            try:
                _write(self._file, lines)
                return
            except OSError:
                self._close()
        failure: OSError | None = None
        places = _places(self._filename)
        if os.path.exists(places[-1]):  # the newest entries are there
            places.reverse()
        for place in places:
            try:
                self._file = self._open(place)
                # what a kill may have cut off becomes a line of its own
                end_line = "\n" if os.fstat(self._file).st_size else ""
                _write(self._file, end_line + _header(self._filename, content) + lines)
            except OSError as error:
                self._close()
                failure = failure or error
            else:
                self.path = place
                return
        assert failure is not None
        raise failure

    def is_lost(self) -> bool:
        """Whether the journal that was begun is no longer there, as where its folder was removed."""
        if self._file < 0:
            return False
        try:
            lost = not os.path.samestat(os.fstat(self._file), os.stat(self.path))
        except OSError:
            lost = True
        if lost:
            self._close()
        return lost

    def belongs_to(self, content: str) -> None:
        """Note that another program changed the file's text to `content`, and that both were merged."""
        self._note(_header(self._filename, content))

    def saving(self, content: str) -> None:
        """Note that all entries are in a file with the text `content`, which is about to be written."""
        self._note(_encode({"saved": digest(content)}) + "\n")

    def remove(self) -> None:
        """Remove the journal: its file was written, and has all that it had."""
        self._close()
        self.path = ""
        for place in _places(self._filename):
            try:
                os.unlink(place)
            except FileNotFoundError:
                pass
            except OSError:  # its folder became read-only; its last line says that it is saved
                continue

    def _open(self, place: str) -> int:
        # without O_BINARY, Windows would write more bytes than it says
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        file = os.open(place, flags, 0o600)
        # the configuration may have a password; whoever may read it may read its journal
        with contextlib.suppress(OSError):
            shutil.copymode(self._filename, place)
        return file

    def _note(self, line: str) -> None:
        if self._file >= 0:
            with contextlib.suppress(OSError):
                _write(self._file, line)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def change_line(path: tuple[Any, ...], data: Any) -> str:
    """The line for the entry at `path` of the configuration `data`, as it is now.

    Raises YAMLError, TypeError or ValueError for an entry that a configuration file cannot have.
    """
    try:
        for key in path:
            data = data[key]
    except (LookupError, TypeError):
        return _encode([path]) + "\n"
    if _is_plain(data):
        return _encode([path, data]) + "\n"
    return _encode([path, None, save(data).decode()]) + "\n"


def find_journal(filename: str, content: str) -> Found:
    """What the journals of a configuration file have that its text `content` lacks."""
    found = Found(paths=[place for place in _places(filename) if os.path.exists(place)])
    lines = [line for path in found.paths for line in _lines(path, os.path.basename(filename))]
    now = digest(content)
    saved = [
        number for number, line in enumerate(lines) if isinstance(line, dict) and line.get("saved") == now
    ]
    if saved:
        lines = lines[saved[-1] + 1 :]
    elif not any(isinstance(line, dict) and line.get("content") == now for line in lines):
        written = [os.stat(path).st_mtime_ns for path in found.paths]
        found.outdated = bool(lines) and os.stat(filename).st_mtime_ns > max(written)
    found.changes = [_change(line) for line in lines if isinstance(line, list)]
    return found


def apply(changes: list[Change], data: Any) -> list[str]:
    """Make changes in the configuration `data`, in their order; returns the names of the entries."""
    names: dict[str, None] = {}
    for keys, value in changes:
        branch = data
        for key in keys[:-1]:
            if not isinstance(branch.get(key), dict):
                if value is ABSENT:
                    break
                branch[key] = {}
            branch = branch[key]
        else:
            if value is ABSENT:
                branch.pop(keys[-1], None)
            else:
                branch[keys[-1]] = value
            names[".".join(map(str, keys))] = None
    return list(names)


def digest(text: str) -> str:
    """A text that differs for different contents of a file."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _places(filename: str) -> list[str]:
    """Where the journal of a file may be: beside it, and in the folder for logs and locks."""
    path = os.path.realpath(filename)
    places = [path + SUFFIX]
    with contextlib.suppress(StateFolderError):
        name = settings.file_stem(os.path.basename(path))
        places.append(os.path.join(settings.state_dir(), f"{name}-{digest(path)[:12]}{SUFFIX}"))
    return places


def _header(filename: str, content: str) -> str:
    return _encode({"file": os.path.basename(filename), "content": digest(content)}) + "\n"


def _write(file: int, text: str) -> None:
    data = text.encode()
    written = os.write(file, data)
    if written < len(data):  # the disk is full
        os.ftruncate(file, os.fstat(file).st_size - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _lines(path: str, name: str) -> Iterator[Any]:
    """The lines of a journal of the file called `name`. A kill may have cut off a line: it is left out."""
    ours = False
    with open(path, "rb") as file:
        for line in file:
            try:
                content = json.loads(line)
            except ValueError:  # also an empty line
                continue
            if isinstance(content, dict) and "file" in content:
                ours = content["file"] == name
            if ours:
                yield content


def _change(line: list[Any]) -> Change:
    keys, *value = line
    if not value:
        return keys, ABSENT
    return keys, value[0] if len(value) == 1 else load(value[1])


PLAIN = (float, int, str, bool, type(None))


def _is_plain(value: Any) -> bool:
    """Whether JSON has the value as PyRPL's file has it."""
    kind = type(value)
    if kind in PLAIN:
        return True
    if kind is list:
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    return isinstance(value, float)  # of numpy
