"""`BoardTab`: an open board, with its state and its pages; a page asks nothing before it is shown."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from pyrpl_remote.errors import BoardTaken

from . import theme
from .open_board import CONNECTING, FAILED, UP, OpenBoard
from .page import Page
from .pages import page_classes
from .parts import Question, button, label


class BoardTab(QWidget):
    """The pages of an open board, below a line that says when it cannot be used."""

    closed = Signal()

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.board = board
        self._opened: set[Page] = set()
        self.state = label(tip="The state of the link to this board")
        self.retry = button("Try a&gain", "Connect to this board again", board.retry)
        self.take = button("Ta&ke over…", "Take the board from the program that uses it", self._ask_take)
        self.question = Question()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.pages = [kind(board) for kind in page_classes()]
        for page in self.pages:
            self.tabs.addTab(page, page.title)
        self.tabs.currentChanged.connect(self._open_page)
        line = QHBoxLayout()
        line.addWidget(self.state, 1)
        line.addWidget(self.take)
        line.addWidget(self.retry)
        layout = QVBoxLayout(self)
        layout.addLayout(line)
        layout.addWidget(self.question)
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

    def take_over(self) -> None:
        """Take the board from the program that uses it."""
        if self.board.state == FAILED:
            self.board.retry(take_over=True)
        else:
            self.board.ask_long(lambda p: p.take_over())

    def restore_gateware(self) -> None:
        """Load PyRPL's gateware again."""
        self.board.ask_long(lambda p: p.restore_gateware())

    def _ask_take(self) -> None:
        self.question.ask(
            f"{self.board.reason}. Take the board? The connection of that program ends.",
            "T&ake it",
            "End the other program's connection, and use the board",
            self.take_over,
        )

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
        taken = state == "taken" or (state == FAILED and isinstance(self.board.error, BoardTaken))
        self.take.setVisible(taken)
        if not taken:
            self.question.withdraw()
        self.state.setVisible(state != UP or bool(reason))
