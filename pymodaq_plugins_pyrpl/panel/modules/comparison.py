"""`Comparison`: what differs between two states of a module, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import QEvent, QTimer
from qtpy.QtGui import QColor, QFont
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from pyrpl_remote.schema import Attribute

from .. import theme
from ..open_board import OpenBoard
from . import texts
from .comparing import ABSENT, Setting, settings
from .nodes import ModuleNode

PRESENT = "present values"
"""The choice for the values that the module has now."""

AGAIN_MILLISECONDS = 400
"""How long changes are collected before the present values are compared again."""


def state_of(module: Any, name: str | None) -> Mapping[str, Any]:
    """The settings of a saved state, or the present ones for None. In the board's worker thread."""
    if name is None:
        present: Mapping[str, Any] = module.setup_attributes
        return present
    # PyRPL's own names for the root and the content of a branch
    section = module.c._root[f"{module.generic_name}_states"]  # noqa: SLF001
    saved: Mapping[str, Any] = section[name]._data  # noqa: SLF001
    return saved


class Comparison(QWidget):
    """Compares the present values of a module with a saved state, or two saved states."""

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._module: ModuleNode | None = None
        self._states: list[str] = []
        self._compared: list[Setting] = []
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MILLISECONDS)
        self._again.timeout.connect(self.compare)
        self._make_widgets()
        self._lay_out()
        self.first.activated.connect(lambda _: self.compare())
        self.second.activated.connect(lambda _: self.compare())
        # methods, which Qt disconnects with this widget
        self.everything.toggled.connect(self._fill)
        theme.theme().changed.connect(self._fill)

    def _make_widgets(self) -> None:
        self.first, self.second = QComboBox(), QComboBox()
        self.first.setToolTip("What is compared")
        self.second.setToolTip("What it is compared with")
        for box, name in ((self.first, "Compare"), (self.second, "Compare with")):
            box.setAccessibleName(name)
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.everything = QCheckBox("A&ll settings")
        self.everything.setToolTip("Show equal settings too; those that differ are marked")
        self.table = QTableWidget(0, 3)
        self.table.setToolTip("The settings that differ, or all of them.")
        self.table.setAccessibleName("Settings that differ")
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._set_height()
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)

    def _set_height(self) -> None:
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)

    def changeEvent(self, event: QEvent) -> None:
        """Let the rows follow the size of the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_height()

    def _lay_out(self) -> None:
        choice = QGridLayout()
        choice.addWidget(QLabel("Compare"), 0, 0)
        choice.addWidget(self.first, 0, 1)
        choice.addWidget(QLabel("with"), 1, 0)
        choice.addWidget(self.second, 1, 1)
        choice.setColumnStretch(1, 1)
        below = QHBoxLayout()
        below.addWidget(self.verdict, 1)
        below.addWidget(self.everything)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(choice)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)

    def show_states(self, module: ModuleNode | None, names: list[str], chosen: str) -> None:
        """Offer the states `names` of a module, and compare.

        The present values are compared with the state `chosen`, unless others are chosen already.
        """
        same = self._module is not None and module is not None and self._module.path == module.path
        self._module, self._states = module, names
        for box in (self.first, self.second):
            before = box.currentText() if same else ""
            box.clear()
            box.addItems([PRESENT, *names])
            box.setCurrentIndex(max(box.findText(before), 0))
        if self.second.currentIndex() == self.first.currentIndex():
            self.second.setCurrentText(chosen)
        self.compare()

    def choose(self, state: str) -> None:
        """Compare with this state."""
        if self.second.findText(state) >= 0 and self.second.currentText() != state:
            self.second.setCurrentText(state)
            self.compare()

    def present_changed(self) -> None:
        """The module's present values have changed: compare again, soon."""
        chosen = (self.first.currentText(), self.second.currentText())
        if self._states and PRESENT in chosen and not self._again.isActive():
            self._again.start()

    def compare(self) -> None:
        """Compare what is chosen, and show what differs."""
        module = self._module
        if module is None or not self._states:
            self._show([], "No state is saved." if module is not None else "")
            return
        texts_of = (self.first.currentText(), self.second.currentText())
        chosen = [None if text == PRESENT else text for text in texts_of]

        def both(_: Any) -> list[Setting]:
            return settings(*(state_of(module.proxy, name) for name in chosen))

        def show(compared: list[Setting]) -> None:
            still = self._module is not None and module.path == self._module.path
            if still and texts_of == (self.first.currentText(), self.second.currentText()):
                differing = sum(one.differs for one in compared)
                some = f"{differing} of {len(compared)} settings differ"
                self._show(compared, some if differing else f"All {len(compared)} settings are equal")

        self._board.ask(both, show)

    def _show(self, compared: list[Setting], verdict: str) -> None:
        self._compared = compared
        self.verdict.setText(verdict)
        self._fill()

    def _fill(self, *_: object) -> None:
        rows = [one for one in self._compared if one.differs or self.everything.isChecked()]
        titles = [box.currentText() for box in (self.first, self.second)]
        self.table.setHorizontalHeaderLabels(["Setting", *titles])
        self.table.setRowCount(len(rows))
        bold, mark = QFont(), QColor(theme.colours().bad)
        bold.setBold(True)
        for row, one in enumerate(rows):
            values = [self._text(one.name, value) for value in (one.first, one.second)]
            for column, text in enumerate((one.name, *values)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if one.differs:
                    item.setFont(bold)
                    if column:
                        item.setForeground(mark)
                self.table.setItem(row, column, item)

    def _text(self, name: str, value: Any) -> str:
        if value is ABSENT:
            return "absent"
        known = self._module.kind.attributes.get(name) if self._module is not None else None
        return texts.shown(known or Attribute(name), value)
