"""The board's file system: a small tree in memory, for the shell's commands and for SCP. `machine` makes it.

It never accesses the host's disk, so a client's uploads and paths cannot damage it.
"""

from __future__ import annotations

import errno
import os
import posixpath
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

CAPACITY = 32 * 1024 * 1024
"""The most bytes in all files together; PyRPL's gateware has 2 MB."""


@dataclass
class File:
    """A file's content, and the time of its last change in seconds since the epoch."""

    data: bytes
    changed: float = field(default_factory=time.time)


def normalise(path: str, cwd: str = "/") -> str:
    """The absolute form of `path`, relative to `cwd`, without the double slashes that PyRPL writes."""
    return posixpath.normpath(re.sub("/+", "/", posixpath.join(cwd, path)))


class FileTree:
    """Directories and files by absolute path. Errors are `OSError` with the errno that Linux sets."""

    def __init__(self, computed: Mapping[str, Callable[[], str]] = MappingProxyType({})) -> None:
        """`computed`: functions that return the content of files that the kernel computes, as in /proc."""
        self._directories = {"/"}
        self._files: dict[str, File] = {}
        self._computed = computed

    def is_dir(self, path: str) -> bool:
        """Whether `path` is a directory."""
        return path in self._directories

    def make_dir(self, path: str) -> None:
        """Make a directory and those above it, as `mkdir -p` does."""
        while path not in self._directories:
            self._directories.add(path)
            path = posixpath.dirname(path)

    def read(self, path: str) -> File:
        """The file at `path`."""
        if path in self._directories:
            raise _error(errno.EISDIR, path)
        if path in self._computed:
            return File(self._computed[path]().encode())
        try:
            return self._files[path]
        except KeyError:
            raise _error(errno.ENOENT, path) from None

    def write(self, path: str, data: bytes) -> None:
        """Make a file, or replace it. ENOSPC if all files together exceed CAPACITY."""
        if path in self._directories:
            raise _error(errno.EISDIR, path)
        if posixpath.dirname(path) not in self._directories:
            raise _error(errno.ENOENT, path)
        used = sum(len(file.data) for name, file in self._files.items() if name != path)
        if used + len(data) > CAPACITY:
            raise _error(errno.ENOSPC, path)
        self._files[path] = File(data)

    def remove(self, path: str) -> None:
        """Remove a file."""
        self.read(path)
        del self._files[path]

    def list(self, path: str) -> list[str]:
        """The names in a directory, sorted; for a file, only its path."""
        if path not in self._directories:
            self.read(path)
            return [path]
        inside = self._directories - {"/"} | set(self._files)
        return sorted(posixpath.basename(name) for name in inside if posixpath.dirname(name) == path)


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
