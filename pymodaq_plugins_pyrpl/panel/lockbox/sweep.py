"""`SweepPlot`: what an input shows while the lockbox sweeps, with the curve of the lockbox's model on it."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from pyrpl_remote.lockbox_sweep import Sweep

from .. import theme


class SweepPlot(QWidget):
    """The last sweep of each input; one of them is shown. Signal: `chosen(input)`."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input = QComboBox()
        self.input.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.input.setToolTip("The input whose sweep is shown")
        self.input.currentTextChanged.connect(self._choose)
        self.fitted = QLabel()
        self.fitted.setToolTip("Where the model's curve fits the signal best, and how far the sweep goes")
        self.plot = pg.PlotWidget()
        self.plot.setToolTip("The sweep's signal, and the curve of the lockbox's model where it fits best")
        self.plot.setAccessibleName("Sweep")
        self.plot.addLegend(offset=(-10, 5))
        self.plot.showGrid(x=True, y=True, alpha=0.2)
        self.plot.setLabel("left", "", units="V")
        self.signal = self.plot.plot(name="signal", antialias=True)
        self.model = self.plot.plot(name="model", antialias=True)
        line = QHBoxLayout()
        label = QLabel("Sweep o&f:")
        label.setBuddy(self.input)
        line.addWidget(label)
        line.addWidget(self.input)
        line.addWidget(self.fitted, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(line)
        layout.addWidget(self.plot, 1)
        self._sweeps: dict[str, Sweep] = {}
        theme.theme().follow(self.plot)
        self.recolour()

    def set_inputs(self, names: tuple[str, ...]) -> None:
        """Offer these inputs."""
        if names == tuple(self.input.itemText(place) for place in range(self.input.count())):
            return
        before = self.input.currentText()
        self.input.blockSignals(True)
        self.input.clear()
        self.input.addItems(names)
        if before in names:
            self.input.setCurrentText(before)
        self.input.blockSignals(False)
        self._choose(self.input.currentText())

    def show_sweep(self, sweep: Sweep) -> None:
        """Keep a sweep, and show it if its input is the chosen one."""
        self._sweeps[sweep.input] = sweep
        if sweep.input == self.input.currentText():
            self._show(sweep)

    def say(self, text: str) -> None:
        """Say why there is no new sweep."""
        self.fitted.setText(text)

    def recolour(self, *_: Any) -> None:
        """Use the theme's present colours."""
        present = theme.colours()
        self.signal.setPen(pg.mkPen(present.curves[0], width=2))
        self.model.setPen(pg.mkPen(present.curves[1], width=3, style=Qt.PenStyle.DashLine))

    def _choose(self, name: str) -> None:
        sweep = self._sweeps.get(name)
        if sweep is None:
            self.signal.setData([], [])
            self.model.setData([], [])
            self.fitted.setText("")
        else:
            self._show(sweep)
        if name:
            self.chosen.emit(name)

    def _show(self, sweep: Sweep) -> None:
        self.signal.setData(sweep.volts, sweep.signal)
        self.model.setData(sweep.model_volts, sweep.model)
        self.plot.setLabel("bottom", sweep.output, units="V")
        if sweep.centre is None or sweep.per_volt is None:
            self.fitted.setText("the model does not fit: calibrate first")
        else:
            self.fitted.setText(
                f"model at {sweep.centre:.3f} V, {sweep.per_volt:.1f} {sweep.unit} per V of {sweep.output}"
            )
