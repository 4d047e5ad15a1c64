"""`CurvePlot`: draws the traces of one plot, quickly; over them a text while the board is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QLabel, QWidget

from .. import theme
from .abscissa import Abscissa
from .grid import Grid
from .readings import takes_prefix
from .reduction import XY, View

ROOM = 0.06
"""How much of its height a plot leaves free above and below what it fits."""

SHRINK = 0.35
"""A fitted plot zooms in where its traces fill less of it: a smaller part would hide them, a larger one make
the axis restless, whose numbers cost more to draw than a curve."""

LOWEST_PIXELS = 200
"""The fewest columns that a curve is reduced to: a plot that was never shown has no size yet."""


class CurvePlot(pg.PlotWidget):
    """A plot of some traces over the same abscissa.

    It fits both axes to what it shows until its user zooms; `fit` begins that again. Coordinates are those of
    the data, also on a logarithmic axis. Signal: `range_changed()`, the user sees another part of the
    abscissa.
    """

    range_changed = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, axisItems={"bottom": Abscissa("bottom")})
        self.fitting = True
        self.log = False
        self._curves: list[pg.PlotCurveItem] = []
        self._labels: list[str] = []
        self._extent: tuple[float, float] = (0.0, 1.0)
        self._fitted_y: tuple[float, float] | None = None
        self._grey = False
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setClipToView(False)  # what is drawn is reduced already
        self._grid = Grid(self.getAxis("bottom"), self.getAxis("left"))
        item.addItem(self._grid, ignoreBounds=True)
        item.layout.setContentsMargins(2, 6, 14, 2)
        self.legend = item.addLegend(offset=(-12, 8), labelTextSize="9pt")
        box = item.getViewBox()
        box.disableAutoRange()
        box.setDefaultPadding(0.0)
        box.sigXRangeChanged.connect(lambda *_: self.range_changed.emit())
        self._overlay = QLabel(self)
        self._overlay.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._overlay.setWordWrap(True)
        self._overlay.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._overlay.hide()
        self.setToolTip(
            "Drag to move, turn the wheel to zoom, drag with the right button to stretch; F fits it again"
        )
        theme.theme().follow(self)
        self._recolour()
        theme.theme().changed.connect(self._recolour)

    def set_axes(self, x_label: str, x_unit: str, y_label: str, y_unit: str, log: bool = False) -> None:
        """Name the axes; `log`: the abscissa is logarithmic."""
        for side, label, unit in (("bottom", x_label, x_unit), ("left", y_label, y_unit)):
            axis = self.getAxis(side)
            if (axis.labelText, axis.labelUnits) != (label, unit):
                axis.enableAutoSIPrefix(takes_prefix(unit) and not (log and side == "bottom"))
                axis.setLabel(label, units=unit)
        if log != self.log:
            self.log = log
            self.getAxis("bottom").enableAutoSIPrefix(not log)
            self.getAxis("bottom").setLogMode(x=log)
            self.fitting = True

    def view(self) -> View:
        """The part of the abscissa that is shown, and on how many columns of pixels."""
        if self.fitting:
            low, high = -np.inf, np.inf
        else:
            low, high = self.data_x(np.array(self.getViewBox().viewRange()[0]))
        width = round(self.getViewBox().width() * self.devicePixelRatioF())
        return View(low, high, max(width, LOWEST_PIXELS), self.log)

    def draw(
        self, labels: Sequence[str], lines: Sequence[XY], extent: tuple[float, float], fresh: bool = True
    ) -> None:
        """Draw the traces with these labels.

        `extent`: the first and the last point of the abscissa; `fresh`: they are not those that were greyed.
        """
        self._extent = extent
        self._name(labels)
        for curve, (x, y) in zip(self._curves, lines):
            if self.log:
                positive = x > 0
                x, y = np.log10(x[positive]), y[positive]
            curve.setData(x, y, connect="all", skipFiniteCheck=True)
        if fresh:
            self._grey_out(False)
        if self.fitting:
            self._fit_x()
            self._fit_y([y for _, y in lines])

    def fit(self) -> None:
        """Show all of the traces, and go on doing so."""
        self.fitting = True
        self._fitted_y = None
        self._fit_x()
        self._fit_y([curve.yData for curve in self._curves if curve.yData is not None])
        self.range_changed.emit()

    def show_lost(self, text: str) -> None:
        """Grey the last curves, and show `text` over them until the next ones are drawn."""
        colours = theme.colours()
        self._overlay.setText(text)
        self._overlay.setStyleSheet(
            f"background: {colours.error_background}; color: {colours.text}; "
            "padding: 12px; border-radius: 4px"
        )
        self._overlay.show()
        self._place_overlay()
        self._grey_out(True)

    def hide_lost(self) -> None:
        """The board is back: hide the text. The curves stay grey until the next ones are drawn."""
        self._overlay.hide()

    @property
    def lost_text(self) -> str:
        """The text that is shown over the curves, "" if there is none."""
        return "" if self._overlay.isHidden() else self._overlay.text()

    @property
    def grey(self) -> bool:
        """Whether the curves are those of before the board was lost."""
        return self._grey

    def data_x(self, where: np.ndarray) -> np.ndarray:
        """The abscissae at positions of the plot, which has logarithms on a logarithmic axis."""
        return 10.0**where if self.log else where

    def plot_x(self, x: float) -> float:
        """The position of an abscissa in the plot."""
        if not self.log:
            return x
        return float(np.log10(x)) if x > 0 else self.getViewBox().viewRange()[0][0]

    def resizeEvent(self, event: QResizeEvent) -> None:  # Qt's name
        """Keep the text in the middle; more or fewer columns need other points."""
        super().resizeEvent(event)
        if hasattr(self, "_overlay"):  # pyqtgraph resizes the plot while it is made
            self._place_overlay()
            self.range_changed.emit()

    def _name(self, labels: Sequence[str]) -> None:
        if list(labels) == self._labels:
            return
        self._labels = list(labels)
        while len(self._curves) > len(labels):
            self.removeItem(self._curves.pop())
        while len(self._curves) < len(labels):
            curve = pg.PlotCurveItem(antialias=False)
            self._curves.append(curve)
            self.addItem(curve)
        self.legend.clear()
        for curve, label in zip(self._curves, labels):
            self.legend.addItem(curve, label)
        self._recolour()

    def _recolour(self, *_: object) -> None:
        colours = theme.colours()
        for number, curve in enumerate(self._curves):
            colour = colours.muted if self._grey else colours.curves[number % len(colours.curves)]
            curve.setPen(pg.mkPen(colour, width=max(round(self.devicePixelRatioF()), 1)))
        self._grid.colour(colours)
        self.legend.setBrush(pg.mkBrush(colours.background + "c0"))
        for _, label in self.legend.items:
            label.setText(label.text, color=colours.text)

    def _grey_out(self, grey: bool) -> None:
        if grey != self._grey:
            self._grey = grey
            self._recolour()

    def _fit_x(self) -> None:
        low, high = self._extent
        if self.log:
            low, high = self.plot_x(low), self.plot_x(high)
        if high > low and self.getViewBox().viewRange()[0] != [low, high]:
            self.getViewBox().setRange(xRange=(low, high), padding=0.0, disableAutoRange=True)

    def _fit_y(self, values: Sequence[np.ndarray]) -> None:
        values = [one for one in values if len(one)]
        if not values:
            return
        low, high = min(one.min() for one in values), max(one.max() for one in values)
        shown = self._fitted_y
        if shown is not None:
            inside = shown[0] <= low and high <= shown[1]
            if inside and high - low >= SHRINK * (shown[1] - shown[0]):
                return
        room = ROOM * (high - low) or abs(high) * 0.1 or 1e-3
        self._fitted_y = low - room, high + room
        self.getViewBox().setRange(yRange=self._fitted_y, padding=0.0, disableAutoRange=True)

    def _place_overlay(self) -> None:
        if self._overlay.isVisible():
            width = min(round(self.width() * 0.8), self.fontMetrics().averageCharWidth() * 60)
            self._overlay.setFixedWidth(width)
            self._overlay.adjustSize()
            self._overlay.move((self.width() - width) // 2, (self.height() - self._overlay.height()) // 2)
