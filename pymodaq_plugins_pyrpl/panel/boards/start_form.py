"""`StartForm`: start a Red Pitaya by its hostname, or a virtual one with a plant."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QWidget,
)

from pyrpl_remote import lab
from pyrpl_remote.errors import PyrplRemoteError

from .. import theme
from ..parts import Message, button

PLANTS = {
    "loopback": "cables from the outputs to the inputs",
    "cavity": "an optical cavity, with its resonances",
    "interferometer": "an interferometer, with its fringes",
    "lowpass": "a low-pass filter",
    "resonator": "a mechanical resonance",
}
"""The plants of a virtual Red Pitaya."""


class StartForm(QGroupBox):
    """The form. `started(name, parameters)`: a board shall be started, with these parameters of `connect`."""

    started = Signal(str, dict)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Start a board", parent)
        self.virtual = QRadioButton("A &virtual Red Pitaya")
        self.virtual.setToolTip("A Red Pitaya without hardware, on this machine")
        self.real = QRadioButton("A &Red Pitaya")
        self.real.setToolTip("A Red Pitaya on the network")
        kinds = QButtonGroup(self)
        for kind in (self.virtual, self.real):
            kinds.addButton(kind)
        self.virtual.setChecked(True)
        self.name = _line("virtual", "The board's name, which is also that of its PyRPL configuration")
        self.plant = QComboBox()
        self.plant.setToolTip("What stands between the virtual board's outputs and inputs")
        for plant, text in PLANTS.items():
            self.plant.addItem(f"{plant}: {text}", plant)
        self.hostname = _line("rp-f08d6c.local", "Its hostname or its address; PyRPL remembers it")
        self.sshport = _line("22", "Its SSH port, if it is another one")
        self.user = _line("root", "The user for SSH, if it is another one")
        self.password = _line("unchanged", "The password for SSH, if it is not the saved one; PyRPL keeps it")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.remember = QCheckBox("&Keep these in the lab's configuration, without the password")
        self.remember.setToolTip("Then every program of this user finds the board by its name alone")
        self.message = Message()
        self.start = button("S&tart and open", "Start the board's daemon, and open the board", self._start)
        self.cancel = button("&Cancel", "Start nothing", self.hide)
        choice, actions = QHBoxLayout(), QHBoxLayout()
        for kind in (self.virtual, self.real):
            choice.addWidget(kind)
        choice.addStretch(1)
        actions.addStretch(1)
        actions.addWidget(self.start)
        actions.addWidget(self.cancel)
        self._form = QFormLayout(self)
        self._form.addRow(choice)
        for caption, field in (
            ("&Name:", self.name),
            ("&Plant:", self.plant),
            ("&Hostname:", self.hostname),
            ("SSH p&ort:", self.sshport),
            ("&User:", self.user),
            ("Pass&word:", self.password),
        ):
            self._form.addRow(caption, field)
        self._form.addRow(self.remember)
        self._form.addRow(self.message)
        self._form.addRow(actions)
        self.real.toggled.connect(self._show_kind)
        for line in (self.name, self.hostname, self.sshport, self.user, self.password):
            line.returnPressed.connect(self._start)
        self._show_kind()
        self.hide()

    def show_form(self, real: bool = False, hostname: str = "") -> None:
        """Show the form, empty, for a virtual Red Pitaya or a `real` one."""
        (self.real if real else self.virtual).setChecked(True)
        self.hostname.setText(hostname)
        self.name.clear()
        self.password.clear()
        self.message.say("")
        self.show()
        (self.hostname if real and not hostname else self.name).setFocus()

    def _show_kind(self) -> None:
        real = self.real.isChecked()
        self._form.setRowVisible(self.plant, not real)
        for field in (self.hostname, self.sshport, self.user, self.password):
            self._form.setRowVisible(field, real)
        self.name.setPlaceholderText("lab" if real else "virtual")

    def _entries(self) -> tuple[str, dict[str, Any]]:
        """The name and the parameters, checked. Raises PyrplRemoteError."""
        name = self.name.text().strip()
        if self.virtual.isChecked():
            return name or "virtual", {"hostname": "virtual", "plant": self.plant.currentData()}
        given = {"hostname": self.hostname.text().strip(), "user": self.user.text().strip()}
        if self.sshport.text().strip():
            given["sshport"] = self.sshport.text().strip()
        checked = {key: lab.check("boards", key, value) for key, value in given.items() if value}
        if "hostname" not in checked:
            raise PyrplRemoteError("A hostname or an address is missing.", "It stands on the Red Pitaya.")
        return name or checked["hostname"], checked

    def _start(self) -> None:
        try:
            name, parameters = self._entries()
            if self.remember.isChecked():
                content = lab.configuration()
                content.boards[name] = {**content.boards.get(name, {}), **parameters}
                lab.save(content)
        except PyrplRemoteError as error:
            self.message.say(f"{error.message} {error.remedy}", theme.colours().bad)
            return
        password = self.password.text()
        self.password.clear()
        self.hide()
        self.started.emit(name, {**parameters, **({"password": password} if password else {})})


def _line(placeholder: str, tip: str) -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText(placeholder)
    made.setToolTip(tip)
    return made
