"""`Grid`: the lines of a plot's grid, at the marks of its axes.

pyqtgraph's own grid is translucent, and takes ten times as long to paint as the curves.
"""

from __future__ import annotations

import pyqtgraph as pg
from qtpy.QtCore import QLineF
from qtpy.QtGui import QColor, QPainter

from ..theme import Colours

MAIN, FINE = 0.22, 0.09
"""How far the lines' colour is from the background's to that of text."""


class Grid(pg.UIGraphicsItem):
    """A grid behind the curves: opaque lines at the marks of a lower and a left axis."""

    def __init__(self, bottom: pg.AxisItem, left: pg.AxisItem):
        super().__init__()
        self._bottom, self._left = bottom, left
        self._pens = pg.mkPen("w"), pg.mkPen("w")
        self.setZValue(-1000)

    def colour(self, colours: Colours) -> None:
        """Take other colours."""
        background, text = QColor(colours.background), QColor(colours.text)
        main, fine = (pg.mkPen(_between(background, text, part), width=1) for part in (MAIN, FINE))
        self._pens = main, fine
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the lines. Qt's name."""
        box = self.getViewBox()
        if box is None:
            return
        (left, right), (low, high) = box.viewRange()
        # the first kind of marks has numbers
        vertical = self._bottom.tickValues(left, right, box.width())
        horizontal = self._left.tickValues(low, high, box.height())
        main, fine = self._pens
        for pen, kinds in ((fine, slice(1, None)), (main, slice(0, 1))):
            painter.setPen(pen)
            for x in (x for _, marks in vertical[kinds] for x in marks):
                painter.drawLine(QLineF(x, low, x, high))
            for y in (y for _, marks in horizontal[kinds] for y in marks):
                painter.drawLine(QLineF(left, y, right, y))


def _between(one: QColor, other: QColor, part: float) -> QColor:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3])
    return QColor(*(round(first + part * (second - first)) for first, second in pairs))
