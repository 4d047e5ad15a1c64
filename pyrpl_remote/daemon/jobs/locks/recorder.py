"""`Recorder`: where the watch puts its events. It survives a full disk: what cannot be written waits."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ....lock_history import LOST, RELOCKED, LockEvent
from .history_file import HistoryFile

log = logging.getLogger(__name__)

WAITING = 1000
"""How many events wait for a disk that cannot be written to; of more, the oldest are dropped, and logged."""

RETRY_SECONDS = 10.0
"""How often a file that cannot be used is tried again."""


class Recorder:
    """The history of one board, for the watch. To be used in one thread, but for `counts` and `failure`.

    Attributes: `counts` (how many losses and relocks there ever were), `failure` (why nothing can be written
    now, or "").
    """

    def __init__(self, path: Path) -> None:
        self.counts: dict[str, int] = {LOST: 0, RELOCKED: 0}
        self.failure = ""
        self._path = path
        self._file: HistoryFile | None = None
        self._waiting: deque[LockEvent] = deque()
        self._notes: dict[str, Any] = {}
        self._retry = 0.0
        self._counted_before = False
        self._set_aside = ""
        self._open()

    def add(self, event: LockEvent) -> None:
        """Write an event now, or as soon as that is possible."""
        if event.kind in self.counts:
            self.counts = {**self.counts, event.kind: self.counts[event.kind] + 1}
        self._waiting.append(event)
        if len(self._waiting) > WAITING:
            log.error("an event of the lock is lost, as the history cannot be written: %s", event)
            self._waiting.popleft()
        self.flush()

    def flush(self) -> None:
        """Write what waits, if that is possible."""
        if self._file is None:
            if not (self._waiting or self._notes) or time.monotonic() < self._retry:
                return
            self._open()
        if self._file is None:
            return
        try:
            while self._waiting:
                self._file.append(self._waiting[0])
                self._waiting.popleft()
            while self._notes:
                name, value = next(iter(self._notes.items()))
                self._file.set_note(name, value)
                del self._notes[name]
        except (sqlite3.Error, OSError) as error:
            self._failed(error)
        else:
            self._works()

    def set_aside(self) -> str:
        """A sentence about a history that was put aside because it cannot be read, once, or ""."""
        text, self._set_aside = self._set_aside, ""
        return text

    def last(self, kinds: set[str]) -> LockEvent | None:
        """The latest event of one of these kinds, None if there is none, or it cannot be read."""
        found: LockEvent | None = self._ask(lambda file: file.last(kinds))
        return found

    def note(self, name: str) -> Any:
        """A value that was kept, None if there is none, or it cannot be read."""
        return self._ask(lambda file: file.note(name))

    def set_note(self, name: str, value: Any) -> None:
        """Keep a value, plain data; None removes it."""
        self._notes[name] = value
        self.flush()

    def close(self) -> None:
        """Write what waits, if that is possible, and close the file."""
        self._retry = 0.0
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _ask(self, ask: Callable[[HistoryFile], Any]) -> Any:
        if self._file is None:
            return None
        try:
            return ask(self._file)
        except sqlite3.Error as error:
            self._failed(error)
            return None

    def _open(self) -> None:
        self._retry = time.monotonic() + RETRY_SECONDS
        try:
            self._file = HistoryFile(self._path)
            if not self._counted_before:
                before = self._file.counts()
                self.counts = {kind: count + before[kind] for kind, count in self.counts.items()}
                self._counted_before = True
        except (sqlite3.Error, OSError) as error:
            self._failed(error)
        else:
            self._set_aside = self._file.set_aside

    def _failed(self, error: Exception) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        failure = f"{type(error).__name__}: {error}"
        if failure != self.failure:
            log.error("the history %s cannot be written: %s; the watch goes on", self._path, failure)
        self.failure = failure

    def _works(self) -> None:
        if self.failure:
            log.warning("the history %s is written again", self._path)
        self.failure = ""
