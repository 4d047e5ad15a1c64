"""The kinds of jobs, by name, and how many of each a board may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .job import Job
from .locks.watch import LockWatch
from .recordings.recording import Recording

MOST_RECORDINGS = 16
"""How many recordings a board may have at a time: each has a thread, and reads the board."""


@dataclass(frozen=True)
class Kind:
    """The class of a kind of jobs, and the `most` that a board may have at a time.

    For the error where it has so many: `full` says so, and `remedy` how to end one, for the board `{board}`.
    """

    job: type[Job]
    most: int
    full: str
    remedy: str


KINDS: Mapping[str, Kind] = {
    LockWatch.kind: Kind(
        LockWatch,
        1,
        "its lock is watched already",
        "keep that watch, or end it: p.unwatch_lock(), or `pyrpl-remote unwatch {board}`",
    ),
    Recording.kind: Kind(
        Recording,
        MOST_RECORDINGS,
        f"it makes {MOST_RECORDINGS} recordings already, and no more at a time",
        "end one: p.stop_job(number), or `pyrpl-remote jobs {board} --stop NUMBER`",
    ),
}
"""All kinds of jobs by their names."""
