"""`Canvas`: the plots of a page, one above the other, with their cursors and what these read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from .cursors import Cursors
from .curves import Curves
from .plot import CurvePlot
from .readings import as_table
from .reduction import View
from .stream import Drawing, drawing

READ_MILLISECONDS = 100
"""How often the cursors' table is read again while curves come."""

AXIS_PIXELS = 62
"""How wide the left axes of several plots are, so that their abscissae stand below each other."""


class Canvas(QWidget):
    """Plots that share their abscissa. Attributes: `drawn`, what they show; `plots`; `cursors`."""

    def __init__(self, names: Sequence[str], is_logarithmic: Callable[[Curves], bool]):
        """`names`: what is plotted, as "Magnitude"; `is_logarithmic(curves)`: of their abscissa."""
        super().__init__()
        self._names = names
        self._is_logarithmic = is_logarithmic
        self.drawn: Drawing | None = None
        self.view = View(-np.inf, np.inf, 1000)
        """The part of the abscissa that is seen, and on how many pixels. It may be read in any thread."""
        self.plots = [CurvePlot() for _ in names]
        for plot in self.plots:
            plot.getViewBox().sigRangeChangedManually.connect(self._zoomed)
        for plot in self.plots[1:]:
            plot.setXLink(self.plots[0])
        self.plots[0].range_changed.connect(self._redraw)
        self.cursors = Cursors(self.plots)
        self.cursors.moved.connect(self._read)
        self._reader = QTimer(self)
        self._reader.setSingleShot(True)
        self._reader.setInterval(READ_MILLISECONDS)
        self._reader.timeout.connect(self._read)
        self.readings = QLabel()
        self.readings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.readings.setToolTip("What the cursors A and B read: of each curve, and of the horizontal lines")
        self.readings.hide()
        splitter = QSplitter(Qt.Orientation.Vertical)
        for plot in self.plots:
            splitter.addWidget(plot)
            if len(self.plots) > 1:
                plot.getAxis("left").setWidth(AXIS_PIXELS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.readings)
        self.setFocusProxy(self.plots[0])

    def draw(self, drawn: Drawing) -> None:
        """Draw the next curves."""
        self.drawn = drawn
        self._draw(drawn, fresh=True)
        if self.cursors.visible and not self._reader.isActive():
            self._reader.start()

    def draw_again(self, curves: Curves) -> None:
        """Draw curves that were made again of the last frame, for example in another unit."""
        self.drawn = drawing(curves, self.view)
        self._draw(self.drawn, fresh=False)
        self._read()

    def fit(self) -> None:
        """Show all of the curves, and go on doing so."""
        for plot in self.plots:
            plot.fit()

    def peak(self) -> None:
        """Move cursor A to the highest point that is seen of the first curve."""
        if self.drawn is not None:
            self.cursors.peak(self.drawn.curves)

    def show_lost(self, text: str, short: str) -> None:
        """Grey the curves, with `text` over the first plot and `short` over the others."""
        self.plots[0].show_lost(text)
        for plot in self.plots[1:]:
            plot.show_lost(short)

    def hide_lost(self) -> None:
        """Hide the texts; the curves stay grey until the next ones are drawn."""
        for plot in self.plots:
            plot.hide_lost()

    def _draw(self, drawn: Drawing, fresh: bool) -> None:
        curves = drawn.curves
        log = self._is_logarithmic(curves)
        extent = extent_of(curves.x, log)
        for plot, name, traces, lines in zip(self.plots, self._names, curves.plots, drawn.lines):
            before = plot.log
            plot.set_axes(curves.x_label, curves.x_unit, name, traces[0].unit, log)
            plot.draw([trace.label for trace in traces], lines, extent, fresh)
            if before != log:
                self.cursors.follow_axis()
        self.view = self.plots[0].view()

    def _redraw(self) -> None:
        """The user sees another part of the last curves, or the window has another size."""
        view = self.plots[0].view()
        if view == self.view:
            return
        self.view = view
        if self.drawn is not None:
            self._draw(drawing(self.drawn.curves, view), fresh=False)

    def _zoomed(self, *_: object) -> None:
        for plot in self.plots:
            plot.fitting = False

    def _read(self) -> None:
        drawn = self.drawn if self.cursors.visible else None
        if drawn is not None:
            self.readings.setText(as_table(self.cursors.read(drawn.curves)))
        self.readings.setVisible(drawn is not None)


def extent_of(x: np.ndarray, log: bool) -> tuple[float, float]:
    """The first and the last point of an abscissa that can be shown."""
    if log:
        x = x[np.searchsorted(x, 0.0, side="right") :]
    return (float(x[0]), float(x[-1])) if len(x) else (0.0, 1.0)
