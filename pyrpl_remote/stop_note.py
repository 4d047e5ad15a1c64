"""The note of a daemon that somebody has stopped: its clients do not start it again by themselves.

The daemon writes the note beside its log when it is stopped, and the next daemon of the board removes it. A
daemon that was killed, or that ended after its last client had left, leaves none.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass

from . import settings
from .errors import DaemonStopped, StateFolderError
from .machine import files_in_use


@dataclass(frozen=True)
class StopNote:
    """Who has stopped a daemon, and when, in s since the epoch."""

    by: str
    time: float


def write(board: str, by: str) -> None:
    """Note that `by` has stopped the daemon of `board`. Raises OSError or StateFolderError."""
    path = settings.stop_note_path(board)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(json.dumps({"by": by, "time": time.time()}), encoding="utf-8")
    files_in_use.replace(beside, path)


def read(board: str) -> StopNote | None:
    """The note of the daemon of `board`, None if there is none."""
    try:
        data = json.loads(settings.stop_note_path(board).read_text(encoding="utf-8"))
        return StopNote(str(data["by"]), float(data["time"]))
    except (OSError, StateFolderError, ValueError, TypeError, KeyError):
        return None


def remove(board: str) -> None:
    """Remove the note: a daemon serves the board."""
    with contextlib.suppress(OSError):
        settings.stop_note_path(board).unlink(missing_ok=True)


def stopped_error(board: str, by: str, when: float | None = None) -> DaemonStopped:
    """The error for a request to a daemon that `by` has stopped."""
    at = "" if when is None else time.strftime(" at %H:%M:%S", time.localtime(when))
    return DaemonStopped(
        f"the daemon of board {board!r} was stopped by {by}{at}",
        "connect() starts it again; then this session goes on, too",
    )
