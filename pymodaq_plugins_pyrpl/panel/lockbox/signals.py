"""`Signals`: the lockbox's inputs and outputs over the last half minute."""

from __future__ import annotations

import itertools
import time
from collections import deque
from typing import Any

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from .. import theme
from ..open_board import UP, OpenBoard

SECONDS = 30.0
"""How much is shown."""

LOOK_MILLISECONDS = 100
"""How often the signals are read, while they are shown."""


class Signals(QWidget):
    """Reads single samples, which disturb nobody, while it is shown."""

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._asking = False
        self._signals: dict[str, str] = {}
        self._times: deque[float] = deque(maxlen=round(1.5 * SECONDS * 1000 / LOOK_MILLISECONDS))
        self._values: dict[str, deque[float]] = {}
        self._curves: dict[str, pg.PlotDataItem] = {}
        self.names = QLabel()
        self.names.setToolTip("The colours of the signals")
        self.plot = pg.PlotWidget()
        self.plot.setToolTip("Single samples of the lockbox's inputs and outputs, now at the right")
        self.plot.setAccessibleName("Signals")
        self.plot.showGrid(x=True, y=True, alpha=0.2)
        self.plot.setLabel("left", "", units="V")
        self.plot.getAxis("bottom").setLabel(units="s")
        self.plot.setXRange(-SECONDS, 0, padding=0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.names)
        layout.addWidget(self.plot, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        theme.theme().follow(self.plot)

    def set_signals(self, signals: dict[str, str]) -> None:
        """Show these signals of the sampler, by their names in the lockbox."""
        if signals == self._signals:
            return
        self._signals = signals
        self.plot.clear()
        self._times.clear()
        self._values = {name: deque(maxlen=self._times.maxlen) for name in signals}
        self._curves = {name: self.plot.plot(name=name) for name in signals}
        self.recolour()

    def last(self, name: str) -> float | None:
        """The last sample of the input or output `name`, in V."""
        values = self._values.get(name)
        return values[-1] if values else None

    def recolour(self, *_: Any) -> None:
        """Use the theme's present colours."""
        colours = dict(zip(self._curves, itertools.cycle(theme.colours().curves)))
        for name, curve in self._curves.items():
            curve.setPen(pg.mkPen(colours[name], width=2))
        legend = (f'<span style="color:{colour}">━</span> {name}' for name, colour in colours.items())
        self.names.setText("  ".join(legend))

    def showEvent(self, event: Any) -> None:
        """Read from now on."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: Any) -> None:
        """Read no longer."""
        super().hideEvent(event)
        self._timer.stop()

    def _look(self) -> None:
        if self._asking or not self._signals or self._board.state != UP:
            return
        self._asking = True
        wanted = dict(self._signals)

        def read(p: Any) -> dict[str, float]:
            # an input of another class may have a signal that the sampler has not
            seen = p.rp.sampler.snapshot(*set(wanted.values()))
            return {name: seen[signal] for name, signal in wanted.items()}

        self._board.ask(read, self._show, self._failed)

    def _failed(self, _: Exception) -> None:
        self._asking = False  # the state of the link says why

    def _show(self, seen: dict[str, float]) -> None:
        self._asking = False
        if seen.keys() != self._values.keys():
            return
        now = time.monotonic()
        self._times.append(now)
        ages = np.array(self._times) - now
        for name, value in seen.items():
            self._values[name].append(value)
            self._curves[name].setData(ages, np.array(self._values[name]))
