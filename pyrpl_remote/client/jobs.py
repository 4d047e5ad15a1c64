"""Jobs, as a client sees them: what the daemon goes on doing after the client has left."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

from ..board_status import JobStatus
from ..errors import JobError
from ..schema import from_data
from .doors import door
from .sessions.handle import Handle

LOOK_SECONDS = 0.2
"""How often `JobHandle.wait` asks for the job's state."""

ENDED = ("done", "stopped", "failed")
"""The states of a job that does nothing any more."""


class JobHandle:
    """A job of the board's daemon. It goes on without this object, and without this program.

    Attributes: `id` (its number), `kind` (such as "recording").
    """

    def __init__(self, handle: Handle, number: int, kind: str) -> None:
        self.id = number
        self.kind = kind
        self._handle = handle

    @door
    def status(self) -> JobStatus:
        """What it does now, its state and its parameters. Raises JobError if it ended long ago."""
        for job in every(self._handle):
            if job.id == self.id:
                return job
        raise JobError(
            f"board {self._handle.board!r} has no job {self.id} any more",
            "p.jobs() lists those that there are",
        )

    @door
    def data(self) -> dict[str, Any]:
        """What it has counted or found: numbers and texts by name, which depend on its kind.

        A recording has `samples`, `missed`, `late` and the last values; a lock watch `phase`, `locked`,
        `since` (in s since the epoch), `losses`, `relocks` and `attempt`. Raises JobError as `status` does.
        """
        found: dict[str, Any] = self._handle.ask("job_data", self.id)
        return found

    @door
    def stop(self) -> None:
        """End it for good: no later daemon starts it again. Nothing happens to one that has ended.

        Raises JobError as `status` does.
        """
        stop(self._handle, self.id)

    @door
    def wait(self, timeout: float | None = None) -> JobStatus:
        """Wait until it is done, has failed or was stopped; returns its status.

        Raises TimeoutError after `timeout` s.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.status()).state not in ENDED:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"{self!r} goes on after {timeout} s: {status.text}")
            time.sleep(LOOK_SECONDS)
        return status

    def __repr__(self) -> str:
        return f"<job {self.id} of board {self._handle.board!r}: {self.kind}>"


def start(handle: Handle, kind: str, parameters: dict[str, Any]) -> JobHandle:
    """Start a job. Raises the errors of its kind; then nothing was started."""
    return JobHandle(handle, handle.ask("start_job", kind, parameters), kind)


def record(
    handle: Handle,
    file: str | os.PathLike[str],
    values: Iterable[str],
    every: float,
    duration: float | None,
    overwrite: bool,
) -> JobHandle:
    """Start a recording; see RemotePyrpl.record."""
    path = os.path.expanduser(os.fspath(file))
    if handle.session.connections.is_ours_here:
        path = os.path.abspath(path)
    names = [values] if isinstance(values, str) else list(values)
    parameters = {"file": path, "values": names, "every": every, "overwrite": bool(overwrite)}
    return start(handle, "recording", parameters | ({} if duration is None else {"duration": duration}))


def stop(handle: Handle, number: int) -> None:
    """End a job for good. Raises JobError if there is none of this number."""
    handle.ask("stop_job", number)


def every(handle: Handle) -> list[JobStatus]:
    """All jobs of the board, with those that have ended a while ago."""
    return [from_data(JobStatus, job) for job in handle.ask("jobs")]
