"""`PanelWindow`: the boards at the left, the open ones in tabs, errors below."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QAction, QCloseEvent, QKeySequence
from qtpy.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from .board_tab import BoardTab
from .errors import ErrorBar
from .open_board import OpenBoard


class PanelWindow(QMainWindow):
    """One window with all boards of a lab. It has a session with those boards only that are open in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("PyRPL")
        self.setObjectName("panel")
        self.errors = ErrorBar()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.tabCloseRequested.connect(self._close_tab)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.errors)
        self.setCentralWidget(centre)
        self.status = self.statusBar()
        self._boards: dict[str, BoardTab] = {}
        self._add_menus()
        self.resize(1200, 740)

    def open_board(self, name: str, **parameters: Any) -> BoardTab:
        """Show a board, and begin a session with it unless it is open already.

        `name` and `parameters` are as for `connect`; it is started if no daemon serves it.
        """
        tab = self._boards.get(name)
        if tab is None:
            board = OpenBoard(name, parameters, self.errors.report, parent=self)
            tab = self._boards[name] = BoardTab(board)
            self.tabs.addTab(tab, name)
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

    def closeEvent(self, event: QCloseEvent) -> None:
        """End all sessions."""
        for name in self.open_boards:
            self.close_board(name)
        super().closeEvent(event)

    def add_dock(self, title: str, widget: QWidget) -> QDockWidget:
        """Add a widget at the left."""
        dock = QDockWidget(title, self)
        dock.setObjectName(title)
        dock.setWidget(widget)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        return dock

    def _add_menus(self) -> None:
        menu = self.menuBar().addMenu("&Panel")
        for title, tip, keys, function in (
            ("&Close board", "End the session with the board that is shown", "Ctrl+W", self._close_current),
            ("Show &errors", "Show all errors since the start", "Ctrl+E", self.errors.show_history),
            ("&Quit", "Close the panel; the boards go on", "Ctrl+Q", self.close),
        ):
            action = QAction(title, self)
            action.setToolTip(tip)
            action.setStatusTip(tip)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _=False, function=function: function())
            menu.addAction(action)

    def _close_current(self) -> None:
        self._close_tab(self.tabs.currentIndex())

    def _close_tab(self, number: int) -> None:
        tab = self.tabs.widget(number)
        if isinstance(tab, BoardTab):
            self.close_board(tab.board.name)
