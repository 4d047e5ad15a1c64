"""`ModulesTree`: the tree of modules and attributes, for mouse and keyboard."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, QModelIndex, Qt, QTimer, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from .editors import ValueDelegate
from .found import FoundRows
from .model import CHANGED, LIMITS, NAME, NODE, VALUE, ModulesModel, editable, is_switch
from .nodes import AttributeNode, ModuleNode, Node, StageNode, attribute_of

CHOICES = ("select", "filter")
"""The kinds of attributes whose options depend on other settings: they are asked for when one is edited."""


class ModulesTree(QTreeView):
    """The tree.

    `opened(ModuleNode)`: its attributes have come into view. `options_wanted(AttributeNode)`: the board is
    to be asked for its options, then `edit_now`. `entered(node, value)`: text or option for an attribute or
    a stage. `selected(node)`: the current row.
    """

    opened = Signal(object)
    options_wanted = Signal(object)
    entered = Signal(object, object)
    selected = Signal(object)

    def __init__(self, model: ModulesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._modules = model
        # Qt is not done with a change of rows when it tells of it
        self._report = QTimer(self)
        self._report.setSingleShot(True)
        self._report.timeout.connect(self._tell_current)
        self.rows = FoundRows(self)
        self.rows.setSourceModel(model)
        self.setModel(self.rows)
        self._delegate = ValueDelegate(self)
        self.setItemDelegate(self._delegate)
        self._delegate.entered.connect(self.entered)
        model.toggled.connect(self.entered)
        self.setAccessibleName("Modules")
        self.setToolTip("Enter or F2 edits a value; F5 reads all again.")
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.expanded.connect(self._expanded)
        self.doubleClicked.connect(self.begin)
        self._open_before: set[str] | None = None
        self._layout_columns()

    def _layout_columns(self) -> None:
        letter = self.fontMetrics().averageCharWidth()
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, letters in ((NAME, 32), (VALUE, 22), (LIMITS, 21), (CHANGED, 30)):
            header.resizeSection(column, letters * letter)

    def changeEvent(self, event: QEvent) -> None:
        """Let the columns follow the size of the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._layout_columns()

    # what is open and current, across changes of the model

    def show_found(self, show: Any) -> None:
        """Call `show()`, which resets the model, and keep what is open, current and in view."""
        opened, current = self._open_paths(), self._path_of(self.currentIndex())
        scrolled = self.verticalScrollBar().value()
        first = self._modules.root is None
        show()
        self._open({"rp"} if first else opened)
        self.select_path(current)
        self.verticalScrollBar().setValue(scrolled)

    def _path_of(self, index: QModelIndex) -> str:
        node = index.data(NODE)
        return node.parent.path if isinstance(node, StageNode) else node.path if node is not None else ""

    def _open_paths(self) -> set[str]:
        return {node.path for node in self._modules.modules() if self.isExpanded(self._index(node))}

    def _open(self, paths: set[str]) -> None:
        for node in self._modules.modules():
            if node.path in paths:
                self.expand(self._index(node))

    def _index(self, node: Node, column: int = NAME) -> QModelIndex:
        return self.rows.mapFromSource(self._modules.index_of(node, column))

    def select_path(self, path: str) -> None:
        """Make the module or attribute at `path` the current row, if it is in the tree."""
        node: Node | None = self._modules.module(path) or self._modules.find(*_split(path))
        if path and node is not None:
            self.select(node)

    def select(self, node: Node) -> None:
        """Make a row the current one, and show it."""
        index = self._index(node)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def current(self) -> Node | None:
        """The current row."""
        node: Node | None = self.currentIndex().data(NODE)
        return node

    def opened_modules(self) -> list[ModuleNode]:
        """The modules whose attributes are in view, or were."""
        return [node for node in self._modules.modules() if self.isExpanded(self._index(node))]

    def search(self, text: str) -> None:
        """Show only what has the words of `text` in its path; everything for ""."""
        current = self._path_of(self.currentIndex())
        if text.strip() and self._open_before is None:
            self._open_before = self._open_paths()
        self.rows.search(text)
        if text.strip():
            for index in self.rows.to_open():
                self.expand(index)
        elif self._open_before is not None:
            self.collapseAll()
            self._open(self._open_before)
            self._open_before = None
        self.select_path(current)
        if not self.currentIndex().isValid() and self.rows.rowCount():
            self.setCurrentIndex(self._first_found())

    def _first_found(self) -> QModelIndex:
        index = self.rows.index(0, NAME)
        while self.isExpanded(index) and self.rows.rowCount(index):
            index = self.rows.index(0, NAME, index)
        return index

    def _expanded(self, index: QModelIndex) -> None:
        node = index.data(NODE)
        if isinstance(node, ModuleNode):
            self.opened.emit(node)

    # editing

    def begin(self, index: QModelIndex) -> None:
        """Edit the attribute at `index`, switch a switch, or open a module."""
        node = index.data(NODE)
        if isinstance(node, ModuleNode):
            self.setExpanded(index.siblingAtColumn(NAME), not self.isExpanded(index.siblingAtColumn(NAME)))
        elif not editable(node):
            return
        elif is_switch(node):
            self.entered.emit(node, not node.value)
        elif attribute_of(node).attribute.kind in CHOICES:
            self.options_wanted.emit(attribute_of(node))
        else:
            self.edit(index.siblingAtColumn(VALUE))

    def edit_now(self, attribute: AttributeNode) -> None:
        """Open the editor of an attribute whose options have come, unless another row is current by now."""
        index = self.currentIndex()
        node = index.data(NODE)
        if node is not None and attribute_of(node) is attribute and editable(node):
            self.edit(index.siblingAtColumn(VALUE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, F2 and the space bar edit."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2, Qt.Key.Key_Space)
        # an editor passes on the Enter that ends it
        editing = self.state() == QAbstractItemView.State.EditingState
        plain = not event.modifiers() & ~_KEYPAD
        if event.key() in keys and plain and self.currentIndex().isValid() and not editing:
            self.begin(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Report the current row."""
        super().currentChanged(current, previous)
        self._report.start()

    def _tell_current(self) -> None:
        self.selected.emit(self.current())


_KEYPAD = Qt.KeyboardModifier.KeypadModifier


def _split(path: str) -> tuple[str, str]:
    module, _, name = path.rpartition(".")
    return module, name
