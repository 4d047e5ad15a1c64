"""`BoardTab`: an open board, with its state and its pages; a page asks nothing before it is shown."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTabWidget, QVBoxLayout, QWidget

from . import theme
from .open_board import CONNECTING, FAILED, UP, OpenBoard
from .page import Page
from .pages import page_classes


class BoardTab(QWidget):
    """The pages of an open board, below a line that says when it cannot be used."""

    closed = Signal()

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.board = board
        self._opened: set[Page] = set()
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setToolTip("The state of the link to this board")
        self.retry = QPushButton("Try &again")
        self.retry.setToolTip("Connect to this board again")
        self.retry.clicked.connect(board.retry)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.pages = [kind(board) for kind in page_classes()]
        for page in self.pages:
            self.tabs.addTab(page, page.title)
        self.tabs.currentChanged.connect(self._open_page)
        line = QHBoxLayout()
        line.addWidget(self.state, 1)
        line.addWidget(self.retry)
        layout = QVBoxLayout(self)
        layout.addLayout(line)
        layout.addWidget(self.tabs, 1)
        board.state_changed.connect(self._show_state)
        theme.theme().changed.connect(self._recolour)
        self._show_state(board.state, board.reason)
        self._open_page(self.tabs.currentIndex())

    def page(self, title: str) -> Page:
        """The page with this title, which it shows. Raises KeyError."""
        for number, page in enumerate(self.pages):
            if page.title.replace("&", "") == title:
                self.tabs.setCurrentIndex(number)
                return page
        raise KeyError(title)

    def close_board(self) -> None:
        """Let the pages free what they hold, and end the session."""
        for page in self._opened:
            page.close_page()
        self.board.close()
        self.closed.emit()

    def _open_page(self, number: int) -> None:
        page = self.tabs.widget(number)
        if isinstance(page, Page) and page not in self._opened:
            self._opened.add(page)
            page.open()

    def _recolour(self, _: object) -> None:
        self._show_state(self.board.state, self.board.reason)

    def _show_state(self, state: str, reason: str) -> None:
        text = f"{state}: {reason}" if reason else state
        self.state.setText(text)
        present = theme.colours()
        colour = {UP: present.good, CONNECTING: present.busy}.get(state, present.bad)
        self.state.setStyleSheet(f"color: {colour}")
        self.retry.setVisible(state == FAILED)
        self.state.setVisible(state != UP or bool(reason))
