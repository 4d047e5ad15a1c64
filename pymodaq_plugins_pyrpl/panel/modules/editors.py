"""An editor for each kind of attribute: numbers with units, choices, texts. Switches are check boxes."""

from __future__ import annotations

import math
from typing import Any

from qtpy.QtCore import QAbstractItemModel, QEvent, QModelIndex, QSize, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QPalette, QValidator
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from pyrpl_remote.errors import BadValue
from pyrpl_remote.schema import Attribute

from .. import theme
from . import texts
from .entry import entered
from .model import NODE
from .nodes import StageNode, attribute_of


class NumberEdit(QAbstractSpinBox):
    """The editor of a number: any text with a unit and its prefix; the arrow keys change it by PyRPL's step.

    A text that would be refused is red, with the reason as tooltip.
    """

    def __init__(self, attribute: Attribute, value: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._attribute = attribute
        self.setFrame(False)
        self.lineEdit().setText(texts.exact(attribute, value))
        self.lineEdit().textChanged.connect(self._check)

    def number(self) -> Any:
        """The number that the text means. Raises BadValue."""
        return entered(self._attribute, self.text(), [], None)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """The arrows work always."""
        return (
            QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        )

    def stepBy(self, steps: int) -> None:
        """Change the number by some steps, within the limits."""
        try:
            present = entered(self._attribute, self.text(), [], None)
        except BadValue:
            return
        value = present + steps * (self._attribute.increment or self._own_step(present))
        if self._attribute.minimum is not None:
            value = max(value, self._attribute.minimum)
        if self._attribute.maximum is not None:
            value = min(value, self._attribute.maximum)
        self.lineEdit().setText(texts.exact(self._attribute, value))
        self.selectAll()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed: what is refused must not vanish."""
        return QValidator.State.Acceptable, text, position

    def _own_step(self, value: float) -> float:
        """A step where PyRPL has none: one of the second digit."""
        return 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1

    def _check(self) -> None:
        try:
            self.number()
            colour, reason = theme.colours().text, ""
        except BadValue as error:
            colour, reason = theme.colours().bad, error.message
        palette = self.lineEdit().palette()
        palette.setColor(QPalette.ColorRole.Text, QColor(colour))
        self.lineEdit().setPalette(palette)
        self.lineEdit().setToolTip(reason)


class ValueDelegate(QStyledItemDelegate):
    """Makes the editors. `entered(node, text or option)`: a value was entered that is not the one shown."""

    entered = Signal(object, object)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget:
        """The editor of an attribute, with its present value."""
        node = index.data(NODE)
        edited = attribute_of(node)
        attribute, offered = edited.attribute, edited.offered
        single = isinstance(node, StageNode) or not isinstance(node.value, list)
        editor: QWidget
        if offered and single and attribute.kind in ("select", "filter", "bool"):
            editor = self._choice(attribute, offered, node.value, parent)
        elif attribute.kind in ("float", "int") and isinstance(node.value, (int, float)):
            editor = NumberEdit(attribute, node.value, parent)
        else:
            editor = QLineEdit(texts.exact(attribute, node.value), parent)
            editor.setFrame(False)
        editor.setAutoFillBackground(True)
        editor.setToolTip(index.data(Qt.ItemDataRole.ToolTipRole))
        editor.setAccessibleName(node.words)
        return editor

    def _choice(self, attribute: Attribute, options: list[Any], value: Any, parent: QWidget) -> QComboBox:
        box = QComboBox(parent)
        for option in options if value in options else [value, *options]:
            box.addItem(texts.shown(attribute, option), [option])  # in a list: None is an option too
        box.setCurrentIndex(next(i for i in range(box.count()) if box.itemData(i)[0] == value))
        box.activated.connect(lambda _: self._finish(box))
        QTimer.singleShot(0, box.showPopup)
        return box

    def _finish(self, editor: QWidget) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:
        """Leave the editor as it is: a change by somebody else must not replace what is being typed."""
        if not editor.property("begun"):
            editor.setProperty("begun", True)
            if isinstance(editor, (QLineEdit, NumberEdit)):
                editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex) -> None:
        """Report what was entered, if it is not what is shown anyway."""
        node = index.data(NODE)
        if isinstance(editor, QComboBox):
            option = editor.currentData()[0]
            if option != node.value:
                self.entered.emit(node, option)
            return
        text = editor.text() if isinstance(editor, (QLineEdit, NumberEdit)) else ""
        if text != texts.exact(node.attribute, node.value):
            self.entered.emit(node, text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """High enough for the editors."""
        size = super().sizeHint(option, index)
        size.setHeight(max(size.height(), option.fontMetrics.height() + 10))
        return size

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw check boxes that are seen on a dark background too: styles draw their frame in this colour."""
        super().initStyleOption(option, index)
        option.palette.setColor(QPalette.ColorRole.Window, QColor(theme.colours().muted))

    def eventFilter(self, editor: Any, event: QEvent) -> bool:
        """Keep a choice open while its list is open, which takes the focus."""
        if (
            isinstance(editor, QComboBox)
            and event.type() == QEvent.Type.FocusOut
            and editor.view().isVisible()
        ):
            return False
        return super().eventFilter(editor, event)
