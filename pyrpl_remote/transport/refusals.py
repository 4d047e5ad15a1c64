"""Logs refused connections and Pyro5's own complaints, a few a minute: a flood must not fill the log."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

MOST = 10
"""How many are logged within PERIOD_SECONDS; the others are counted."""

PERIOD_SECONDS = 60.0

MAX_TEXT = 300
"""The longest text, in characters."""

log = logging.getLogger(__name__)


class Refusals:
    """Logs at most MOST texts each PERIOD_SECONDS; from any thread. Attribute: `count` (of all)."""

    def __init__(self, most: int = MOST, period: float = PERIOD_SECONDS) -> None:
        self._most, self._period = most, period
        self._lock = threading.Lock()
        self._begin = time.monotonic() - period
        self._logged = 0
        self.count = 0

    def note(self, connection: Any, error: Exception) -> None:
        """Log that a connection was refused, or ended, because of `error`."""
        self.say(f"a connection from {_peer(connection)} was refused: {error}")

    def say(self, text: str) -> None:
        """Log `text` as a warning, or only count it."""
        with self._lock:
            now = time.monotonic()
            left_out = 0
            if now - self._begin >= self._period:
                left_out, self._begin, self._logged = max(0, self._logged - self._most), now, 0
            self._logged += 1
            self.count += 1
            logs = self._logged <= self._most
        if left_out:
            log.warning("%d more were refused in the minute before, and not logged one by one", left_out)
        if logs:
            log.warning("%s", printable(text))


class Complaints(logging.Handler):
    """Passes what Pyro5 logs as a warning or an error on to `refusals`, one line each."""

    def __init__(self, refusals: Refusals) -> None:
        super().__init__(logging.WARNING)
        self._refusals = refusals

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record, unless a connection of this process's own failed: who makes one sees its error."""
        if record.name == "Pyro5.client":
            return
        # Pyro5 appends tracebacks to its messages
        text = record.getMessage().partition("\n")[0].removesuffix("; Traceback (most recent call last):")
        self._refusals.say(f"{record.name}: {text}")


def catch_complaints(refusals: Refusals) -> None:
    """Log what Pyro5 complains of. By itself it sets its logger to a level at which nothing is logged."""
    logger = logging.getLogger("Pyro5")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    logger.handlers = [Complaints(refusals)]


def printable(text: str, longest: int = MAX_TEXT) -> str:
    """`text` on one line, without control characters, and cut at `longest` characters."""
    cut = text[:longest]
    return "".join(one if one.isprintable() else "?" for one in cut) + ("..." if len(text) > longest else "")


def _peer(connection: Any) -> str:
    try:
        return ":".join(map(str, connection.sock.getpeername()[:2]))
    except OSError:
        return "a client that has left"
