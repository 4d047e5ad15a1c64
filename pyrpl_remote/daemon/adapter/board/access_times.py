"""How long the board takes to reply to an access: the latency of the link."""

from __future__ import annotations

SHORT_WORDS = 16
"""Accesses of at most so many words are measured: the time of a longer one is that of its transfer."""

WEIGHT = 50
"""The mean follows the last accesses, about so many."""


class AccessTimes:
    """The times of the accesses of one link, in s; noted in the Qt thread, read in any.

    Attributes: `count` (of accesses that were replied to), `slowest` (the longest since `restart`).
    """

    def __init__(self) -> None:
        self.count = 0
        self.slowest = 0.0
        self._mean = 0.0
        self._measured = 0

    @property
    def mean(self) -> float | None:
        """An exponential mean; None before the first measured access."""
        return self._mean if self._measured else None

    def note(self, seconds: float, words: int) -> None:
        """Note an access to so many words that was replied to after `seconds`."""
        self.count += 1
        if words > SHORT_WORDS:
            return
        if self._measured < WEIGHT:
            self._measured += 1
        self._mean += (seconds - self._mean) / self._measured
        if seconds > self.slowest:
            self.slowest = seconds

    def restart(self) -> None:
        """Measure anew: the link is a new one."""
        self._measured = 0
        self._mean = self.slowest = 0.0
