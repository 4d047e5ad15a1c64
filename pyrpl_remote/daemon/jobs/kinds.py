"""The kinds of jobs, by name, and how many of each a board may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .job import Job
from .locks.watch import LockWatch
from .recordings.recording import Recording


@dataclass(frozen=True)
class Kind:
    """The class of a kind of jobs, and the `most` that a board may have at a time."""

    job: type[Job]
    most: int


KINDS: Mapping[str, Kind] = {
    LockWatch.kind: Kind(LockWatch, 1),
    Recording.kind: Kind(Recording, 16),
}
"""All kinds of jobs by their names."""
