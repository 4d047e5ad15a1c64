"""`HostsPart`: share this machine's boards, join other machines, and end that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QComboBox, QGroupBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pyrpl_remote import lab
from pyrpl_remote.errors import PyrplRemoteError

from .. import theme
from ..background import Background, Failed
from ..parts import Message, Question, Table, button, label

ROLES = {"operator": "operator: may set and acquire", "viewer": "viewer: may only look"}
"""What another machine may do here."""


class HostsPart(QWidget):
    """Everything about other machines. What fails is said beside its button."""

    def __init__(self, failed: Failed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background("panel hosts", failed)
        self._known: list[lab.Peer] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._share_box())
        layout.addWidget(self._join_box())
        layout.addWidget(self._peers_box(), 1)

    def read(self) -> None:
        """Ask all paired hosts."""
        self._background.call(lambda: (lab.shared_as(), lab.peers()), self._show)

    def close_part(self) -> None:
        """Ask nothing any more."""
        self._background.close()

    def _share_box(self) -> QGroupBox:
        box = QGroupBox("This machine")
        self.shared = label("…", "Whether other machines may use the boards of this one")
        self.role = QComboBox()
        self.role.setToolTip("What the invited machine may do with the boards of this one")
        for role, text in ROLES.items():
            self.role.addItem(text, role)
        self.invite = button(
            "&Invite a machine",
            "Share this machine's boards with one more machine",
            self._invite,
        )
        self.unshare = button(
            "S&top sharing…",
            "Let no other machine use these boards; they remain paired",
            self._ask_unshare,
        )
        self.line = QLineEdit()
        self.line.setReadOnly(True)
        self.line.setPlaceholderText("The invitation, for the panel or `pyrpl-remote join` of the other one")
        self.line.setToolTip("The invitation: valid once, for 10 minutes")
        self.line.setAccessibleName("Invitation")
        self.copy = button("&Copy", "Copy the invitation", self._copy)
        self.copy.setEnabled(False)
        self.share_message = Message()
        self.share_question = Question()
        row, second = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.role)
        row.addWidget(self.invite)
        row.addWidget(self.unshare)
        row.addStretch(1)
        second.addWidget(self.line, 1)
        second.addWidget(self.copy)
        inner = QVBoxLayout(box)
        inner.addWidget(self.shared)
        inner.addLayout(row)
        inner.addLayout(second)
        inner.addWidget(self.share_question)
        inner.addWidget(self.share_message)
        return box

    def _join_box(self) -> QGroupBox:
        box = QGroupBox("Another machine")
        self.invitation = QLineEdit()
        self.invitation.setPlaceholderText("pyrpl-invitation-…")
        self.invitation.setToolTip("Paste the invitation that the other machine has made")
        self.invitation.setAccessibleName("Invitation of another machine")
        self.join = button("&Join", "Pair this machine with the other one, to use its boards", self._join)
        self.invitation.returnPressed.connect(self._join)
        self.join_message = Message()
        row = QHBoxLayout()
        row.addWidget(self.invitation, 1)
        row.addWidget(self.join)
        inner = QVBoxLayout(box)
        inner.addLayout(row)
        inner.addWidget(self.join_message)
        return box

    def _peers_box(self) -> QGroupBox:
        box = QGroupBox("Paired machines")
        self.peers = Table(
            ["Machine", "May here", "This one may there", "At", "Problem"],
            "The paired machines",
        )
        self.revoke = button("&Revoke…", "End the pairing with the selected machine", self._ask_revoke)
        self.revoke.setEnabled(False)
        self.revoke_question = Question()
        self.revoke_message = Message()
        self.peers.itemSelectionChanged.connect(
            lambda: self.revoke.setEnabled(bool(self.peers.selectedItems()))
        )
        row = QHBoxLayout()
        row.addWidget(self.revoke_message, 1)
        row.addStretch(0)
        row.addWidget(self.revoke)
        inner = QVBoxLayout(box)
        inner.addWidget(self.peers, 1)
        inner.addWidget(self.revoke_question)
        inner.addLayout(row)
        return box

    def _show(self, found: tuple[tuple[str, int] | None, list[lab.Peer]]) -> None:
        shared, self._known = found
        self.shared.setText(
            "Its boards are not shared." if shared is None else "Shared as {} at port {}.".format(*shared)
        )
        self.unshare.setEnabled(shared is not None)
        self.peers.show_rows(
            [
                (
                    one.name,
                    one.may_here,
                    one.may_there,
                    f"{', '.join(one.addresses)} port {one.port}" if one.port else "",
                    one.problem,
                )
                for one in self._known
            ]
        )

    def _do(self, message: Message, work: Callable[[], Any], done: Callable[[Any], str]) -> None:
        """Do `work` in the background; then show `done(result)`, or the error, in `message`."""

        def succeeded(result: Any) -> None:
            message.say(done(result))
            self.read()

        def failed(error: Exception) -> None:
            if not isinstance(error, PyrplRemoteError):
                raise error
            message.say(
                f"{error.message} → {error.remedy}" if error.remedy else error.message, theme.colours().bad
            )

        message.say("…")
        self._background.call_beside(work, succeeded, failed)

    def _invite(self) -> None:
        role = self.role.currentData()

        def done(made: lab.Invited) -> str:
            self.line.setText(made.line)
            self.copy.setEnabled(True)
            self.line.selectAll()
            return f"Valid once, for 10 minutes, as {made.role}: paste it on the other machine."

        self._do(self.share_message, lambda: lab.share(role), done)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.line.text())
        self.share_message.say("Copied.")

    def _ask_unshare(self) -> None:
        self.share_question.ask(
            "Other machines lose the boards of this one at once.",
            "S&top",
            "Share this machine no longer",
            lambda: self._do(self.share_message, lab.unshare, lambda _: "This machine is no longer shared."),
        )

    def _join(self) -> None:
        line = self.invitation.text()

        def done(host: lab.Host) -> str:
            self.invitation.clear()
            boards = ", ".join(entry.name for entry in host.served) or "no board now"
            return f"Paired with {host.host}, as its {host.role}. It serves {boards}."

        self._do(self.join_message, lambda: lab.join(line), done)

    def _ask_revoke(self) -> None:
        row = self.peers.currentRow()
        if not 0 <= row < len(self._known):
            return
        name = self._known[row].name
        self.revoke_question.ask(
            f"{name} loses its connections to this machine at once, and has to be paired anew.",
            "&Revoke",
            f"End the pairing with {name}",
            lambda: self._do(
                self.revoke_message, lambda: lab.revoke(name), lambda _: f"{name} is no longer paired."
            ),
        )
