"""The watch of the lock, as a client starts, ends and reads it. The daemon watches (daemon/jobs/locks/)."""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Sequence
from typing import Any

from ..board_status import LOCK_WATCH
from ..errors import JobError
from ..lock_history import LockHistory, history_from_data
from . import jobs
from .jobs import JobHandle
from .sessions.handle import Handle

When = float | datetime.datetime | None
"""A time: in s since the epoch, or a datetime; without a time zone that is one of this machine."""


def watch(handle: Handle, **parameters: Any) -> JobHandle:
    """Start the watch; `parameters` are those of the job. Raises JobError if there is one already."""
    if isinstance(parameters.get("alarm_on"), Sequence):
        alarm_on = parameters["alarm_on"]
        parameters["alarm_on"] = alarm_on if isinstance(alarm_on, str) else list(alarm_on)
    if isinstance(parameters.get("command"), tuple):
        parameters["command"] = list(parameters["command"])
    return jobs.start(handle, LOCK_WATCH, parameters)


def unwatch(handle: Handle) -> None:
    """End the watch for good. Raises JobError if there is none."""
    running = [
        job for job in jobs.every(handle) if job.kind == LOCK_WATCH and job.state not in ("done", "stopped")
    ]
    if not running:
        raise JobError(f"the lock of board {handle.board!r} is not watched", "p.watch_lock() watches it")
    for job in running:
        jobs.stop(handle, job.id)


def history(handle: Handle, since: When, until: When, limit: int) -> LockHistory:
    """The history of the lock."""
    return history_from_data(handle.ask("lock_history", timestamp(since), timestamp(until), limit))


def timestamp(when: When) -> float | None:
    """A time in s since the epoch. Raises TypeError for anything that is no time."""
    if isinstance(when, datetime.datetime):
        return when.timestamp()
    if when is None or (isinstance(when, numbers.Real) and not isinstance(when, bool)):
        return None if when is None else float(when)
    raise TypeError(f"a time is a datetime or in s since the epoch, not {when!r:.80}")
