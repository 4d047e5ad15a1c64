"""`Gaps`: when a recording has no samples although it should, and why."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

BUSY = "the daemon was busy"
"""The reason for samples that came too late for the next one."""

NO_DAEMON = "the daemon did not run"
"""The reason for the gap before a recording that the next daemon goes on with."""

NO_RECORDING = "nothing was recorded"
"""The reason for the gap before a new recording that continues an earlier file: no sample is missing."""

TOGETHER_SECONDS = 10.0
"""Samples that are missed for the same reason are one gap if this time or less is between them..."""

LONGEST_SECONDS = 60.0
"""...up to this time: a gap that has not ended must not be lost with the daemon."""


@dataclass(frozen=True)
class Gap:
    """Samples that are missing after `since` and before `until`, in s since the epoch, and why.

    `missed` is how many. There may be samples in between if the reason is that the daemon was busy.
    """

    since: float
    until: float
    missed: int
    reason: str


class Gaps:
    """Finds the gaps of one recording, and calls `found(gap)` for each. For one thread."""

    def __init__(self, every: float, found: Callable[[Gap], None]) -> None:
        self._every = every
        self._found = found
        self._last: float | None = None
        self._reason = ""
        self._busy: Gap | None = None
        self.missed = 0
        """How many samples are missing, in all gaps that have ended."""

    def begin(self, last: float | None, reason: str) -> None:
        """The recording goes on: it has nothing since `last`, None for a new one, because of `reason`."""
        self._last = last
        if last is not None:
            self._reason = reason

    def open(self, reason: str) -> None:
        """There are no samples from now on."""
        self._reason = self._reason or reason
        if self._last is None:
            self._last = time.time()

    @property
    def reason(self) -> str:
        """Why there are no samples now; "" if there are."""
        return self._reason

    def sample(self, now: float, skipped: int) -> None:
        """There is a sample of the time `now`; `skipped` were due since the one before it."""
        if self._reason:
            self.close(now)
        elif skipped and self._last is not None:
            self._note_busy(Gap(self._last, now, skipped, BUSY))
        if self._busy is not None and now - self._busy.until > TOGETHER_SECONDS:
            self._end_busy()
        self._last = now

    def close(self, now: float) -> None:
        """The gap ends now, or the recording does."""
        self._end_busy()
        if self._reason and self._last is not None:
            due = round((now - self._last) / self._every) - 1
            missed = 0 if self._reason == NO_RECORDING else max(due, 0)
            self.missed += missed
            self._found(Gap(self._last, now, missed, self._reason))
        self._reason = ""

    def _note_busy(self, gap: Gap) -> None:
        self.missed += gap.missed
        busy = self._busy
        if busy is not None:
            gap = replace(gap, since=busy.since, missed=busy.missed + gap.missed)
        self._busy = gap
        if gap.until - gap.since > LONGEST_SECONDS:
            self._end_busy()

    def _end_busy(self) -> None:
        if self._busy is not None:
            self._found(self._busy)
            self._busy = None
