"""`Jobs`: the jobs of a daemon. Its public functions that take a caller are verbs of protocol.py."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NoReturn

from ... import schema
from ...board_status import JobStatus
from ...errors import JobError, StateFolderError
from ...protocol import Role
from ..caller import Caller
from ..values import Plain
from .job import Job
from .job_board import JobBoard
from .kept import KeptJob, KeptJobs
from .kinds import KINDS, Kind
from .parameters import require_plain
from .parts import Parts
from .running import DONE, RunningJob

log = logging.getLogger(__name__)

STOP_SECONDS = 4.0
"""How long `stop_job` waits for the end of a job, which may write to a file at last."""

KEPT_ENDED = 16
"""How many jobs that have ended are remembered, for those who ask how they ended."""


class Jobs:
    """All jobs of one board. To be used in any thread but the Qt thread."""

    def __init__(
        self,
        parts: Parts,
        hold: Callable[[Hashable], None] = lambda key: None,
        free: Callable[[Hashable], None] = lambda key: None,
        kinds: Mapping[str, Kind] = KINDS,
    ) -> None:
        """`hold(key)` keeps the daemon from ending by itself, until `free(key)`."""
        self._parts = parts
        self._hold = hold
        self._free = free
        self._kinds = kinds
        self._file = KeptJobs(parts.board)
        # one job is started or stopped at a time; the other lock is held for moments only
        self._changing = threading.Lock()
        self._lock = threading.Lock()
        self._next = 1
        self._running: dict[int, RunningJob] = {}
        self._past: dict[int, RunningJob] = {}

    def resume(self) -> None:
        """Start the jobs that the daemon before this one had."""
        self._next, kept = self._file.read()
        for one in kept:
            kind = self._kinds.get(one.kind)
            job = self._new(one, Role.OWNER, _unknown(one.kind) if kind is None else kind.job, True)
            with self._lock:
                self._running[one.id] = job
                self._hold(_key(job))
            job.start()

    def end(self) -> None:
        """The daemon ends: ask all jobs to end. They stay stored."""
        for job in self._all():
            job.end()

    def join(self, seconds: float) -> None:
        """Wait up to `seconds` for the end of all jobs."""
        deadline = time.monotonic() + seconds
        for job in self._all():
            job.join(max(deadline - time.monotonic(), 0.0))

    def data_of(self, kind: str) -> dict[str, Any] | None:
        """What the first job of a kind says of itself, None if there is none."""
        return next((job.data() for job in self._all() if job.kept.kind == kind), None)

    def present(self) -> list[JobStatus]:
        """The jobs that run, or have failed, the oldest first."""
        return [job.status() for job in self._all()]

    # verbs

    def start_job(self, caller: Caller, kind: str, parameters: dict[str, Any]) -> Plain:
        """Start a job; returns its number, as soon as it is stored."""
        wanted = self._kinds.get(kind)
        if wanted is None:
            raise ValueError(f"there is no kind of job {kind!r:.80}, but {', '.join(sorted(self._kinds))}")
        plain = require_plain(parameters)
        with self._changing:
            self._require_room(kind, wanted)
            number = self._next
            kept = KeptJob(number, kind, caller.label, time.time(), plain)
            job = self._new(kept, caller.role, wanted.job, False, caller.here)
            job.kept = dataclasses.replace(kept, parameters=require_plain(job.make()))
            self._file.write(number + 1, [*(one.kept for one in self._all()), job.kept])
            self._next = number + 1
            with self._lock:
                self._running[number] = job
            self._hold(_key(job))
            job.start()
        return Plain(number)

    def stop_job(self, caller: Caller, number: int) -> Plain:
        """End a job for good; nothing happens to one that has ended. Returns when it has ended, or soon."""
        job = self._find(number)
        with self._changing:
            if self._forget(job):
                log.info("%s was stopped by %s", job.label, caller.label)
            job.end(caller.label)
            self._store()
        job.join(STOP_SECONDS)
        return Plain(None)

    def jobs(self, caller: Caller) -> Plain:
        """All jobs, with those that ended a while ago."""
        with self._lock:
            found = [*self._past.values(), *self._running.values()]
        return Plain([schema.to_data(job.status()) for job in sorted(found, key=lambda job: job.kept.id)])

    def job_data(self, caller: Caller, number: int) -> Plain:
        """What a job says of itself."""
        return Plain(self._find(number).data())

    def _new(
        self,
        kept: KeptJob,
        role: Role,
        make: Callable[[Mapping[str, Any], JobBoard], Job],
        resumed: bool,
        here: bool = False,
    ) -> RunningJob:
        board = JobBoard(self._parts, kept, role, resumed, here)
        return RunningJob(kept, make, board, self._has_ended)

    def _has_ended(self, job: RunningJob) -> None:
        """A job's thread ends: it holds the daemon no longer. One that is done is no longer stored."""
        with self._changing:
            if job.state == DONE and self._forget(job):
                try:
                    self._store()
                except StateFolderError as error:
                    log.error("%s is done, but the next daemon starts it again: %s", job.label, error)
        if not self._parts.ending.is_set():
            self._free(_key(job))

    def _forget(self, job: RunningJob) -> bool:
        """Store the job no longer; returns whether it was stored until now."""
        with self._lock:
            if self._running.pop(job.kept.id, None) is None:
                return False
            self._past[job.kept.id] = job
            while len(self._past) > KEPT_ENDED:
                del self._past[next(iter(self._past))]
            return True

    def _require_room(self, kind: str, wanted: Kind) -> None:
        same = [job for job in self._all() if job.kept.kind == kind]
        if len(same) >= wanted.most:
            board = self._parts.board
            raise JobError(
                f"board {board!r}: {wanted.full} ({'; '.join(map(_started, same))})",
                wanted.remedy.format(board=board),
            )

    def _find(self, number: int) -> RunningJob:
        if type(number) is not int:
            raise TypeError(f"the number of a job is an int, not {number!r:.80}")
        with self._lock:
            job = self._running.get(number) or self._past.get(number)
        if job is None:
            raise JobError(
                f"board {self._parts.board!r} has no job {number}",
                "p.jobs(), or `pyrpl-remote jobs BOARD`, lists them",
            )
        return job

    def _store(self) -> None:
        self._file.write(self._next, [job.kept for job in self._all()])

    def _all(self) -> list[RunningJob]:
        with self._lock:
            return list(self._running.values())


def _key(job: RunningJob) -> Hashable:
    """What the job holds the daemon by."""
    return "job", job.kept.id


def _started(job: RunningJob) -> str:
    """Who has started the job, and when."""
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(job.kept.since))
    return f"job {job.kept.id}, started by {job.kept.by} at {since}"


def _unknown(kind: str) -> Callable[[Mapping[str, Any], JobBoard], Job]:
    """What makes a job of a kind that a daemon of another release had: an error."""

    def make(parameters: Mapping[str, Any], board: JobBoard) -> NoReturn:
        raise ValueError(f"this release has no jobs of the kind {kind!r}")

    return make
