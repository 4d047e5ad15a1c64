"""The log of a daemon or the name server: a file that rotates, whose lines name the board and the client."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 2 * 2**20
"""A longer log becomes NAME.log.1, and so on; a new one begins."""

KEPT_LOGS = 3
"""How many of the earlier logs are kept."""

RETRY_SECONDS = 60.0
"""The pause after a rotation that failed."""

FORMAT = "%(asctime)s [%(origin)s] %(levelname)s %(name)s: %(message)s"
"""The form of a line; `origin` is the board, or the name server, and the client that asked, if one did."""


class LogFile(RotatingFileHandler):
    """Writes the log to a file. What C libraries print goes there too, through `descriptors`.

    Those are descriptors of this process, 1 for stdout and 2 for stderr. Each rotation moves them to the new
    file. What cannot be written, as on a full disk, is dropped. While the file cannot be opened, `problem`
    says why, and each record tries again.
    """

    def __init__(self, path: Path, origin: str, descriptors: Sequence[int] = ()) -> None:
        """`origin` is what each line begins with: the board's name."""
        self._descriptors = descriptors
        self._next_rotation = 0.0
        self.problem = ""
        super().__init__(
            path, maxBytes=LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8", errors="backslashreplace"
        )
        self.setFormatter(logging.Formatter(FORMAT))
        self.addFilter(Origin(origin))

    def handleError(self, record: logging.LogRecord) -> None:
        """Do nothing: logging would write each such failure to stderr, with a traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, to a new file if this one was deleted, or moved by another process."""
        if self.stream is not None and not self._is_at_its_path(self.stream):
            self.stream.close()
            self.stream = self._open()
        super().emit(record)

    def shouldRollover(self, record: logging.LogRecord) -> bool:
        """Whether to rotate before this record is written."""
        return time.monotonic() >= self._next_rotation and bool(super().shouldRollover(record))

    def doRollover(self) -> None:
        """Begin a new file. If that is impossible, the present one goes on."""
        # Windows renames no file that is open, by whichever descriptor
        with open(os.devnull, "wb") as nothing:
            self._divert(nothing.fileno())
        try:
            self._require_renamable()
            super().doRollover()
        except OSError:
            # on Windows, another program has it open; or the folder has become read-only
            self._next_rotation = time.monotonic() + RETRY_SECONDS
        if self.stream is None or self.stream.closed:
            self.stream = self._open()

    def _open(self) -> TextIOWrapper:
        """Open the file, or the null device, and let the descriptors lead to it."""
        try:
            stream = super()._open()
            self.problem = ""
        except OSError as error:
            self.problem = f"{self.baseFilename} cannot be written: {error.strerror or error}"
            stream = open(os.devnull, "w", encoding=self.encoding)  # noqa: SIM115 - the handler closes it
        self._divert(stream.fileno())
        return stream

    def _require_renamable(self) -> None:
        """Raise OSError if the file cannot be renamed: the earlier logs would be moved up for nothing."""
        if self.stream is not None:
            self.stream.close()
        os.rename(self.baseFilename, probe := f"{self.baseFilename}.0")
        os.rename(probe, self.baseFilename)

    def _divert(self, target: int) -> None:
        for descriptor in self._descriptors:
            os.dup2(target, descriptor)

    def _is_at_its_path(self, stream: TextIOWrapper) -> bool:
        try:
            here, there = os.fstat(stream.fileno()), os.stat(self.baseFilename)
        except OSError:
            return False
        return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


class Origin(logging.Filter):
    """Adds `origin` to each record: the board, and the client that asked for what is logged."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self._origin = origin

    def filter(self, record: logging.LogRecord) -> bool:
        """Complete a record. Always returns True."""
        client = _asking()
        record.origin = f"{self._origin}, {client}" if client else self._origin
        return True


def name_clients(asking: Callable[[], str]) -> None:
    """Let the lines of the log name clients.

    `asking()` returns the label of the client whose request the calling thread carries out, "" for none.
    """
    global _asking
    _asking = asking


def _nobody() -> str:
    return ""


_asking: Callable[[], str] = _nobody
"""See `name_clients`: until the daemon serves clients, nobody asks."""
