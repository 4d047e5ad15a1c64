"""`ConfigurationPart`: the one configuration of the lab, each entry checked while it is typed.

It is lab.toml, which `connect()`, the command line, daemons and PyMoDAQ's plugins read.
"""

from __future__ import annotations

import copy
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from pyrpl_remote import lab
from pyrpl_remote.errors import PyrplRemoteError

from .. import theme
from ..background import Background, Failed
from ..parts import Message, button
from .entries import BOARD, COMMON, PLUGINS, Entry, Field


class ConfigurationPart(QWidget):
    """The entries for all boards, for each board, and for the plugins. Nothing is saved before `Save`."""

    def __init__(self, failed: Failed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background("panel configuration", failed)
        self._content = lab.LabFile()
        self.fields: dict[tuple[str, str], Field] = {}
        scrolled = QWidget()
        inner = QVBoxLayout(scrolled)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._box("&All boards", "common", COMMON))
        inner.addWidget(self._boards_box())
        inner.addWidget(self._box("PyMoDAQ's plugins", "plugins", PLUGINS))
        inner.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(scrolled)
        self.message = Message()
        self.save = button("&Save", "Save the configuration, for all programs of this user", self._save)
        self.undo = button("Un&do", "Show what is saved, and drop what was edited", self.read)
        row = QHBoxLayout()
        row.addWidget(self.message, 1)
        row.addWidget(self.undo)
        row.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area, 1)
        layout.addLayout(row)
        self._show()

    def read(self) -> None:
        """Read the file, and show it."""
        self._background.call(lab.configuration, self._read, self._refused)

    def close_part(self) -> None:
        """Read and save nothing any more."""
        self._background.close()

    def _boards_box(self) -> QGroupBox:
        self.board = QComboBox()
        self.board.setToolTip("The board whose entries are shown")
        self.board.setAccessibleName("Board")
        self.new = QLineEdit()
        self.new.setPlaceholderText("name of another board")
        self.new.setToolTip("The name of a board to add")
        self.new.setAccessibleName("New board")
        self.add = button("&Add", "Add a board with this name", self._add)
        self.remove = button("R&emove", "Remove the entries of the board that is shown", self._remove)
        self.board.currentIndexChanged.connect(lambda _: self._show_board())
        self.new.returnPressed.connect(self._add)
        box = self._box("One board", "boards", BOARD)
        row = QHBoxLayout()
        row.addWidget(self.board, 1)
        row.addWidget(self.remove)
        row.addWidget(self.new, 1)
        row.addWidget(self.add)
        form = box.layout()
        assert isinstance(form, QFormLayout)
        form.insertRow(0, row)
        return box

    def _box(self, title: str, section: str, entries: tuple[Entry, ...]) -> QGroupBox:
        box = QGroupBox(title)
        form = QFormLayout(box)
        for entry in entries:
            field = self.fields[section, entry.key] = Field(section, entry)
            field.edited.connect(lambda field=field: self._edited(field))
            form.addRow(entry.caption, field)
        return box

    def _read(self, content: lab.LabFile) -> None:
        self._content = content
        self.message.say(f"Kept in {lab.path()}")
        self._show()

    def _show(self, board: str = "") -> None:
        """Show the content; `board`: the one to show, as before by default."""
        chosen = board or self.board.currentText()
        names = sorted(self._content.boards)
        self.board.blockSignals(True)
        self.board.clear()
        self.board.addItems(names)
        self.board.setCurrentIndex(names.index(chosen) if chosen in names else 0 if names else -1)
        self.board.blockSignals(False)
        self._show_board()

    def _show_board(self) -> None:
        name = self.board.currentText()
        self.remove.setEnabled(bool(name))
        for (section, key), field in self.fields.items():
            values = self._values(section)
            field.show_value(values.get(key))
            field.setEnabled(section != "boards" or bool(name))

    def _values(self, section: str) -> dict[str, Any]:
        """The entries of a section; of "boards" those of the board that is shown."""
        if section == "boards":
            return self._content.boards.get(self.board.currentText(), {})
        return self._content.common if section == "common" else self._content.plugins

    def _edited(self, field: Field) -> None:
        values = self._values(field.section)
        try:
            value = field.value()
        except PyrplRemoteError:  # which the field shows
            self.save.setEnabled(False)
            return
        values.pop(field.entry.key, None)
        if value is not None:
            values[field.entry.key] = value
        self.save.setEnabled(not any(one.problem.text() for one in self.fields.values()))
        self.message.say("Not saved yet.")

    def _add(self) -> None:
        name = self.new.text().strip()
        if name:
            self._content.boards.setdefault(name, {})
            self.new.clear()
            self._show(name)
            self.message.say("Not saved yet.")
            self.fields["boards", "hostname"].setFocus()

    def _remove(self) -> None:
        self._content.boards.pop(self.board.currentText(), None)
        self._show()
        self.message.say("Not saved yet.")

    def _save(self) -> None:
        content = copy.deepcopy(self._content)
        self._background.call(
            lambda: lab.save(content), lambda _: self.message.say(f"Saved in {lab.path()}"), self._refused
        )

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, PyrplRemoteError):
            raise error
        self.message.say(str(error), theme.colours().bad)
