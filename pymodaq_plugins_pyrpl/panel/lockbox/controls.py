"""`Controls`: the lockbox's state, the buttons sweep, calibrate, lock and unlock, and its set point."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...hardware.instruments.lockbox import BUTTONS, LOCKED, state_text
from .. import theme
from .number import Number
from .seen import Seen

ORDER = ("sweep", "calibrate", "lock", "unlock")
"""The buttons, as they are used one after the other."""

LETTERS = {"sweep": "&Sweep", "calibrate": "&Calibrate", "lock": "&Lock", "unlock": "&Unlock"}
"""The labels, with the letters of their shortcuts."""


class Controls(QWidget):
    """Shows the state, and says what the user wants.

    Signals: `pressed(name of a button)`, `setpoint_wanted(value)`.
    """

    pressed = Signal(str)
    setpoint_wanted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = QLabel("…")
        self.state.setObjectName("state")
        self.state.setToolTip("The state of the lockbox")
        self.state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        font = self.state.font()
        font.setPointSizeF(1.6 * font.pointSizeF())
        font.setBold(True)
        self.state.setFont(font)
        self.detail = QLabel()
        self.detail.setToolTip("The lockbox's class; the end of the last request")
        self.detail.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.detail.setWordWrap(True)
        self.buttons = {}
        grid = QGridLayout()
        for place, name in enumerate(ORDER):
            button = QPushButton(LETTERS[name])
            button.setToolTip(f"{BUTTONS[name][1]} (Alt+{name[0].upper()})")
            button.clicked.connect(lambda _=False, name=name: self.pressed.emit(name))
            self.buttons[name] = button
            grid.addWidget(button, 0, place)
        # PyRPL's limits of a stage's set point
        tip = "Set point of the last stage; while it is locked, the loop follows at once"
        self.setpoint = Number(-1e6, 1e6, tip)
        self.setpoint.valueChanged.connect(self.setpoint_wanted)
        self._unit = QLabel()
        label = QLabel("Set po&int:")
        label.setBuddy(self.setpoint)
        grid.addWidget(label, 1, 0)
        grid.addWidget(self.setpoint, 1, 1, 1, 2)
        grid.addWidget(self._unit, 1, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.state)
        layout.addWidget(self.detail)
        layout.addLayout(grid)
        self._shown: tuple[object, bool] | None = None

    def show_seen(self, seen: Seen) -> None:
        """Show everything."""
        self.say(seen.classname)
        self._unit.setText(seen.unit)
        self.setpoint.setEnabled(bool(seen.stages))
        if seen.stages:
            self.setpoint.show_value(seen.stages[-1].setpoint)
        self.show_state(seen.state, seen.status)

    def show_state(self, state: object, status: bool) -> None:
        """Show PyRPL's `current_state` and `lock_status`."""
        self._shown = state, status
        self.state.setText(state_text(state, status))
        present = theme.colours()
        colour = present.busy
        if state == LOCKED:
            colour = present.good if status else present.bad
        elif state == "unlock":
            colour = present.muted
        self.state.setStyleSheet(f"color: {colour}")

    def recolour(self) -> None:
        """Use the theme's present colours."""
        if self._shown is not None:
            self.show_state(*self._shown)

    def say(self, text: str) -> None:
        """Show what the last request came to."""
        self.detail.setText(text)
