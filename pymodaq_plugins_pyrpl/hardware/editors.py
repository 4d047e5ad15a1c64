"""Two kinds of PyMoDAQ parameters: a board, chosen from a list or typed, and a password, which is masked."""

from __future__ import annotations

import contextlib
import itertools
import threading
from typing import Any

from pymodaq_gui.parameter import Parameter
from pymodaq_gui.parameter.pymodaq_ptypes import registerParameterType
from pyqtgraph.parametertree.parameterTypes.basetypes import WidgetParameterItem
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QComboBox, QLineEdit

from pyrpl_remote import discover
from pyrpl_remote.errors import PyrplRemoteError

VIRTUAL = "virtual"
"""The name of the board that every machine has."""


class _Found(QObject):
    """Looks for boards in a thread, so that a name server that does not answer does not block the window."""

    boards = Signal(list)

    def look(self) -> None:
        """Emit `boards` with their names, soon."""
        threading.Thread(target=self._look, name="pyrpl boards", daemon=True).start()

    def _look(self) -> None:
        try:
            names = [entry.name for entry in discover()]
        except PyrplRemoteError:  # the list has what it had: a board can be typed
            names = []
        with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
            self.boards.emit(names)


class _BoardBox(QComboBox):
    """A list of boards, in which a name can be typed too. It looks for boards each time it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._found = _Found()
        self._found.boards.connect(self.offer)
        self.addItem(VIRTUAL)
        self._found.look()

    def showPopup(self) -> None:
        """Open the list."""
        self._found.look()
        super().showPopup()

    def offer(self, names: list[str]) -> None:
        """Add boards to the list."""
        text = self.currentText()
        for name in names:
            if self.findText(name) < 0:
                self.addItem(name)
        self.setEditText(text)


class BoardItem(WidgetParameterItem):
    """The editor of a board's name."""

    def makeWidget(self) -> QComboBox:
        """Make the widget, with the members that pyqtgraph asks for."""
        box: Any = _BoardBox()
        box.sigChanged = box.lineEdit().editingFinished
        box.activated.connect(lambda _: self.widgetValueChanged())
        box.value = box.currentText
        box.setValue = box.setEditText
        return box


class BoardParameter(Parameter):
    """The name of a board, a str."""

    itemClass = BoardItem


_secrets: dict[str, str] = {}
_numbers = itertools.count(1)
MASK = "••••••••"


class PasswordItem(WidgetParameterItem):
    """The editor of a password: what is typed is not shown."""

    def makeWidget(self) -> QLineEdit:
        """Make the widget, with the members that pyqtgraph asks for."""
        line: Any = QLineEdit()
        line.setEchoMode(QLineEdit.EchoMode.Password)
        line.sigChanged = line.editingFinished
        line.value = line.text
        line.setValue = line.setText
        return line


class PasswordParameter(Parameter):
    """A password. The value, which PyMoDAQ saves with data and shows, is only a mark that stands for it."""

    itemClass = PasswordItem

    def __init__(self, **opts: Any):
        if opts.get("value"):
            opts["value"] = masked(opts["value"])
        super().__init__(**opts)

    def setValue(self, value: str, blockSignal: Any = None) -> Any:
        """Set the password, or the mark of one."""
        return super().setValue(masked(value), blockSignal)


def masked(password: str) -> str:
    """A mark that stands for `password` in this process; "" for "". A mark stands for itself."""
    if not password or password.startswith(MASK):
        return password
    for mark, secret in _secrets.items():
        if secret == password:
            return mark
    mark = f"{MASK}{next(_numbers)}"
    _secrets[mark] = password
    return mark


def unmasked(mark: str) -> str:
    """The password that a mark stands for; "" for a mark of another process."""
    return _secrets.get(mark, "")


registerParameterType("pyrpl_board", BoardParameter, override=True)
registerParameterType("pyrpl_password", PasswordParameter, override=True)
