"""Compares every output word of an FPGA with that of a copy that nobody disturbs. The clock drives it.

Noise is a function of the cycle, so that a copy with the same state has the same outputs for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .fpga.fpga import Fpga

BLOCK = 2**21
"""Most cycles that can be recorded before they are compared."""

COMPARED = 2**16
"""After so many cycles they are compared. An access to the board waits for the copy to be computed."""


class OutputWatch:
    """A comparison that runs from the present cycle of `fpga` on."""

    def __init__(self, fpga: Fpga):
        self._fpga = fpga
        self._copy = fpga.copy()
        self._cycles = self._differing = self._missed = 0
        self._changes = 0
        self._first: int | None = None
        self._begin()

    def advanced(self) -> None:
        """To be called after the FPGA has advanced, at the latest after BLOCK cycles."""
        if self._fpga.cycle - self._begun >= COMPARED:
            self._compare()

    def result(self) -> dict[str, int | None]:
        """The cycles that were compared, and how many had other outputs than the copy; the `first` of these.

        `missed`: cycles that could not be recorded, `changes`: how often an output changed.
        """
        self._compare()
        return {
            "cycles": self._cycles,
            "differing": self._differing,
            "first": self._first,
            "missed": self._missed,
            "changes": self._changes,
        }

    def _begin(self) -> None:
        self._begun = self._fpga.cycle
        self._recording = self._fpga.record(BLOCK)

    def _compare(self) -> None:
        passed = self._fpga.cycle - self._begun
        n = min(passed, BLOCK)
        words = self._recording[:, :n]
        expected = self._copy.record(n)
        self._copy.advance(passed)
        differing = np.flatnonzero((words != expected).any(axis=0))
        if differing.size and self._first is None:
            self._first = self._cycles + int(differing[0])
        self._differing += differing.size
        self._changes += int((np.diff(words, axis=1) != 0).any(axis=0).sum())
        self._missed += passed - n
        self._cycles += n
        self._begin()
