"""`PanelWindow`: the boards at the left, the open ones in tabs, errors below."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QAction, QCloseEvent, QKeySequence
from qtpy.QtWidgets import QDockWidget, QMainWindow, QMenu, QTabBar, QTabWidget, QVBoxLayout, QWidget

from . import theme
from .board_tab import BoardTab
from .boards.board_list import BoardList
from .boards.page import BoardsPage
from .boards.watch import LabWatch
from .errors import ErrorBar
from .lab.page import LabPage
from .open_board import OpenBoard

FIXED = 2
"""How many tabs are no open boards: the selected board, and the lab."""


class PanelWindow(QMainWindow):
    """One window with all boards of a lab. It has a session with those boards only that are open in it."""

    def __init__(self, look: theme.Look | None = None, embedded: bool = False) -> None:
        """`look` is that of the whole program, if it is the panel's own; `embedded`: in another window."""
        super().__init__()
        if embedded:
            self.setWindowFlags(Qt.WindowType.Widget)
        self.setWindowTitle("PyRPL")
        self.setObjectName("panel")
        self._boards: dict[str, BoardTab] = {}
        self.errors = ErrorBar()
        self.watch = LabWatch(self.errors.report, self)
        self.list = BoardList(self.watch)
        self.overview = BoardsPage(self.watch, self, self.errors.report)
        self.lab = LabPage(self.errors.report)
        self.tabs = self._tabs()
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.errors)
        self.setCentralWidget(centre)
        dock = QDockWidget("Boards", self)
        dock.setObjectName("boards")
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        dock.setWidget(self.list)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        self.resizeDocks([dock], [self.fontMetrics().averageCharWidth() * 42], Qt.Orientation.Horizontal)
        self._add_menus(look, embedded)
        self.list.chosen.connect(self.overview.choose)
        self.list.opened.connect(self.overview.open_board)
        self.list.tree.itemClicked.connect(lambda *_: self.tabs.setCurrentWidget(self.overview))
        self.resize(1200, 740)
        self.list.tree.setFocus()
        self.watch.look()

    def open_board(self, name: str, **parameters: Any) -> BoardTab:
        """Show a board, and begin a session with it unless it is open already.

        `name` and `parameters` are as for `connect`; it is started if no daemon serves it.
        """
        tab = self._boards.get(name)
        if tab is None:
            board = OpenBoard(name, parameters, self.errors.report, parent=self)
            tab = self._boards[name] = BoardTab(board)
            self.tabs.addTab(tab, name.replace("&", "&&"))
            board.connected.connect(self.watch.look)
        self.tabs.setCurrentWidget(tab)
        return tab

    def close_board(self, name: str) -> None:
        """End the session with a board, which goes on with its other clients."""
        tab = self._boards.pop(name)
        self.tabs.removeTab(self.tabs.indexOf(tab))
        tab.close_board()
        tab.deleteLater()

    @property
    def open_boards(self) -> list[str]:
        """The names of the boards that are open."""
        return list(self._boards)

    def close_all(self) -> None:
        """End all sessions, and look no more."""
        for name in self.open_boards:
            self.close_board(name)
        self.watch.close()
        self.overview.close_page()
        self.lab.close_page()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End all sessions."""
        self.close_all()
        super().closeEvent(event)

    def _tabs(self) -> QTabWidget:
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.setTabsClosable(True)
        tabs.addTab(self.overview, "Boards")
        tabs.setTabToolTip(0, "The board that is selected in the list")
        tabs.addTab(self.lab, "Lab")
        tabs.setTabToolTip(1, "The hosts of the lab, and its configuration")
        for number in range(FIXED):
            for side in (QTabBar.ButtonPosition.LeftSide, QTabBar.ButtonPosition.RightSide):
                tabs.tabBar().setTabButton(number, side, None)
        tabs.tabCloseRequested.connect(self._close_tab)
        tabs.currentChanged.connect(self._shown)
        return tabs

    def _add_menus(self, look: theme.Look | None, embedded: bool) -> None:
        def add(menu: QMenu, title: str, tip: str, keys: str, function: Callable[[], object]) -> None:
            action = QAction(title, self)
            action.setToolTip(tip)
            action.setStatusTip(tip)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda: function())
            menu.addAction(action)

        panel: Any = self.menuBar().addMenu("&Panel")
        view: Any = self.menuBar().addMenu("&View")
        add(panel, "&Look again", "Ask all boards and hosts now", "F5", self.watch.look)
        add(panel, "&Close board", "End the session with this board", "Ctrl+W", self._close_current)
        add(panel, "Show &errors", "Show all errors since the start", "Ctrl+E", self.errors.show_history)
        if not embedded:
            add(panel, "&Quit", "Close the panel; the boards go on", "Ctrl+Q", self.close)
        add(view, "List of &boards", "Go to the list of boards", "Ctrl+L", self.list.tree.setFocus)
        add(view, "&Next tab", "Show the next tab", "Ctrl+PgDown", lambda: self._step(1))
        add(view, "&Previous tab", "Show the tab before", "Ctrl+PgUp", lambda: self._step(-1))
        if look is not None:
            view.addSeparator()
            for title, choice in (
                ("As the &desktop", theme.AS_DESKTOP),
                ("&Light", theme.LIGHT),
                ("D&ark", theme.DARK),
            ):
                add(view, title, f"Colours: {choice}", "", partial(look.choose, choice))

    def _step(self, by: int) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % self.tabs.count())

    def _shown(self, number: int) -> None:
        if self.tabs.widget(number) is self.lab:
            self.lab.open()

    def _close_current(self) -> None:
        self._close_tab(self.tabs.currentIndex())

    def _close_tab(self, number: int) -> None:
        tab = self.tabs.widget(number)
        if isinstance(tab, BoardTab):
            self.close_board(tab.board.name)
