"""`Reduction`: a curve for a screen, which has fewer pixels than the curve has points.

Each column of pixels shows one group of neighbouring points. It is computed outside of the GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

XY = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class View:
    """What a plot shows of the abscissa: from `low` to `high`, on so many `pixels`, or their logarithms."""

    low: float
    high: float
    pixels: int
    log: bool = False


class Reduction:
    """The groups of points of an abscissa that a view shows, each of which is a column of pixels.

    Where there are no more than two points for each column, all points are kept.
    """

    def __init__(self, x: np.ndarray, view: View):
        """`x`: the abscissa, shape (n,), ascending."""
        # one point more at each side, so that lines go on to the edges
        first = max(int(np.searchsorted(x, view.low)) - 1, 0)
        last = min(int(np.searchsorted(x, view.high, side="right")) + 1, len(x))
        self._slice = slice(first, last)
        self._x = x[self._slice]
        self._starts: np.ndarray | None = None
        if len(self._x) > 2 * max(view.pixels, 1):
            self._starts = self._group(view)
            self._ends = np.append(self._starts[1:], len(self._x)) - 1

    def _group(self, view: View) -> np.ndarray:
        x = self._x
        positive = view.log and x[-1] > 0
        begin = x[np.searchsorted(x, 0.0, side="right")] if positive and x[0] <= 0 else x[0]
        spaced = np.geomspace if positive else np.linspace
        edges = spaced(begin, x[-1], view.pixels, endpoint=False)
        edges[0] = x[0]
        starts = np.searchsorted(x, edges)
        return starts[np.flatnonzero(np.diff(starts, prepend=-1))]

    def envelope(self, y: np.ndarray) -> XY:
        """The lowest and the highest value of each group, so that no peak is lost; without nan."""
        y = y[self._slice]
        if self._starts is None:
            return _without_nan(self._x, y)
        lowest = np.minimum.reduceat(y, self._starts)
        highest = np.maximum.reduceat(y, self._starts)
        rising = y[self._ends] >= y[self._starts]
        pairs = np.empty((len(lowest), 2))
        pairs[:, 0] = np.where(rising, lowest, highest)
        pairs[:, 1] = np.where(rising, highest, lowest)
        x = np.stack([self._x[self._starts], self._x[self._ends]], axis=1)
        return _without_nan(x.ravel(), pairs.ravel())

    def highest(self, y: np.ndarray) -> XY:
        """The highest value of each group: for lines of a spectrum, between which it falls to nothing."""
        y = y[self._slice]
        if self._starts is None:
            return _without_nan(self._x, y)
        return _without_nan(self._middles(), np.maximum.reduceat(y, self._starts))

    def mean(self, y: np.ndarray) -> XY:
        """The mean of each group: for powers of noise, whose level the highest would show too high."""
        y = y[self._slice]
        if self._starts is None:
            return _without_nan(self._x, y)
        counts = self._ends - self._starts + 1
        return _without_nan(self._middles(), np.add.reduceat(y, self._starts) / counts)

    def _middles(self) -> np.ndarray:
        return self._x[(self._starts + self._ends) // 2]


def _without_nan(x: np.ndarray, y: np.ndarray) -> XY:
    finite = np.isfinite(y)
    return (x, y) if finite.all() else (x[finite], y[finite])
