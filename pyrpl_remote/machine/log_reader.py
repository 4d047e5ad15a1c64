"""Reads the log of a daemon, which rotates it meanwhile: NAME.log becomes NAME.log.1, a new one begins."""

from __future__ import annotations

import codecs
import contextlib
import os
from collections import deque
from pathlib import Path
from typing import BinaryIO

from .files_in_use import is_in_use


class LogReader:
    """The last lines of a log, and then the new ones.

    The file is open only while it is read: Windows would not let the daemon rename it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: tuple[int, int] | None = None
        self._position = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def last(self, lines: int) -> str:
        """The last `lines` lines, also of the log before this one. Then `new` returns what follows."""
        kept: deque[bytes] = deque(maxlen=lines)
        with contextlib.suppress(FileNotFoundError), open(_earlier(self._path, 1), "rb") as earlier:
            kept.extend(earlier)
        with contextlib.suppress(FileNotFoundError), open(self._path, "rb") as file:
            kept.extend(file)
            self._file, self._position = _identity(file), file.tell()
        return self._decoder.decode(b"".join(kept))

    def new(self) -> str:
        """What was written since the last call, "" if nothing was."""
        found = b""
        try:
            with open(self._path, "rb") as file:
                if _identity(file) != self._file:
                    found = self._rest_of_the_one_before()
                    self._file, self._position = _identity(file), 0
                elif os.fstat(file.fileno()).st_size < self._position:  # it was emptied
                    self._position = 0
                file.seek(self._position)
                found += file.read()
                self._position = file.tell()
        except OSError as error:
            # between two logs: on Windows a file that is being renamed cannot be opened
            if not (isinstance(error, FileNotFoundError) or is_in_use(error)):
                raise
        return self._decoder.decode(found)

    def _rest_of_the_one_before(self) -> bytes:
        """What followed in the log that was read last, and in those after it, which have been renamed too.

        Nothing if that log is not there any more.
        """
        rest = b""
        number = 1
        while self._file is not None:
            try:
                with open(_earlier(self._path, number), "rb") as file:
                    if _identity(file) == self._file:
                        file.seek(self._position)
                        return file.read() + rest
                    rest = file.read() + rest
            except FileNotFoundError:
                break
            number += 1
        return b""


def _earlier(path: Path, number: int) -> str:
    return f"{path}.{number}"


def _identity(file: BinaryIO) -> tuple[int, int]:
    """The same for a file under any name, and for no other one at the same time."""
    stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino
