"""`LogView`: the log of a board's daemon, followed, and filtered by level."""

from __future__ import annotations

import re
import threading
from collections import deque
from functools import partial

from qtpy.QtGui import QFontDatabase
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from pyrpl_remote import lab

from ..background import Background, Failed

MOST_LINES = 5000
"""How many lines are kept."""

FIRST_LINES = 500
"""How many lines are read first."""

LEVELS = ("INFO", "WARNING", "ERROR", "CRITICAL")
"""The levels of a log, the least important first."""

_LEVEL = re.compile(rf"^[^\[]*\[.*?\] ({'|'.join(('DEBUG', *LEVELS))}) ")
"""The level in a line such as "2026-01-31 12:00:00,000 [board lab] INFO pyrpl_remote: ..."."""


class LogView(QWidget):
    """Follows the log of one board at a time, also of one whose daemon has ended."""

    def __init__(self, failed: Failed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._failed = failed
        self._board: tuple[str, str] | None = None
        self._background: Background | None = None
        self._ended = threading.Event()
        self._lines: deque[tuple[int, str]] = deque(maxlen=MOST_LINES)
        self._level_before = 0
        self._rest = ""
        self.level = QComboBox()
        self.level.addItems(["All lines", "Warnings and errors", "Errors only"])
        self.level.setToolTip("Which lines of the log are shown")
        self.follow = QCheckBox("&Follow")
        self.follow.setToolTip("Scroll to new lines as they come")
        self.follow.setChecked(True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(MOST_LINES)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setToolTip("The log of the board's daemon")
        self.text.setTabChangesFocus(True)
        caption = QLabel("S&how:")
        caption.setBuddy(self.level)
        row = QHBoxLayout()
        row.addWidget(caption)
        row.addWidget(self.level)
        row.addWidget(self.follow)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.text, 1)
        self.level.currentIndexChanged.connect(lambda _: self._show_again())

    def show_log(self, board: str, on: str) -> None:
        """Show the log of a board; `on`: the paired host that has it, "" for this machine."""
        if self._board == (board, on):
            return
        self.end()
        self._board = (board, on)
        background = self._background = Background(f"panel log of {board}", self._failed)
        ended = self._ended = threading.Event()

        def read() -> None:
            for text in lab.log(board, on, FIRST_LINES, follow=True):
                if ended.is_set():
                    return
                if text:
                    background.post(partial(self._add, text))

        background.call_beside(read)

    def end(self) -> None:
        """Follow no log any more, and show nothing."""
        self._ended.set()
        if self._background is not None:
            self._background.close()
        self._board, self._background = None, None
        self._lines.clear()
        self._rest, self._level_before = "", 0
        self.text.clear()

    def _add(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        added = [(self._level_of(line), line) for line in lines]
        self._lines.extend(added)
        self._append(added)

    def _level_of(self, line: str) -> int:
        """The level's place in LEVELS; a line without one, as of a traceback, has that of the line before."""
        found = _LEVEL.match(line)
        if found is not None:
            self._level_before = LEVELS.index(found[1]) if found[1] in LEVELS else 0
        return self._level_before

    def _append(self, lines: list[tuple[int, str]]) -> None:
        least = self.level.currentIndex()
        shown = [line for level, line in lines if level >= least]
        if not shown:
            return
        bar = self.text.verticalScrollBar()
        place = bar.value()
        self.text.appendPlainText("\n".join(shown))
        bar.setValue(bar.maximum() if self.follow.isChecked() else place)

    def _show_again(self) -> None:
        self.text.clear()
        self._append(list(self._lines))
