"""`ModulesPage`: every module of a board, its attributes and its saved states."""

from __future__ import annotations

from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from .. import theme
from ..open_board import UP, OpenBoard
from ..page import Page
from . import texts
from .edits import Edits
from .model import ModulesModel
from .nodes import Node
from .states import States
from .tree import ModulesTree
from .updates import Updates

SEARCH_MILLISECONDS = 120
"""How long a pause in typing starts the search."""


class ModulesPage(Page):
    """The page "Modules" of an open board.

    Changes come as events. What PyRPL does not announce is read when its module is opened or shown again,
    after each edit of the module, and on F5.
    """

    title = "&Modules"

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(board, parent)
        self.model = ModulesModel(self)
        self.tree = ModulesTree(self.model)
        self.states = States(board)
        self.updates = Updates(board, self.model, self.tree)
        self.edits = Edits(board, self.model, self)
        self._search_timer = QTimer(self)
        self._search_timer.setSingleShot(True)
        self._search_timer.setInterval(SEARCH_MILLISECONDS)
        self._search_timer.timeout.connect(self._search)
        self._make_widgets()
        self._lay_out()
        self._connect()

    def _make_widgets(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search, as in: pid0 set   (Ctrl+F)")
        self.search.setAccessibleName("Search")
        self.search.setToolTip("Shows only what has these words in its name; Esc ends the search (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.refresh = QPushButton("Read a&gain")
        self.refresh.setToolTip("Read the modules that are open, and look for new ones (F5)")
        self.states_shown = QPushButton("Saved s&tates")
        self.states_shown.setCheckable(True)
        self.states_shown.setChecked(True)
        self.states_shown.setToolTip("Show or hide the saved states of the current module (Ctrl+T)")
        self.about = QTextBrowser()
        self.about.setAccessibleName("About the current row")
        self.about.setToolTip("What PyRPL says about the current row, and what became of the last edit")
        self._set_height()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(self.refresh)
        top.addWidget(self.states_shown)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tree, 1)
        column.addWidget(self.about)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self.states)
        splitter.setStretchFactor(0, 5)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        for keys, function in (
            (QKeySequence(QKeySequence.StandardKey.Find), self._begin_search),
            (QKeySequence("Ctrl+T"), self.states_shown.toggle),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(function)
        end = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.search)
        end.setContext(Qt.ShortcutContext.WidgetShortcut)
        end.activated.connect(self._end_search)
        self.search.textChanged.connect(self._search_timer.start)
        self.search.returnPressed.connect(self._to_found)
        self.refresh.clicked.connect(self.read_all)
        self.states_shown.toggled.connect(self.states.setVisible)
        self.tree.options_wanted.connect(lambda node: self.edits.ask_options(node, self.tree.edit_now))
        self.tree.entered.connect(self.edits.enter)
        self.tree.selected.connect(self._selected)
        self.states.loaded.connect(self.updates.read_inside)
        self.updates.changed.connect(self.states.changed)
        for shown in (self.updates.shown, self.edits.shown, theme.theme().changed):
            shown.connect(self._show_about)

    def open(self) -> None:
        """Read the modules, now and each time the board has come back."""
        self.updates.start()
        self.board.state_changed.connect(self._state_changed)
        self._state_changed(self.board.state)

    def close_page(self) -> None:
        """Stop what was to be done later."""
        self._search_timer.stop()
        self.updates.stop()

    def event(self, event: QEvent) -> bool:
        """Keep F5 from the window, which has it for the list of boards, while this page is used."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and _refreshes(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read the modules on F5."""
        if _refreshes(event):
            self.read_all()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Let the text about the current row have so many lines in any size of the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_height()

    def _set_height(self) -> None:
        self.about.setMaximumHeight(self.fontMetrics().height() * 7)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what PyRPL has not announced meanwhile."""
        super().showEvent(event)
        self.updates.read_opened()

    def read_all(self) -> None:
        """Look for the modules, and read those that are open. Remarks on earlier edits go."""
        for module in self.model.modules():
            for node in module.attributes:
                node.refusal = node.remark = ""
        self.updates.read_all()
        self.states.refresh()

    def _state_changed(self, state: str) -> None:
        if state == UP:
            self.read_all()

    def _selected(self, node: Node | None) -> None:
        self._show_about()
        self.states.show_module(node.module if node is not None else None)

    def _show_about(self) -> None:
        node, colours = self.tree.current(), theme.colours()
        text = texts.about(node, colours.muted, colours.bad) if node is not None else ""
        if text != self.about.property("shown"):
            self.about.setProperty("shown", text)
            self.about.setHtml(text)

    def _begin_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _search(self) -> None:
        self.tree.search(self.search.text())

    def _end_search(self) -> None:
        self.search.clear()
        self._to_found()

    def _to_found(self) -> None:
        self._search_timer.stop()
        self._search()
        self.tree.setFocus()


def _refreshes(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Refresh)
