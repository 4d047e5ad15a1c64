"""`Abscissa`: the lower axis of a plot, with few numbers where it is logarithmic."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg

DECADE, PART, FINE = 1.0, 0.3, 0.1
"""The kinds of marks of a logarithmic axis: 1; 2 and 5; the others."""

FEW_DECADES = 3.2
"""Up to how many decades 2 and 5 are numbered too."""

NARROW = 0.8
"""Up to how many decades the marks are those of a linear axis."""


class Abscissa(pg.AxisItem):
    """An axis with time or frequency."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """The marks between two positions, which are logarithms on a logarithmic axis. pyqtgraph's name."""
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        low, high = min(minVal, maxVal), max(minVal, maxVal)
        if high - low < NARROW:
            spacing = self.tickSpacing(10.0**low, 10.0**high, size)[0][0]
            first, last = math.ceil(10.0**low / spacing), math.floor(10.0**high / spacing)
            return [(DECADE, [math.log10(number * spacing) for number in range(max(first, 1), last + 1)])]
        decades = np.arange(math.floor(low), math.ceil(high) + 1)

        def marks(*digits: int) -> list[float]:
            found = (decades[:, None] + np.log10(digits)).ravel()
            return [float(one) for one in found if low <= one <= high]

        return [(DECADE, marks(1)), (PART, marks(2, 5)), (FINE, marks(3, 4, 6, 7, 8, 9))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The numbers at marks of one kind. pyqtgraph's name."""
        if not self.logMode:
            return super().tickStrings(values, scale, spacing)
        few = self.range[1] - self.range[0] <= FEW_DECADES
        if spacing == FINE or (spacing == PART and not few):
            return [""] * len(values)
        return [pg.siFormat(10.0**value, precision=4, space="") for value in values]
