"""`RunningJob`: one job with its thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ...board_status import JobStatus
from ...errors import BoardLinkLost, PyrplRemoteError
from .job import Job, JobEnded
from .job_board import LOOK_SECONDS, JobBoard
from .kept import KeptJob

log = logging.getLogger(__name__)

STARTING, RUNNING, FAILED, DONE, STOPPED = "starting", "running", "failed", "done", "stopped"
"""The states of a job. One that has failed is still stored; one that is done or stopped is not."""

TEXT = 300
"""The longest text of a job in the status, in characters."""

Make = Callable[[Mapping[str, Any], JobBoard], Job]
"""Makes a job from its parameters: its class."""


class RunningJob:
    """A job, its thread and its state. Attributes: `kept` (as it is stored), `ending` (it is to end)."""

    def __init__(
        self, kept: KeptJob, make: Make, board: JobBoard, ended: Callable[[RunningJob], None]
    ) -> None:
        """`ended(self)` is called in the job's thread when it has ended."""
        self.kept = kept
        self.ending = threading.Event()
        self._make = make
        self._board = board
        self._ended = ended
        self._job: Job | None = None
        self._state = STARTING
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name=f"{kept.kind} {kept.id}", daemon=True)

    @property
    def state(self) -> str:
        """One of the states above."""
        return self._state

    @property
    def label(self) -> str:
        """The job in messages."""
        return self._board.label

    def make(self) -> Mapping[str, Any]:
        """Make the job; returns the parameters to store. Raises what its class raises."""
        job = self._make(self.kept.parameters, self._board)
        self._board.begin_to_run()
        self._job = job
        return job.parameters

    def start(self) -> None:
        """Start the thread. It makes the job, unless that was done."""
        self._thread.start()

    def end(self, by: str | None = None) -> None:
        """Ask the job to end; from any thread. `by`: who ends it for good, None if it will go on."""
        if by is not None:
            self._board.ended_by = by
        self.ending.set()
        self._board.wake()

    def join(self, seconds: float) -> None:
        """Wait up to `seconds` for the end of the thread."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def status(self) -> JobStatus:
        """The job's part of the board's status."""
        kept = self.kept
        text = self._failure or ("starting" if self._job is None else self._job.text())
        shown = {} if self._job is None else self._job.shown_parameters()
        return JobStatus(kept.id, kept.kind, kept.since, kept.by, text[:TEXT], self._state, shown)

    def data(self) -> dict[str, Any]:
        """What the job says of itself to clients."""
        return {} if self._job is None else self._job.data()

    def _run(self) -> None:
        try:
            if self._job is None:
                self._make_again()
            if self._job is not None:
                self._state = RUNNING
                log.info("%s begins: %s", self.label, self._job.text())
                self._job.run(self.ending)
        except JobEnded:
            self._state = STOPPED
        except Exception as error:  # boundary: the daemon and its other jobs go on
            log.exception("%s has failed", self.label)
            self._fail(error)
        else:
            self._state = STOPPED if self.ending.is_set() else DONE
            log.info("%s: %s", self.label, self._state)
        finally:
            self._board.close()
            self._ended(self)

    def _make_again(self) -> None:
        """Make a job that an earlier daemon has run, as soon as the board can be reached."""
        while self._board.wait_for_link(self.ending) and not self.ending.is_set():
            try:
                self.make()
                return
            except BoardLinkLost:
                self.ending.wait(LOOK_SECONDS)

    def _fail(self, error: Exception) -> None:
        self._state = FAILED
        message = error.message if isinstance(error, PyrplRemoteError) else str(error)
        self._failure = f"failed: {type(error).__name__}: {' '.join(message.split())}"
