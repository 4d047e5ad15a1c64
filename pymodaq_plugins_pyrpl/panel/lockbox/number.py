"""`Number`: a box for a number, with as many digits as it needs."""

from __future__ import annotations

from qtpy.QtWidgets import QDoubleSpinBox, QWidget


class Number(QDoubleSpinBox):
    """A number between two limits, taken when it is complete: by Enter, a step, or leaving the box."""

    def __init__(self, low: float, high: float, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(6)
        self.setRange(low, high)
        self.setSingleStep(0.1)
        self.setKeyboardTracking(False)
        self.setToolTip(tip)

    def textFromValue(self, value: float) -> str:
        """The number without the zeros at its end."""
        return f"{value:.6g}"

    def show_value(self, value: float) -> None:
        """Show a value that somebody else has set; what the user is typing stays."""
        if not self.hasFocus():
            self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(False)
