"""`BoardList`: all boards of the lab, below the host that has them, each with its state."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QBrush, QColor, QKeyEvent
from qtpy.QtWidgets import QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from .. import theme
from ..parts import label
from .watch import ANNOUNCED, LabWatch, Seen

HERE, NETWORK = "This machine", "On the network"
"""The titles of the boards of this machine, and of Red Pitayas that nobody serves."""

KEY = Qt.ItemDataRole.UserRole


class BoardList(QWidget):
    """The list. `chosen(key)`: another board is selected; `opened(key)`: Enter, or a double click."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, watch: LabWatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watch = watch
        self.tree = _Tree()
        self.tree.setHeaderLabels(["Board", "State"])
        self.tree.setToolTip("All boards of the lab: Enter or a double click opens one")
        self.tree.setAccessibleName("Boards")
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.problems = label(tip="What could not be asked")
        self.problems.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.problems)
        self._groups: dict[str, QTreeWidgetItem] = {}
        self._items: dict[tuple[str, str], QTreeWidgetItem] = {}
        self.tree.currentItemChanged.connect(lambda *_: self.chosen.emit(self.current))
        self.tree.itemActivated.connect(lambda item, _: self._open(item))
        watch.looked.connect(self.show_boards)
        theme.theme().changed.connect(self.show_boards)

    @property
    def current(self) -> tuple[str, str] | None:
        """The key of the board that is selected, None if none is."""
        item = self.tree.currentItem()
        return None if item is None else item.data(0, KEY)

    def choose(self, key: tuple[str, str]) -> None:
        """Select a board, if it is shown."""
        if key in self._items:
            self.tree.setCurrentItem(self._items[key])

    def show_boards(self) -> None:
        """Show the boards as they were seen last."""
        boards = self._watch.boards
        for key in [key for key in self._items if key not in boards]:
            item = self._items.pop(key)
            item.parent().removeChild(item)
        first = not self._items
        for one in boards.values():
            self._show(one)
        for title, group in list(self._groups.items()):
            if group.childCount() == 0:
                self.tree.takeTopLevelItem(self.tree.indexOfTopLevelItem(group))
                del self._groups[title]
        texts = [f"{host}: {text}" if host else text for host, text in self._watch.problems.items()]
        self.problems.setText("\n".join(texts))
        self.problems.setVisible(bool(texts))
        if first and self._items:
            self.tree.setCurrentItem(next(iter(self._items.values())))

    def _show(self, one: Seen) -> None:
        item = self._items.get(one.key)
        title = NETWORK if one.kind == ANNOUNCED else one.on or HERE
        if item is not None and item.parent() is not self._groups.get(title):
            selected = self.tree.currentItem() is item
            item.parent().removeChild(item)
            self._group(title).addChild(item)
            if selected:
                self.tree.setCurrentItem(item)
        elif item is None:
            item = self._items[one.key] = QTreeWidgetItem([one.name, ""])
            item.setData(0, KEY, one.key)
            self._group(title).addChild(item)
        present = theme.colours()
        colour = {"up": present.good, "not started": present.muted, "on the network": present.muted}.get(
            one.state, present.busy if one.state in ("asked", "reconnecting", "ending") else present.bad
        )
        number = len(one.status.clients) if one.status is not None else 0
        clients = "" if number == 0 else ", 1 client" if number == 1 else f", {number} clients"
        item.setText(1, one.state + (clients if one.state == "up" else ""))
        item.setForeground(1, QBrush(QColor(colour)))
        tip = one.reason or (one.address and f"a Red Pitaya at {one.address}")
        item.setToolTip(0, tip)
        item.setToolTip(1, tip)
        self.tree.resizeColumnToContents(0)

    def _group(self, title: str) -> QTreeWidgetItem:
        if title not in self._groups:
            group = self._groups[title] = QTreeWidgetItem([title])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = group.font(0)
            font.setBold(True)
            group.setFont(0, font)
            place = 0 if title == HERE else self.tree.topLevelItemCount()
            self.tree.insertTopLevelItem(place, group)
            group.setFirstColumnSpanned(True)
            group.setExpanded(True)
        return self._groups[title]

    def _open(self, item: QTreeWidgetItem) -> None:
        if item.data(0, KEY) is not None:
            self.opened.emit(item.data(0, KEY))


class _Tree(QTreeWidget):
    """A tree in which Enter opens the selected item on every desktop."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:
            self.itemActivated.emit(self.currentItem(), 0)
        else:
            super().keyPressEvent(event)
