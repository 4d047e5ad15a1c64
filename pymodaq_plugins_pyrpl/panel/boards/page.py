"""`BoardsPage`: the board that is selected in the list: what is known of it, and what can be done with it."""

from __future__ import annotations

from typing import Any, Protocol

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from pyrpl_remote import lab
from pyrpl_remote.errors import BoardGone

from .. import theme
from ..background import Background, Failed
from ..parts import Question, Table, button, label
from . import facts
from .doctor_view import DoctorView
from .log_view import LogView
from .start_form import StartForm
from .watch import ANNOUNCED, SERVED, LabWatch, Seen
from .welcome import Welcome


class Opener(Protocol):
    """What opens boards: the window."""

    def open_board(self, name: str, **parameters: Any) -> Any:
        """Open a board, which is started if no daemon serves it; returns its tab."""


class BoardsPage(QWidget):
    """The selected board. Only `Open` begins a session with it."""

    def __init__(
        self, watch: LabWatch, window: Opener, failed: Failed, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._watch, self._window = watch, window
        self._background = Background("panel boards", failed)
        self._key: tuple[str, str] | None = None
        self.title = label()
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        self.title.setFont(font)
        self.state = label(tip="The state of the board's link, and why it is not up")
        self.question = Question()
        self.open = button("&Open", "Begin a session with the board, and show its pages (Enter)", self._open)
        self.new = button("&Start…", "Start a Red Pitaya by its hostname, or a virtual one", self._show_form)
        self.stop = button("Sto&p…", "End the board's daemon; its FPGA keeps running", self._ask_stop)
        self.take = button(
            "&Take over…", "Take the board from the program that uses it, or its FPGA back", self._ask_take
        )
        self.examine = button("&Doctor", "Find out what is wrong with the board", self._examine)
        self.look = button("&Look again", "Ask all boards and hosts now (F5)", watch.look)
        self.form = StartForm()
        self.form.started.connect(lambda name, parameters: window.open_board(name, **parameters))
        self.welcome = Welcome(self._start_virtual, lambda: self._show_form(real=True), window.open_board)
        self._facts = QFormLayout()
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.clients = Table(
            ["Program", "User", "Host", "pid", "Since", "Holds"], "The programs that use the board"
        )
        self.jobs = Table(
            ["Job", "Kind", "State", "Does", "Since", "Started by"],
            "What the daemon goes on doing without clients",
        )
        self.doctor = DoctorView(failed)
        self.log = LogView(failed)
        self.details = QTabWidget()
        for title, tip, widget in (
            ("Clients", "The programs that use the board", self.clients),
            ("Jobs", "What the daemon goes on doing without clients", self.jobs),
            ("Doctor", "What is wrong with the board", self.doctor),
            ("Log", "The log of the board's daemon", self.log),
        ):
            self.details.setTabToolTip(self.details.addTab(widget, title), tip)
        self.details.currentChanged.connect(lambda _: self._follow_log())
        actions = QHBoxLayout()
        for one in (self.open, self.stop, self.take, self.examine):
            actions.addWidget(one)
        actions.addStretch(1)
        for one in (self.new, self.look):
            actions.addWidget(one)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.state)
        layout.addLayout(actions)
        layout.addWidget(self.question)
        layout.addWidget(self.form)
        layout.addWidget(self.welcome)
        layout.addLayout(self._facts)
        layout.addWidget(self.details, 1)
        layout.addStretch(0)  # takes the room while the details are hidden
        watch.looked.connect(self.show_board)
        theme.theme().changed.connect(self.show_board)
        self.show_board()

    @property
    def board(self) -> Seen | None:
        """The board that is shown, None if none is."""
        return None if self._key is None else self._watch.boards.get(self._key)

    def choose(self, key: tuple[str, str] | None) -> None:
        """Show another board."""
        if key == self._key:
            return
        self._key = key
        self.question.withdraw()
        self.doctor.end()
        self._follow_log()
        self.show_board()

    def open_board(self, key: tuple[str, str]) -> None:
        """Open a board; for a Red Pitaya that only announces itself, show the form that starts it."""
        one = self._watch.boards.get(key)
        if one is not None and one.kind == ANNOUNCED:
            self.form.show_form(real=True, hostname=one.address)
        elif one is not None:
            self._tab(one)

    def _tab(self, one: Seen) -> Any:
        # the name alone may be that of another host's board too
        return self._window.open_board(one.full_name, **({} if one.on else {"on": "localhost"}))

    def close_page(self) -> None:
        """End what is asked, examined and followed."""
        self.log.end()
        self.doctor.end()
        self._background.close()

    def show_board(self) -> None:
        """Show the board as it was seen last."""
        one = self.board
        served = one is not None and one.kind == SERVED
        self.welcome.setVisible(not self._watch.boards and self.form.isHidden())
        self.details.setVisible(one is not None)
        for widget in (self.open, self.examine):
            widget.setEnabled(one is not None)
        self.stop.setEnabled(served)
        state = one.state if one is not None else ""
        self.take.setEnabled(state in ("taken", "other gateware"))
        self.title.setText(one.full_name if one is not None else "No board")
        reason = one.reason if one is not None else ""
        self.state.setText(f"{state}: {reason}" if reason else state)
        present = theme.colours()
        colour = {"up": present.good, "not started": present.muted, "on the network": present.muted}.get(
            state, present.bad
        )
        self.state.setStyleSheet(f"color: {colour}")
        self._show_facts(facts.facts(one) if one is not None else [])
        status = one.status if one is not None else None
        self.clients.show_rows(facts.clients(status) if status is not None else [])
        self.jobs.show_rows(facts.jobs(status) if status is not None else [])

    def _show_facts(self, found: list[tuple[str, str]]) -> None:
        while self._facts.rowCount() > len(found):
            self._facts.removeRow(self._facts.rowCount() - 1)
        for row, (caption, text) in enumerate(found):
            if row == self._facts.rowCount():
                self._facts.addRow(label(), label())
            for role, shown in (
                (QFormLayout.ItemRole.LabelRole, f"{caption}:"),
                (QFormLayout.ItemRole.FieldRole, text),
            ):
                widget = self._facts.itemAt(row, role).widget()
                assert isinstance(widget, QLabel)
                if widget.text() != shown:
                    widget.setText(shown)

    # actions

    def _open(self) -> None:
        if self._key is not None:
            self.open_board(self._key)

    def _show_form(self, real: bool = False) -> None:
        one = self.board
        address = one.address if one is not None and one.kind == ANNOUNCED else ""
        self.form.show_form(real or bool(address), address)
        self.show_board()

    def _start_virtual(self) -> None:
        self._window.open_board("virtual")

    def _examine(self) -> None:
        one = self.board
        if one is not None:
            self.details.setCurrentWidget(self.doctor)
            self.doctor.examine(one.address or one.full_name)

    def _follow_log(self) -> None:
        if self._key is not None and self.details.currentWidget() is self.log:
            self.log.show_log(*self._key)
        else:
            self.log.end()

    def _ask_stop(self) -> None:
        one = self.board
        if one is None or one.entry is None:
            return
        entry, status = one.entry, one.status
        users = facts.others(status) if status is not None else []
        text = f"Nobody else uses {one.full_name}. "
        if users:
            text = f"{one.full_name} is used by {', '.join(users)}. "
        if status is not None and status.jobs:
            text += f"Its {len(status.jobs)} jobs go on with the next daemon. "
        self.question.ask(
            f"{text}Its FPGA keeps running. End its daemon?",
            "End the &daemon",
            "End the daemon, also for the others who use it",
            lambda: self._stop(entry),
        )

    def _stop(self, entry: Any) -> None:
        def stop() -> None:
            try:
                lab.stop_and_wait(entry)
            except BoardGone:
                if entry in lab.look(network=False).served:
                    raise

        self._background.call_beside(stop, lambda _: self._watch.look())

    def _ask_take(self) -> None:
        one = self.board
        if one is None or one.status is None:
            return
        link = one.status.link
        if link.state == "taken":
            self.question.ask(
                f"{link.reason}. Take the board? The connection of that program ends.",
                "T&ake it",
                "End the other program's connection, and use the board",
                lambda: self._tab(one).take_over(),
            )
        else:
            self.question.ask(
                f"{link.reason}. Load PyRPL's gateware again? What uses the present one ends.",
                "L&oad it",
                "Load PyRPL's gateware, and write all settings to it, outputs last",
                lambda: self._tab(one).restore_gateware(),
            )
