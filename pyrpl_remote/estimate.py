"""How long a task that is done in parts still takes, estimated from the parts that are done.

The virtual board and its daemon use it for the compilation of the FPGA.
"""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST_SHARE = 0.1
"""The share of a task that must be done before the rest is estimated."""


class Estimate:
    """The share of a task that is done, and about how long the rest takes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """The task begins now. `clock()` returns the time in s."""
        self._clock = clock
        self._begin = clock()
        self._share = 0.0
        self._end = self._begin

    def update(self, done: int, parts: int) -> None:
        """Note that `done` of so many parts of the task are done; the parts take about the same time each."""
        self._share = done / parts
        now = self._clock()
        self._end = now + (now - self._begin) / max(self._share, 1e-9) * (1 - self._share)

    def text(self) -> str:
        """Such as "40 %, about 15 s left"; it counts down between two updates too."""
        share = f"{100 * self._share:.0f} %"
        left = self._end - self._clock()
        # less than 1 s: a part takes longer than those before did
        if self._share < FIRST_SHARE or left < 1:
            return f"{share}, {self._clock() - self._begin:.0f} s so far"
        return f"{share}, about {_rounded(left)} s left"


def _rounded(seconds: float) -> int:
    """Whole seconds, from 20 s on in steps of 5: an estimate is not more precise."""
    return round(seconds) if seconds < 20 else 5 * round(seconds / 5)
