"""Editors of settings, made of what PyRPL declares: type, limits, step, unit, options, documentation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QWidget

from pyrpl_remote.schema import Attribute

from .readings import shown


class Editor(QWidget):
    """The editor of one attribute. Signal: `edited(value)`, its user has entered another value."""

    edited = Signal(object)

    def __init__(self, attribute: Attribute, widget: QWidget):
        super().__init__()
        self.attribute = attribute
        self.widget = widget
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        policy = widget.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Expanding)
        widget.setSizePolicy(policy)
        layout.addWidget(widget)
        self.setFocusProxy(widget)
        tip = " ".join(attribute.doc.split())
        limits = attribute.limits()
        tips = "\n".join(filter(None, [tip or attribute.name, limits and f"{limits} {attribute.unit}"]))
        self.setToolTip(tips)
        widget.setToolTip(tips)
        widget.setAccessibleName(attribute.name.replace("_", " "))

    def show_value(self, value: Any) -> None:
        """Show the board's value; `edited` is not emitted. Each kind of editor has its own."""

    def show_options(self, options: list[Any]) -> None:
        """Offer these values, where there is a choice."""


class Choice(Editor):
    """One of some values; numbers have their unit."""

    def __init__(self, attribute: Attribute):
        self._box = QComboBox()
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.setMinimumContentsLength(9)
        super().__init__(attribute, self._box)
        self._values: list[Any] = []
        self._box.activated.connect(lambda number: self.edited.emit(self._values[number]))
        self.show_options(list(attribute.options or []))

    def show_options(self, options: list[Any]) -> None:
        """Offer these values."""
        if options == self._values:
            return
        value = self._values[self._box.currentIndex()] if self._box.currentIndex() >= 0 else None
        self._values = options
        with QSignalBlocker(self._box):
            self._box.clear()
            self._box.addItems([self._text(option) for option in options])
        if value is not None:
            self.show_value(value)

    def show_value(self, value: Any) -> None:
        """Choose the value; one that is no option, as PyRPL may have it, is added."""
        value = first_of(value)
        number = self._number_of(value)
        if number is None:
            self._values = [*self._values, value]
            number = len(self._values) - 1
            with QSignalBlocker(self._box):
                self._box.addItem(self._text(value))
        with QSignalBlocker(self._box):
            self._box.setCurrentIndex(number)

    def _number_of(self, value: Any) -> int | None:
        for number, option in enumerate(self._values):
            if option == value or (isinstance(value, float) and np.isclose(option, value, rtol=1e-9, atol=0)):
                return number
        return None

    def _text(self, option: Any) -> str:
        if isinstance(option, float) or (isinstance(option, int) and self.attribute.unit):
            return shown(float(option), self.attribute.unit)
        return str(option).replace("_", " ")


class Number(Editor):
    """A number within PyRPL's limits; "10k" is 10,000, the arrow keys change it."""

    def __init__(self, attribute: Attribute):
        whole = attribute.kind == "int"
        bounds = [None if limit is None else (int(limit) if whole else limit) for limit in _limits(attribute)]
        options: dict[str, Any] = (
            {"step": 1} if whole else {"step": 0.1, "dec": True, "minStep": _least(attribute)}
        )
        self._box = pg.SpinBox(
            value=bounds[0] or 0,
            bounds=bounds,
            int=whole,
            siPrefix=not whole,
            suffix=attribute.unit,
            decimals=7,
            compactHeight=False,
            **options,
        )
        self._box.setMinimumWidth(self._box.fontMetrics().averageCharWidth() * 13)
        super().__init__(attribute, self._box)
        self._shown: float | None = None
        self._box.sigValueChanged.connect(self._changed)

    def show_value(self, value: Any) -> None:
        """Show the board's value, unless its user is just typing another one."""
        value = first_of(value)
        self._shown = value
        if not (self._box.hasFocus() and self._box.lineEdit().isModified()):
            with QSignalBlocker(self._box):
                self._box.setValue(value)

    def _changed(self, box: pg.SpinBox) -> None:
        value = int(box.value()) if self.attribute.kind == "int" else float(box.value())
        if value != self._shown:
            self.edited.emit(value)


class Switch(Editor):
    """On or off."""

    def __init__(self, attribute: Attribute):
        self._box = QCheckBox()
        super().__init__(attribute, self._box)
        self._box.clicked.connect(lambda on: self.edited.emit(bool(on)))

    def show_value(self, value: Any) -> None:
        """Show the board's value."""
        self._box.setChecked(bool(value))


class Text(Editor):
    """A text."""

    def __init__(self, attribute: Attribute):
        self._line = QLineEdit()
        super().__init__(attribute, self._line)
        self._line.editingFinished.connect(self._finished)

    def show_value(self, value: Any) -> None:
        """Show the board's value, unless its user is just typing another one."""
        if not self._line.isModified():
            self._line.setText(str(value))

    def _finished(self) -> None:
        if self._line.isModified():
            self._line.setModified(False)
            self.edited.emit(self._line.text())


def editor_for(attribute: Attribute) -> Editor:
    """The editor of an attribute of this kind."""
    kinds = {"select": Choice, "filter": Choice, "float": Number, "int": Number, "bool": Switch}
    return kinds.get(attribute.kind, Text)(attribute)


def first_of(value: Any) -> Any:
    """The value; the first one where PyRPL has a list of one, as for some filters."""
    if isinstance(value, list | tuple | np.ndarray):
        value = value[0] if len(value) else 0
    return value.item() if isinstance(value, np.generic) else value


def _limits(attribute: Attribute) -> tuple[Any, Any]:
    return attribute.minimum, attribute.maximum


def _least(attribute: Attribute) -> float:
    """The smallest step of the arrow keys."""
    return float(attribute.increment or 1e-9)
