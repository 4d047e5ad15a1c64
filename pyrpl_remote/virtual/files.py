"""The board's file system: a small tree in memory, made by `machine`, used by the shell's commands and the SCP sink.

Nothing here touches the host's disk, so what a client uploads or names can do no harm to it, and nothing stays behind.
"""

import errno
import os
import posixpath
import re
import time
from dataclasses import dataclass, field

#: room for uploads in bytes; the gateware is 2 MB, so this is never reached by PyRPL
CAPACITY = 32 * 1024 * 1024


@dataclass
class File:
    """Content in bytes and time of last change in seconds since the epoch."""

    data: bytes
    changed: float = field(default_factory=time.time)


def normalise(path: str, cwd: str = "/") -> str:
    """The absolute path without the doubled slashes that PyRPL writes."""
    return posixpath.normpath(re.sub("/+", "/", posixpath.join(cwd, path)))


class FileTree:
    """Directories and files by absolute path. Errors are `OSError` with the errno that Linux gives."""

    def __init__(self) -> None:
        self._directories = {"/"}
        self._files: dict[str, File] = {}

    def is_dir(self, path: str) -> bool:
        return path in self._directories

    def make_dir(self, path: str) -> None:
        """As `mkdir -p`."""
        while path not in self._directories:
            self._directories.add(path)
            path = posixpath.dirname(path)

    def read(self, path: str) -> File:
        if path in self._directories:
            raise _error(errno.EISDIR, path)
        try:
            return self._files[path]
        except KeyError:
            raise _error(errno.ENOENT, path) from None

    def write(self, path: str, data: bytes) -> None:
        if path in self._directories:
            raise _error(errno.EISDIR, path)
        if posixpath.dirname(path) not in self._directories:
            raise _error(errno.ENOENT, path)
        used = sum(len(file.data) for name, file in self._files.items() if name != path)
        if used + len(data) > CAPACITY:
            raise _error(errno.ENOSPC, path)
        self._files[path] = File(data)

    def remove(self, path: str) -> None:
        self.read(path)
        del self._files[path]

    def list(self, path: str) -> list[str]:
        """Names in a directory, sorted; the path itself for a file."""
        if path not in self._directories:
            self.read(path)
            return [path]
        inside = self._directories - {"/"} | set(self._files)
        return sorted(posixpath.basename(name) for name in inside if posixpath.dirname(name) == path)


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
