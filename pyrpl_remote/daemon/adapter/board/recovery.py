"""Brings a lost link back: SSH, the gateware if it was lost, the monitor server, the registers.

It runs in a thread of its own, and uses PyRPL's RedPitaya for SSH only. Meanwhile each access in the Qt
thread fails at once (see link.py).
"""

from __future__ import annotations

import dataclasses
import logging
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ....board_shell import uptime
from ....board_status import OTHER_GATEWARE, TAKEN
from ....occupant import Occupant, find_occupant
from .link import Link, open_connection
from .questions import ask, own_end
from .virtual_process import VirtualBoardProcess

log = logging.getLogger(__name__)

REACHED_SECONDS = 2.0
"""How long a board may take to accept a TCP connection for SSH."""

ALLOWED_SECONDS = 30.0
"""How long after a user has asked for it a board may be taken over, or its gateware replaced: an old request
must not end what somebody else has begun since."""

SAME_SECONDS = 5.0
"""How much two estimates of when the same program began to use the board may differ."""


class NotBack(Exception):
    """The link is not back yet: `reason` and `state` are for its status."""

    def __init__(self, reason: str, state: str):
        super().__init__(reason)
        self.reason = reason
        self.state = state


class Recovery:
    """Attempts to bring back the link of one board."""

    def __init__(
        self,
        redpitaya: Any,
        link: Link,
        virtual: VirtualBoardProcess | None,
        renew_mark: Callable[[Any], None],
        restore_gateware: bool = False,
    ):
        """`redpitaya`: PyRPL's object; `virtual`: the process of a virtual board that this daemon owns.

        `renew_mark(ssh)` is called when the board was set up again.

        `restore_gateware`: load PyRPL's gateware again, unasked, where another one has replaced it.
        """
        self._restore_gateware = restore_gateware
        self._renew_mark = renew_mark
        self._allowed: dict[str, float] = {}
        self._occupant: Occupant | None = None
        self._redpitaya = redpitaya
        self._client = redpitaya.client
        self._link = link
        self._virtual = virtual

    def allow(self, state: str) -> None:
        """Let the next attempts end a TAKEN or OTHER_GATEWARE state by force; from any thread."""
        self._allowed[state] = time.monotonic() + ALLOWED_SECONDS

    def attempt(self) -> tuple[socket.socket, str]:
        """One attempt; returns the new connection, and a text that says what happened to the board, or "".

        Raises NotBack, or errors of SSH and sockets.
        """
        replaced = self._virtual is not None and self._virtual.has_ended()
        if replaced:
            self._restart_virtual()
        self._connect()
        used = self._used_by_another() or self._occupant is not None
        away = time.perf_counter() - self._link.last_access
        restarted = replaced or uptime(partial(ask, self._redpitaya.ssh.ssh)) < away
        # asked twice: an answer that comes late, from a board under load, looks as if there were none
        asks = (self._redpitaya._is_correct_fpga_image_loaded() for _ in range(2))  # noqa: SLF001
        loaded = not replaced and any(asks)
        if not loaded and not replaced:
            if not (restarted or self._restore_gateware or self._is_allowed(OTHER_GATEWARE)):
                raise NotBack("its FPGA has no longer PyRPL's gateware", OTHER_GATEWARE)
            self._load_gateware()
        lost = restarted or not loaded or self._link.state == OTHER_GATEWARE
        port = self._redpitaya.startserver()
        if not port:
            raise ConnectionError("its monitor server does not start")
        host = self._redpitaya.parameters["hostname"]
        connection = open_connection(host, port, self._link.registers, lost)
        # PyRPL's texts, and ours, name the address
        self._client._hostname, self._client._port = host, port  # noqa: SLF001
        self._allowed.clear()
        self._occupant = None
        if not lost:
            return connection, "another program used it: it may have changed settings" if used else ""
        self._renew_mark(self._redpitaya.ssh.ssh)
        what = "the board was restarted" if restarted else "the gateware had been replaced"
        return connection, f"{what}: all settings were written to it again"

    def _restart_virtual(self) -> None:
        assert self._virtual is not None
        log.warning("the virtual board has ended; another one is started")
        self._virtual.restart()
        self._redpitaya.parameters.update(self._virtual.parameters(log.info))

    def _connect(self) -> None:
        """Connect over SSH. First over TCP alone: PyRPL tries four times, and its errors have no reason."""
        parameters = self._redpitaya.parameters
        where = parameters["hostname"], int(parameters["sshport"])
        socket.create_connection(where, timeout=REACHED_SECONDS).close()
        self._redpitaya.start_ssh()

    def _used_by_another(self) -> bool:
        """Whether another program uses the board. Raises NotBack unless a user has asked to take it over."""
        ours, ssh = self._link.local_port(), self._redpitaya.ssh.ssh
        occupant = find_occupant(partial(ask, ssh), own_end(ssh), self._redpitaya.parameters, ours)
        if occupant is None:
            return False
        if not self._is_allowed(TAKEN):
            self._occupant = _same_text(self._occupant, occupant)
            raise NotBack(str(self._occupant), TAKEN)
        log.warning("the board is taken over: %s", occupant)
        return True

    def _is_allowed(self, state: str) -> bool:
        return time.monotonic() < self._allowed.get(state, 0.0)

    def _load_gateware(self) -> None:
        log.warning("the gateware was lost: loading it again")
        try:
            self._redpitaya._update_fpga()  # noqa: SLF001 - update_fpga() first asks again whether it is needed
        finally:
            # which drops its client; the modules keep it
            self._redpitaya.client = self._client


def _same_text(before: Occupant | None, now: Occupant) -> Occupant:
    """`before` if it is the same program as `now`: its time is an estimate, and another text is an event."""
    if before is None or before.since is None or now.since is None:
        return now
    same = dataclasses.replace(now, since=before.since) == before
    return before if same and abs(now.since - before.since) < SAME_SECONDS else now
