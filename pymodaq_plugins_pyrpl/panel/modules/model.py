"""`ModulesModel`: Qt's model of the tree, made from what was found on the board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qtpy.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, Signal
from qtpy.QtGui import QColor, QFont

from pyrpl_remote import Change

from .. import theme
from ..open_board import made_here
from . import texts
from .board_side import Found, Values
from .nodes import UNREAD, AttributeNode, ModuleNode, Node, StageNode, shown_attributes

NAME, VALUE, LIMITS, CHANGED = range(4)
BOARD = QModelIndex()
"""The index of the board itself, which is above all rows."""

HEADINGS = ("Name", "Value", "Limits", "Last change")
HINTS = (
    "Modules of the board, and their attributes",
    "Enter or F2 edits it; numbers may have units, as in 3 kHz",
    "What PyRPL accepts",
    "Who has changed it last while this page was open, and when",
)

NODE: int = Qt.ItemDataRole.UserRole.value
"""The role of an index's Node."""


class ModulesModel(QAbstractItemModel):
    """The modules of a board with their attributes.

    `toggled(node, value)`: a check box was clicked; the model waits for what the board has then.
    """

    toggled = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root: ModuleNode | None = None
        self._kept: dict[int, Node] = {}
        self._modules: dict[str, ModuleNode] = {}
        self._colours = theme.colours()
        theme.theme().changed.connect(self._recolour)

    # what the board has

    def show(self, found: Found) -> None:
        """Show these modules; those that were there before keep their values."""
        before = list(self._modules.values())
        self.beginResetModel()
        self._modules = {}
        self.root = self._node(None, found, before)
        self.endResetModel()

    def _node(self, parent: ModuleNode | None, found: Found, before: list[ModuleNode]) -> ModuleNode:
        node = ModuleNode(parent, found.path, found.proxy, found.kind, found.owner)
        # the proxy of an element of a list refers to the same element when its index changes
        same = next((old for old in before if old.proxy == found.proxy and old.kind == found.kind), None)
        inside = [self._node(node, one, before) for one in found.inside]
        if same is None:
            attributes = [AttributeNode(node, attribute) for attribute in shown_attributes(found.kind)]
        else:
            node.read = same.read
            attributes = same.attributes
            for attribute in attributes:
                attribute.parent = node
        node.children = [*attributes, *inside] if found.path else inside
        self._modules[found.path] = node
        return node

    def module(self, path: str) -> ModuleNode | None:
        """The row of the module at `path`."""
        return self._modules.get(path)

    def modules(self) -> list[ModuleNode]:
        """The rows of all modules."""
        return list(self._modules.values())

    def find(self, path: str, name: str) -> AttributeNode | None:
        """The row of an attribute."""
        module = self._modules.get(path)
        return next((one for one in module.attributes if one.name == name), None) if module else None

    def show_values(self, module: ModuleNode, found: Values) -> None:
        """Show what was read of a module."""
        if self._modules.get(module.path) is not module:
            return
        for node in module.attributes:
            if node.name in found.errors:
                node.unreadable = f"cannot be read: {found.errors[node.name]}"
            elif node.name in found.values:
                node.unreadable = ""
                self._set(node, found.values[node.name])
        self._set_owner(module, found.owner)
        self.changed(module)

    def show_owners(self, found: Found) -> None:
        """Show who owns the modules, which are those that are shown."""
        for one in found.walk():
            module = self._modules[one.path]
            self._set_owner(module, one.owner)
            self.changed(module)

    def apply(self, changes: Iterable[Change]) -> tuple[list[AttributeNode], bool]:
        """Show changes; returns the attributes that must be read again, and whether a module is not known."""
        again: list[AttributeNode] = []
        unknown = False
        touched: dict[ModuleNode, None] = {}
        for change in changes:
            module = self._modules.get(change.module)
            if module is None:
                unknown = True
                continue
            if change.name == "owner":
                self._set_owner(module, change.value)
                touched[module] = None
                continue
            node = self.find(change.module, change.name)
            if node is None:
                continue
            node.who, node.time = change.who, change.time
            # that of an edit made here came with its reply, which may be faster than the event
            if not made_here(change.who):
                node.remark = ""
            if node.attribute.kind in ("filter", "list"):
                again.append(node)  # PyRPL announces what it was asked for, not what it has made of it
            else:
                self._set(node, change.value)
            self.changed(node)
        for module in touched:
            self.changed(module)
        return again, unknown

    def _set(self, node: AttributeNode, value: Any) -> None:
        node.value = value
        stages = len(value) if node.attribute.kind == "filter" and isinstance(value, list) else 0
        stages = stages if stages > 1 else 0
        if stages == len(node.children):
            return
        index, before = self.index_of(node), node.children
        if before:  # Qt refers to these rows until they are removed
            self.beginRemoveRows(index, 0, len(before) - 1)
            node.children = []
            self.endRemoveRows()
        if stages:
            self.beginInsertRows(index, 0, stages - 1)
            node.children = [StageNode(node, number) for number in range(stages)]
            self.endInsertRows()

    def _set_owner(self, module: ModuleNode, owner: Any) -> None:
        module.owner = str(owner) if owner else None

    def changed(self, node: Node) -> None:
        """A row has changed, with those below it except other modules."""
        if self._modules.get(node.module.path) is not node.module:
            return  # it was replaced since
        index = self.index_of(node)
        self.dataChanged.emit(index, index.siblingAtColumn(CHANGED))
        rows = [child for child in node.children if not isinstance(child, ModuleNode)]
        if rows:
            first, last = self.index_of(rows[0]), self.index_of(rows[-1])
            self.dataChanged.emit(first, last.siblingAtColumn(CHANGED))
            for child in rows:
                if child.children:
                    self.changed(child)

    # Qt's model

    def index_of(self, node: Node, column: int = NAME) -> QModelIndex:
        """The index of a row."""
        return QModelIndex() if node is self.root else self._make_index(node.row, column, node)

    def _make_index(self, row: int, column: int, node: Node) -> QModelIndex:
        # an index, which Qt may keep for longer than the row, has the address of the node only
        self._kept[id(node)] = node
        return self.createIndex(row, column, node)

    def node(self, index: QModelIndex) -> Any:
        """The row at an index, None for the board itself."""
        return index.internalPointer() if index.isValid() else self.root

    def index(self, row: int, column: int, parent: QModelIndex = BOARD) -> QModelIndex:
        """The index of a child."""
        above = self.node(parent)
        if above is None or not (0 <= row < len(above.children) and 0 <= column < len(HEADINGS)):
            return QModelIndex()
        return self._make_index(row, column, above.children[row])

    def parent(self, index: QModelIndex = BOARD) -> Any:
        """The index of the row above."""
        node = self.node(index)
        if node is None or node is self.root or node.parent is self.root or node.parent is None:
            return QModelIndex()
        return self.index_of(node.parent)

    def rowCount(self, parent: QModelIndex = BOARD) -> int:
        """The number of children."""
        node = self.node(parent)
        return 0 if node is None or parent.column() > NAME else len(node.children)

    def columnCount(self, parent: QModelIndex = BOARD) -> int:
        """The number of columns."""
        return len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings, and what they mean."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return HINTS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """What can be done with a cell."""
        flags = super().flags(index)
        node = self.node(index)
        if index.column() == VALUE and isinstance(node, (AttributeNode, StageNode)) and editable(node):
            flags |= Qt.ItemFlag.ItemIsUserCheckable if is_switch(node) else Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is shown."""
        node = self.node(index)
        if role == NODE:
            return node
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(node, index.column())
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == VALUE and is_switch(node):
            return Qt.CheckState.Checked if node.value else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return texts.about(node, self._colours.muted, self._colours.bad)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(node, index.column())
        if role == Qt.ItemDataRole.FontRole and isinstance(node, AttributeNode) and node.writing:
            font = QFont()
            font.setItalic(True)
            return font
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A check box was clicked. Other values are entered through the tree."""
        node = self.node(index)
        if role != Qt.ItemDataRole.CheckStateRole or not is_switch(node) or not editable(node):
            return False
        self.toggled.emit(node, not node.value)
        return False  # the board may refuse it

    def _text(self, node: Any, column: int) -> str:
        if isinstance(node, ModuleNode):
            owned = f"in use by {node.owner}" if node.owner else ""
            return (node.name, owned, node.kind.name, "")[column]
        if isinstance(node, StageNode):
            value = texts.shown(node.parent.attribute, node.value)
            return (f"stage {node.number + 1}", value, "", "")[column]
        if column == VALUE:
            return texts.shown(node.attribute, node.value)
        return (node.name, "", texts.limits(node.attribute), texts.changed(node))[column]

    def _colour(self, node: Any, column: int) -> QColor | None:
        if isinstance(node, AttributeNode) and column == CHANGED and node.bad:
            return QColor(self._colours.bad)
        if isinstance(node, AttributeNode) and column == CHANGED and node.remark:
            return QColor(self._colours.busy)
        if column in (LIMITS, CHANGED) or (column == VALUE and not editable(node)):
            return QColor(self._colours.muted)
        return None

    def _recolour(self, colours: theme.Colours) -> None:
        self._colours = colours
        if self.rowCount():
            self.dataChanged.emit(self.index(0, NAME), self.index(self.rowCount() - 1, CHANGED))


def is_switch(node: Any) -> bool:
    """Whether a row is shown with a check box."""
    return (
        isinstance(node, AttributeNode)
        and node.attribute.kind == "bool"
        and node.attribute.options is None
        and isinstance(node.value, bool)
    )


def editable(node: Any) -> bool:
    """Whether a row can be edited now."""
    if isinstance(node, StageNode):
        return editable(node.parent)
    return isinstance(node, AttributeNode) and not node.locked and node.value is not UNREAD
