"""`Stages`: the sequence of a lockbox as a table, the present stage marked; its cells can be edited."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ...hardware.instruments.lockbox import LOCKED
from .number import Number
from .seen import Seen

COLUMNS = {
    "input": ("Input", "The input that the stage locks to"),
    "setpoint": ("Set point", "Set point of the stage, in the lockbox's unit"),
    "gain_factor": ("Gain", "Factor to the gain of the outputs while the stage is executed"),
    "duration": ("Seconds", "How long the stage is executed before the next one"),
}
"""The attributes of a stage, each with its title and tip."""

LEAST = {"duration": 0.0}
"""Lowest values other than PyRPL's -1e6."""

MARK = "▶"
"""Marks the present stage."""


class Stages(QTableWidget):
    """The stages, one a row. Signal: `edited(number of the stage, attribute, value)`."""

    edited = Signal(int, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        for column, (title, tip) in enumerate(COLUMNS.values()):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(column, item)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)  # Tab leads from cell to cell, and on
        self.setToolTip("The stages of the lock; ▶ is the present one")
        self.setAccessibleName("Stages")
        self._inputs: tuple[str, ...] = ()

    def show_seen(self, seen: Seen) -> None:
        """Show the stages; a cell that is being edited keeps its text."""
        if self.rowCount() != len(seen.stages) or self._inputs != seen.inputs:
            self._make_cells(len(seen.stages), seen.inputs)
        for row, stage in enumerate(seen.stages):
            for column, name in enumerate(COLUMNS):
                cell = self.cellWidget(row, column)
                if isinstance(cell, QComboBox) and not cell.hasFocus():
                    cell.setCurrentText(stage.input)
                elif isinstance(cell, Number):
                    cell.show_value(getattr(stage, name))
        self.show_state(seen.state)

    def show_state(self, state: object) -> None:
        """Mark the present stage: that of a number, the last one of a lock."""
        present = self.rowCount() - 1 if state == LOCKED else state
        for row in range(self.rowCount()):
            item = QTableWidgetItem(f"{MARK} {row}" if row == present else str(row))
            item.setToolTip("The present stage" if row == present else "A stage")
            self.setVerticalHeaderItem(row, item)

    def _make_cells(self, rows: int, inputs: tuple[str, ...]) -> None:
        self._inputs = inputs
        self.setRowCount(0)
        self.setRowCount(rows)
        for row in range(rows):
            for column, (name, (_, tip)) in enumerate(COLUMNS.items()):
                self.setCellWidget(row, column, self._cell(row, name, tip, inputs))
        self.resizeRowsToContents()
        # all rows of a usual sequence are seen without scrolling
        height = self.horizontalHeader().sizeHint().height() + sum(map(self.rowHeight, range(min(rows, 5))))
        self.setFixedHeight(height + 2 * self.frameWidth())

    def _cell(self, row: int, name: str, tip: str, inputs: tuple[str, ...]) -> QWidget:
        if name == "input":
            choice = QComboBox()
            choice.addItems(inputs)
            choice.setToolTip(tip)
            choice.textActivated.connect(lambda text: self.edited.emit(row, name, text))
            return choice
        number = Number(LEAST.get(name, -1e6), 1e6, tip)
        number.setButtonSymbols(Number.ButtonSymbols.NoButtons)
        number.valueChanged.connect(lambda value: self.edited.emit(row, name, value))
        return number
