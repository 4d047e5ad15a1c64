"""`LabWatch`: what boards there are and how they are, asked in the background. No board is held by it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from qtpy.QtCore import QObject, QTimer, Signal

from pyrpl_remote import BoardStatus, Entry, lab, status
from pyrpl_remote.errors import ConfigurationError, PyrplRemoteError

from ..background import Background, Failed

LOOK_MILLISECONDS = 1000
"""The pause between two looks at all boards."""

NETWORK_SECONDS = 10.0
"""How often the network is listened to for what announces itself."""

LONGEST_PAUSE_SECONDS = 30.0
"""The longest pause until a board that did not answer is asked again; it begins with 2 s and doubles."""

SERVED, STARTABLE, ANNOUNCED = "served", "startable", "announced"
"""A daemon serves the board; a host could start it; it announces itself on the network."""


@dataclass
class Seen:
    """A board as it was seen last.

    `on`: the paired host that has it, "" for this machine; `kind` as above; `address`: of one that is
    announced; `status`: of one that is served, None as long as it has not answered; `error`: why it has not,
    None if it has. The others belong to LabWatch: the pause after an error, when it is asked again, and
    whether it is asked now.
    """

    name: str
    on: str
    kind: str
    entry: Entry | None = None
    address: str = ""
    status: BoardStatus | None = None
    error: Exception | None = None
    pause: float = field(default=1.0, repr=False)
    ask_at: float = field(default=0.0, repr=False)
    asked: bool = field(default=False, repr=False)

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by."""
        return self.name, self.on

    @property
    def full_name(self) -> str:
        """The name for `connect`, as "lab@daq2" if another host has it."""
        return f"{self.name}@{self.on}" if self.on else self.name

    @property
    def state(self) -> str:
        """Its state in a word or two: that of its link, or why there is none."""
        if self.kind == STARTABLE:
            return "not started"
        if self.kind == ANNOUNCED:
            return "on the network"
        if self.error is not None:
            return "does not answer"
        if self.status is None:
            return "asked"
        return self.status.state if self.status.state == "ending" else self.status.link.state

    @property
    def reason(self) -> str:
        """Why it is not up, "" if it is."""
        if self.error is not None:
            return getattr(self.error, "message", str(self.error))
        return self.status.link.reason if self.status is not None else ""


class LabWatch(QObject):
    """Looks at the lab about once a second while it is switched on.

    `boards`: every board that was seen, by its key; `problems`: why a host could not be asked. The signal
    `looked()` comes after each look, and after each answer of a board.
    """

    looked = Signal()

    def __init__(self, failed: Failed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.boards: dict[tuple[str, str], Seen] = {}
        self.problems: dict[str, str] = {}
        self._failed = failed
        self._background = Background("panel lab", failed)
        self._network_at = -NETWORK_SECONDS
        self._announced: list[Seen] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    def look(self) -> None:
        """Look now, also at boards that have not answered; it goes on by itself until `close`."""
        for one in self.boards.values():
            one.ask_at = 0.0
        self._look()

    def _look(self) -> None:
        self._timer.stop()
        network = time.monotonic() - self._network_at > NETWORK_SECONDS
        self._background.call(
            lambda: _find(network), lambda found: self._found(found, network), self._not_found
        )

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._background.close()

    def _found(self, found: tuple[lab.Boards, list[str], str], network: bool) -> None:
        boards, configured, problem = found
        if network:
            self._network_at = time.monotonic()
            self._announced = [
                Seen(one.name, "", ANNOUNCED, address=one.addresses[0]) for one in boards.red_pitayas
            ]
        self.problems = {host.host: host.error.message for host in boards.hosts if host.error is not None}
        if problem:
            self.problems[""] = problem
        present = [Seen(entry.name, entry.on, SERVED, entry) for entry in boards.served]
        served = {one.key for one in present}
        able = [(name, host.host) for host in boards.hosts for name in host.can_start]
        able += [(name, "") for name in configured]
        present += [Seen(name, on, STARTABLE) for name, on in able if (name, on) not in served]
        # a board that has become served announces itself until the network is listened to again
        known = {text for entry in boards.served for text in (entry.host, *entry.aliases)}
        present += [one for one in self._announced if not {one.name.lower(), one.address} & known]
        self.boards = {one.key: self._with_past(one) for one in present}
        for one in self.boards.values():
            self._ask(one)
        self._timer.start()
        self.looked.emit()

    def _with_past(self, one: Seen) -> Seen:
        before = self.boards.get(one.key)
        return before if before is not None and (before.kind, before.entry) == (one.kind, one.entry) else one

    def _not_found(self, error: Exception) -> None:
        if not isinstance(error, PyrplRemoteError):
            self._failed(error)
        self.problems = {"": getattr(error, "message", str(error))}
        self._timer.start()
        self.looked.emit()

    def _ask(self, one: Seen) -> None:
        entry = one.entry
        if entry is None or one.asked or time.monotonic() < one.ask_at:
            return
        one.asked = True
        self._background.call_beside(
            lambda: status(entry),
            lambda answer: self._answered(one, answer, None),
            lambda error: self._answered(one, None, error),
        )

    def _answered(self, one: Seen, answer: BoardStatus | None, error: Exception | None) -> None:
        one.asked, one.status, one.error = False, answer, error
        one.pause = 1.0 if error is None else min(2 * one.pause, LONGEST_PAUSE_SECONDS)
        one.ask_at = 0.0 if error is None else time.monotonic() + one.pause
        self.looked.emit()


def _find(network: bool) -> tuple[lab.Boards, list[str], str]:
    """The boards that were found, those that lab.toml has for this machine, and what is wrong with that."""
    try:
        boards, problem = lab.configuration().boards, ""
    except ConfigurationError as error:
        boards, problem = {}, str(error)
    configured = [name for name, own in boards.items() if not own.get("on") and "hostname" in own]
    return lab.look(network), configured, problem
