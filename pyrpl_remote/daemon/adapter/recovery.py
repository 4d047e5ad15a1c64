"""Brings a lost link back: SSH, the gateware if it was lost, the monitor server, the registers.

It runs in a thread of its own, and uses PyRPL's RedPitaya for SSH only. Meanwhile each access in the Qt
thread fails at once (see link.py).
"""

from __future__ import annotations

import logging
import re
import socket
import time
from typing import Any

from .link import OTHER_GATEWARE, TAKEN, Link, open_connection
from .virtual_process import VirtualBoardProcess

log = logging.getLogger(__name__)

REACHED_SECONDS = 2.0
"""How long a board may take to accept a TCP connection for SSH."""

CONNECTION = re.compile(r"\d+: [0-9A-F]{8}:([0-9A-F]{4}) ([0-9A-F]{8}):([0-9A-F]{4}) 01 ")
"""An established connection in Linux's /proc/net/tcp: local port, remote address and remote port, in
hexadecimal; the address has the bytes of a little-endian word."""

UPTIME = re.compile(r"(\d+\.\d+) \d+\.\d+")
"""Linux's /proc/uptime: seconds since the start of the system."""


class NotBack(Exception):
    """The link is not back yet: `reason` and `state` are for its status."""

    def __init__(self, reason: str, state: str):
        super().__init__(reason)
        self.reason = reason
        self.state = state


class Recovery:
    """Attempts to bring back the link of one board."""

    def __init__(self, redpitaya: Any, link: Link, virtual: VirtualBoardProcess | None):
        """`redpitaya`: PyRPL's object; `virtual`: the process of a virtual board that this daemon owns."""
        self._redpitaya = redpitaya
        self._client = redpitaya.client
        self._link = link
        self._virtual = virtual

    def attempt(self) -> tuple[socket.socket, str]:
        """One attempt; returns the new connection, and a text that says what happened to the board, or "".

        Raises NotBack, or errors of SSH and sockets.
        """
        replaced = self._virtual is not None and self._virtual.has_ended()
        if replaced:
            self._restart_virtual()
        self._connect()
        self._require_unused()
        away = time.perf_counter() - self._link.last_access
        restarted = replaced or self._uptime() < away
        loaded = not replaced and self._redpitaya._is_correct_fpga_image_loaded()  # noqa: SLF001
        if not loaded and not replaced:
            if not restarted:
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
        if not lost:
            return connection, ""
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

    def _ask(self, command: str) -> str:
        self._redpitaya.ssh.ask()  # what was printed before
        return str(self._redpitaya.ssh.ask(command))

    def _require_unused(self) -> None:
        """Raise NotBack if another program is connected to the monitor server: it would be thrown off."""
        ours = self._link.local_port()
        monitor_port = int(self._redpitaya.parameters["port"])
        for local, address, port in CONNECTION.findall(self._ask("cat /proc/net/tcp")):
            if int(local, 16) == monitor_port and int(port, 16) != ours:
                who = ".".join(str(byte) for byte in reversed(bytes.fromhex(address)))
                raise NotBack(f"a program at {who} uses it", TAKEN)

    def _uptime(self) -> float:
        """How long the board's system has run, in s; infinite if it does not say."""
        found = UPTIME.search(self._ask("cat /proc/uptime"))
        return float(found[1]) if found else float("inf")

    def _load_gateware(self) -> None:
        log.warning("the gateware was lost: loading it again")
        try:
            self._redpitaya._update_fpga()  # noqa: SLF001 - update_fpga() first asks again whether it is needed
        finally:
            # which drops its client; the modules keep it
            self._redpitaya.client = self._client
