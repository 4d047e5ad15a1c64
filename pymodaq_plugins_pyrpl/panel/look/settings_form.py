"""`SettingsForm`: the settings of a module that one needs at hand, in groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QWidget

from pyrpl_remote.schema import Attribute

from .editors import Editor, editor_for


@dataclass(frozen=True)
class Group:
    """Some settings below each other: their names and what they are called.

    `units`: of settings for which PyRPL declares none.
    """

    title: str
    names: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)


class SettingsForm(QScrollArea):
    """Editors of a module's settings. Signal: `edited(name, value)`, its user has entered another value."""

    edited = Signal(str, object)

    def __init__(self, groups: Iterable[Group], own: Mapping[str, QWidget] | None = None):
        """`own`: widgets of the page's own, by the name that stands beside them, in the first group."""
        super().__init__()
        self._groups = tuple(groups)
        self.editors: dict[str, Editor] = {}
        self._own = dict(own or {})
        self._inside = QWidget()
        self._form = QFormLayout(self._inside)
        self._form.setContentsMargins(8, 2, 8, 4)
        self._form.setVerticalSpacing(4)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._inside.installEventFilter(self)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def names(self) -> list[str]:
        """The names of all settings."""
        return [name for group in self._groups for name in group.names]

    def build(self, attributes: Mapping[str, Attribute], options: Mapping[str, list[Any]]) -> None:
        """Make the editors, of what the board declares; a second time they get other options only."""
        if not self.editors:
            for group in self._groups:
                self._add_title(group.title)
                if group is self._groups[0]:
                    for title, widget in self._own.items():
                        self._form.addRow(title, widget)
                for name, title in group.names.items():
                    unit = group.units.get(name, attributes[name].unit)
                    self._add(name, title, replace(attributes[name], unit=unit))
        for name, values in options.items():
            self.editors[name].show_options(values)

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show the board's values."""
        for name, value in values.items():
            if name in self.editors:
                self.editors[name].show_value(value)

    def show_rows(self, visible: Mapping[str, bool]) -> None:
        """Show or hide settings, by their names."""
        for name, wanted in visible.items():
            if name in self.editors:
                self._form.setRowVisible(self.editors[name], wanted)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # Qt's name
        """Let the wheel scroll the form where it would change a value that has no focus; keep the width."""
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest:
            width = self._inside.sizeHint().width() + self.verticalScrollBar().sizeHint().width()
            if width != self.width():
                self.setFixedWidth(width)
            return False
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False

    def _add_title(self, text: str) -> None:
        label = QLabel(text)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        self._form.addRow(label)

    def _add(self, name: str, title: str, attribute: Attribute) -> None:
        editor = self.editors[name] = editor_for(attribute)
        editor.edited.connect(lambda value: self.edited.emit(name, value))
        editor.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.widget.installEventFilter(self)
        label = QLabel(title)
        label.setBuddy(editor.widget)
        label.setToolTip(editor.toolTip())
        self._form.addRow(label, editor)
