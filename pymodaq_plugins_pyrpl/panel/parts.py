"""Small parts that several pages are made of: buttons with a tooltip, tables, a question in the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)


def button(text: str, tip: str, pressed: Callable[[], object]) -> QPushButton:
    """A button; `text` has "&" before the letter of its shortcut."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAutoDefault(True)  # Enter presses the one that has the focus
    made.clicked.connect(lambda: pressed())
    return made


def label(text: str = "", tip: str = "") -> QLabel:
    """A text that wraps, and can be selected and copied."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    made.setToolTip(tip)
    return made


class Message(QLabel):
    """What came of an action, beside its button; it takes no place while it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setToolTip("What came of it")
        self.hide()

    def say(self, text: str, colour: str = "") -> None:
        """Show a text, "" for none, in a colour such as "#c62828"."""
        self.setStyleSheet(f"color: {colour}" if colour else "")
        self.setText(text)
        self.setVisible(bool(text))


class Table(QTableWidget):
    """A table that is only read; its rows are replaced as a whole, and the selection remains."""

    def __init__(self, columns: Sequence[str], tip: str) -> None:
        super().__init__(0, len(columns))
        self.setHorizontalHeaderLabels(list(columns))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)  # Tab leads to the next widget
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.verticalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.resizeColumnsToContents()
        self._shown: list[tuple[str, ...]] = []

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these rows."""
        wanted = [tuple(row) for row in rows]
        if wanted == self._shown:
            return
        resize = len(wanted) != len(self._shown)
        self._shown = wanted
        self.setRowCount(len(wanted))
        for number, row in enumerate(wanted):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(number, column, item)
        if resize:
            self.resizeColumnsToContents()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows that are shown."""
        return self._shown


class Question(QWidget):
    """A question in the page, with a button for each answer; it is hidden while nothing is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.text = label(tip="What is asked before something is done")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.text, 1)
        self._buttons: list[QPushButton] = []
        self.hide()

    def ask(self, text: str, answer: str, tip: str, yes: Callable[[], object]) -> None:
        """Ask; `yes()` is called if the button `answer` is pressed. An earlier question is withdrawn."""
        self.withdraw()
        self.text.setText(text)
        no = button("&No", "Do nothing", self.withdraw)
        for one in (button(answer, tip, lambda: self._answered(yes)), no):
            self._buttons.append(one)
            self._row.addWidget(one, 0, Qt.AlignmentFlag.AlignTop)
        self.show()
        no.setFocus()

    def withdraw(self) -> None:
        """Ask nothing any more."""
        self.hide()
        for one in self._buttons:
            one.setParent(None)
            one.deleteLater()  # not at once: it may be the one that is being pressed
        self._buttons = []

    def _answered(self, yes: Callable[[], object]) -> None:
        self.withdraw()
        yes()
