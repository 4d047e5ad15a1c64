"""The entries of the lab's configuration as the panel shows them, and `Field`, the editor of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from pyrpl_remote import lab
from pyrpl_remote.errors import PyrplRemoteError

from .. import theme
from ..parts import Message


@dataclass(frozen=True)
class Entry:
    """An entry: its name in the file, how it is called here, what it is for, and what holds without it.

    `numeric`: its value is a number; `choices`: the values that it may have, each with its text.
    """

    key: str
    caption: str
    tip: str
    default: str
    numeric: bool = False
    choices: tuple[tuple[str, str], ...] = ()


GATEWARE = Entry(
    "gateware",
    "Other &gateware:",
    "What a daemon does where another gateware has replaced PyRPL's",
    "say so",
    choices=(("say", "say so"), ("restore", "load PyRPL's again")),
)

COMMON = (
    Entry("grace", "&Grace (s):", "How long a daemon waits after its last client", "10", numeric=True),
    GATEWARE,
)

BOARD = (
    Entry("hostname", "&Hostname:", "Its hostname or address, or `virtual`", "as in PyRPL's own file"),
    Entry("sshport", "SSH p&ort:", "The port for SSH", "22", numeric=True),
    Entry("port", "Re&gister port:", "The port for register access", "2222", numeric=True),
    Entry("user", "&User:", "The user for SSH; PyRPL keeps the password in its own file", "root"),
    Entry("plant", "&Plant:", "What stands between a virtual board's outputs and inputs", "loopback"),
    Entry("on", "On h&ost:", "The paired machine that has the board", "this machine"),
    Entry("grace", "Gra&ce (s):", "How long its daemon waits for a client", "as for all", numeric=True),
    Entry("metrics", "&Metrics port:", "The port where its daemon answers Prometheus", "none", numeric=True),
    GATEWARE,
)

PLUGINS = (
    Entry("board", "&Board:", "The board that a new plugin begins with", "virtual"),
    Entry("limit", "&Time limit (s):", "How long init waits for a board, 0 for ever", "55", numeric=True),
    Entry(
        "at_init",
        "At &init:",
        "What init does with the board's settings",
        "read the board",
        choices=(("read the board", "read the board"), ("push the tree", "push the tree")),
    ),
)


class Field(QWidget):
    """An editor of one entry; what is wrong with it is said below it. `edited()`: a person has changed it."""

    edited = Signal()

    def __init__(self, section: str, entry: Entry) -> None:
        super().__init__()
        self.section, self.entry = section, entry
        self.problem = Message()
        self.line: QLineEdit | None = None
        self.choice: QComboBox | None = None
        editor: QWidget
        if entry.choices:
            editor = self.choice = QComboBox()
            self.choice.addItem(f"default: {entry.default}", None)
            for value, text in entry.choices:
                self.choice.addItem(text, value)
            self.choice.activated.connect(lambda _: self.edited.emit())
        else:
            editor = self.line = QLineEdit()
            self.line.setPlaceholderText(entry.default)
            self.line.textEdited.connect(lambda _: self.edited.emit())
        editor.setToolTip(entry.tip)
        editor.setAccessibleName(entry.caption.replace("&", "").rstrip(":"))
        self.setFocusProxy(editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(editor)
        layout.addWidget(self.problem)

    def show_value(self, value: Any) -> None:
        """Show a value, None for the default."""
        if self.choice is not None:
            self.choice.setCurrentIndex(max(0, self.choice.findData(value)))
        elif self.line is not None:
            self.line.setText(
                "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
            )
        self.problem.say("")

    def value(self) -> Any:
        """The value, checked; None for the default. Raises PyrplRemoteError, and says so below the editor."""
        value = self.choice.currentData() if self.choice is not None else self._typed()
        try:
            checked = None if value in (None, "") else lab.check(self.section, self.entry.key, value)
        except PyrplRemoteError as error:
            text = f"{error.message}: {error.remedy}" if error.remedy else error.message
            self.problem.say(text, theme.colours().bad)
            raise
        self.problem.say("")
        return checked

    def _typed(self) -> Any:
        text = self.line.text().strip() if self.line is not None else ""
        if not self.entry.numeric:
            return text
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                continue
        return text
