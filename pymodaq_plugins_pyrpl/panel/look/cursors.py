"""`Cursors`: two vertical lines through all plots of a page, two horizontal ones in each."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QObject, Qt, Signal

from .. import theme
from .curves import Curves
from .plot import CurvePlot
from .readings import Row, rows

LETTERS = ("A", "B")

FRACTIONS = (0.3, 0.7)
"""Where the lines stand when they are shown first, as parts of the plot's width and height."""

STEPS = 200
"""How many steps of an arrow key the width or the height of a plot has."""


class Cursors(QObject):
    """The cursors of some plots, which share their abscissa. Signal: `moved()`.

    One line is the chosen one, which `step` moves: 0 and 1 are the vertical ones, A and B, 2 and 3 the
    horizontal ones of the first plot, and so on.
    """

    moved = Signal()

    def __init__(self, plots: list[CurvePlot]):
        super().__init__(plots[0])
        self._plots = plots
        self.visible = False
        self.chosen = 0
        self._x = [0.0, 0.0]
        self._placed = False
        self._vertical = [[self._line(90, letter) for letter in LETTERS] for _ in plots]
        self._horizontal = [[self._line(0, letter) for letter in LETTERS] for _ in plots]
        for plot, verticals, horizontals in zip(plots, self._vertical, self._horizontal):
            for number, line in enumerate(verticals):
                line.sigDragged.connect(
                    lambda line, plot=plot, number=number: self._dragged(plot, number, line)
                )
            for line in horizontals:
                line.sigDragged.connect(lambda *_: self.moved.emit())
            for line in (*verticals, *horizontals):
                line.setVisible(False)
                plot.addItem(line, ignoreBounds=True)
        theme.theme().changed.connect(self._recolour)
        self._recolour()

    def show(self, visible: bool) -> None:
        """Show or hide all lines. At first, and where they are out of sight, they come into the plots."""
        self.visible = visible
        if visible:
            self._bring_in()
        for line in self._lines():
            line.setVisible(visible)
        self.moved.emit()

    @property
    def x(self) -> tuple[float, float]:
        """The abscissae of A and B."""
        return self._x[0], self._x[1]

    def place(self, number: int, x: float) -> None:
        """Move a vertical line, 0 or 1, to the abscissa `x`."""
        self._placed = True
        self._x[number] = x
        for plot, lines in zip(self._plots, self._vertical):
            lines[number].setValue(plot.plot_x(x))
        self.moved.emit()

    def place_level(self, plot: int, number: int, value: float) -> None:
        """Move a horizontal line, 0 or 1, of a plot."""
        self._horizontal[plot][number].setValue(value)
        self.moved.emit()

    def choose(self, number: int) -> None:
        """Choose the line that `step` moves."""
        if 0 <= number < 2 + 2 * len(self._plots):
            self.chosen = number
            self._recolour()

    def step(self, steps: float) -> None:
        """Move the chosen line by so many steps, to the right or upwards, if it is seen."""
        if not self.visible:
            return
        if self.chosen < 2:
            plot = self._plots[0]
            (low, high), _ = plot.getViewBox().viewRange()
            at = plot.plot_x(self._x[self.chosen]) + steps * (high - low) / STEPS
            self.place(self.chosen, float(plot.data_x(np.array(at))))
        else:
            number, which = divmod(self.chosen - 2, 2)
            _, (low, high) = self._plots[number].getViewBox().viewRange()
            line = self._horizontal[number][which]
            self.place_level(number, which, line.value() + steps * (high - low) / STEPS)

    def peak(self, curves: Curves) -> None:
        """Move A to the highest visible point of the first trace."""
        view = self._plots[0].view()
        seen = (curves.x >= view.low) & (curves.x <= view.high)
        values = np.where(seen, curves.traces[0].values, -np.inf)
        values[np.isnan(values)] = -np.inf
        if seen.any():
            self.place(0, float(curves.x[np.argmax(values)]))

    def read(self, curves: Curves) -> list[Row]:
        """What the cursors read of `curves`."""
        levels = [(one.value(), two.value()) for one, two in self._horizontal]
        return rows(curves, *self.x, levels)

    def follow_axis(self) -> None:
        """The abscissa has become logarithmic, or linear: the lines stay at their values."""
        if self._placed:
            for number in (0, 1):
                self.place(number, self._x[number])

    def _bring_in(self) -> None:
        new = not self._placed
        (low, high), _ = self._plots[0].getViewBox().viewRange()
        for number, fraction in enumerate(FRACTIONS):
            at = self._plots[0].plot_x(self._x[number])
            if new or not low <= at <= high:
                at = low + fraction * (high - low)
            self.place(number, float(self._plots[0].data_x(np.array(at))))
        for plot, lines in zip(self._plots, self._horizontal):
            _, (low, high) = plot.getViewBox().viewRange()
            for line, fraction in zip(lines, FRACTIONS):
                if new or not low <= line.value() <= high:
                    line.setValue(low + fraction * (high - low))

    def _dragged(self, plot: CurvePlot, number: int, line: pg.InfiniteLine) -> None:
        self.chosen = number
        self._recolour()
        self.place(number, float(plot.data_x(np.array(line.value()))))

    def _lines(self) -> list[pg.InfiniteLine]:
        return [line for lines in (*self._vertical, *self._horizontal) for line in lines]

    def _line(self, angle: int, letter: str) -> pg.InfiniteLine:
        options = {"position": 0.97 if angle else 0.02, "movable": True, "anchors": [(0, 0), (0, 0)]}
        line = pg.InfiniteLine(angle=angle, movable=True, label=letter, labelOpts=options)
        line.setCursor(Qt.CursorShape.SplitHCursor if angle else Qt.CursorShape.SplitVCursor)
        return line

    def _recolour(self, *_: object) -> None:
        colours = theme.colours()
        chosen: list[pg.InfiniteLine] = []
        if self.chosen < 2:
            chosen = [lines[self.chosen] for lines in self._vertical]
        else:
            number, which = divmod(self.chosen - 2, 2)
            chosen = [self._horizontal[number][which]]
        for line in self._lines():
            colour = colours.text if line in chosen else colours.muted
            line.setPen(pg.mkPen(colour, style=Qt.PenStyle.DashLine))
            line.setHoverPen(pg.mkPen(colours.busy))
            line.label.setColor(colour)
