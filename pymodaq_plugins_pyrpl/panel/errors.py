"""`ErrorBar`: the last error with its remedy, below the window's contents; the earlier ones on a click.

Errors never open a window: a board that does not answer causes many, while its user works on another one.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QListWidget, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from . import theme

MOST_ERRORS = 200
"""How many errors are kept."""

log = logging.getLogger(__name__)


@dataclass
class Shown:
    """An error: what failed, what to do about it, when it happened last, and how often in succession."""

    message: str
    remedy: str
    time: float
    count: int = 1

    def lines(self) -> str:
        """The error as the history shows it."""
        when = time.strftime("%H:%M:%S", time.localtime(self.time))
        often = f" ({self.count} times)" if self.count > 1 else ""
        return f"{when}  {self.message}{often}" + (f"\n          → {self.remedy}" if self.remedy else "")


class ErrorBar(QWidget):
    """Shows errors; it is hidden while there are none. An error that repeats itself is counted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("errors")
        self.history: list[Shown] = []
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._text.setAccessibleName("Last error")
        self._text.setToolTip("The last error, and what to do about it")
        self._earlier = QToolButton()
        self._earlier.setText("&History")
        self._earlier.setCheckable(True)
        self._earlier.setToolTip("Show the earlier errors")
        self._dismiss = QToolButton()
        self._dismiss.setText("&Dismiss")
        self._dismiss.setToolTip("Hide this error; it remains in the history")
        self._list = QListWidget()
        self._list.setAccessibleName("Earlier errors")
        self._list.setToolTip("All errors, the newest first")
        self._list.setWordWrap(True)
        self._list.setMaximumHeight(self.fontMetrics().height() * 10)
        self._list.hide()
        for button in (self._earlier, self._dismiss):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout()
        row.addWidget(self._text)
        row.addWidget(self._earlier, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._dismiss, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addLayout(row)
        layout.addWidget(self._list)
        self._earlier.toggled.connect(self._list.setVisible)
        self._dismiss.clicked.connect(self.hide)
        self.hide()
        theme.theme().changed.connect(self._colour)
        self._colour(theme.colours())

    @property
    def text(self) -> str:
        """The error that is shown, "" if none is."""
        return "" if self.isHidden() else self._text.text()

    def report(self, error: BaseException) -> None:
        """Show `error`, whose remedy is shown too if it is one of pyrpl_remote."""
        log.warning("%s", error, exc_info=error)
        message = getattr(error, "message", "") or str(error) or type(error).__name__
        self.say(message, getattr(error, "remedy", "") or getattr(error, "where", ""))

    def say(self, message: str, remedy: str = "") -> None:
        """Show that something failed, and what to do about it."""
        last = self.history[0] if self.history else None
        if last is not None and (last.message, last.remedy) == (message, remedy):
            last.count, last.time = last.count + 1, time.time()
            self._list.item(0).setText(last.lines())
        else:
            self.history.insert(0, Shown(message, remedy, time.time()))
            self._list.insertItem(0, self.history[0].lines())
            while len(self.history) > MOST_ERRORS:
                self.history.pop()
                self._list.takeItem(self._list.count() - 1)
        self._text.setText(f"{message}\n→ {remedy}" if remedy else message)
        self.show()

    def show_history(self) -> None:
        """Show the errors, also if the last one was dismissed."""
        self.show()
        self._earlier.setChecked(True)
        self._list.setFocus()

    def _colour(self, colours: theme.Colours) -> None:
        style = f"#errors {{ background: {colours.error_background}; }} QLabel {{ color: {colours.text}; }}"
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(style)
