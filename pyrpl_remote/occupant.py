"""Who uses a board: asked over SSH, which disturbs nobody.

The board's monitor server serves one client. PyRPL ends every server of its name, and with it the connection
of whoever uses the board.
"""

from __future__ import annotations

import contextlib
import logging
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from .board_shell import CONNECTION, CONNECTIONS_COMMAND, uptime

log = logging.getLogger(__name__)

Ask = Callable[[str], str]
"""Returns what a command prints on the board."""

MOST_SERVERS = 8
"""How many monitor servers are looked at: one is usual."""

TICKS_PER_SECOND = 100
"""The unit of the times in Linux's /proc/PID/stat, on every ARM system (USER_HZ)."""

START_TICKS = 19
"""The place of the start of a process among the fields of /proc/PID/stat behind its name (proc(5): the 22nd
of all)."""


@dataclass(frozen=True)
class Occupant:
    """A program that is connected to a board's monitor server.

    `address` and `port`: its end of the connection. `since`: when that server was started, which PyRPL does
    when it connects, in s since the epoch; None if it is not known. `process`: a description of the program
    if it runs on this machine and may be looked at, else "".
    """

    address: str
    port: int
    since: float | None = None
    process: str = ""

    def __str__(self) -> str:
        text = f"a program at {self.address} uses it"
        if self.since is not None:
            text += time.strftime(", since %Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"{text} ({self.process})" if self.process else text


def find_occupant(
    ask: Ask, own_end: tuple[str, int], parameters: Mapping[str, Any], ours: int | None = None
) -> Occupant | None:
    """The program that starting PyRPL would throw off the board, None if there is none.

    `ask(command)` returns what a command prints on the board; `own_end`: the local address and port of the
    SSH connection by which it asks. `parameters` are PyRPL's. `ours`: the local port of this process's own
    connection to the monitor server.
    A connection whose end on this machine does not exist any more, because its program was killed, does not
    count, although the board may not have noticed yet. Raises what `ask` raises.
    """
    servers = _servers(ask, str(parameters.get("monitor_server_name", "monitor_server")))
    servers.setdefault(int(parameters.get("port", 2222)), None)
    connections = [
        (int(local, 16), ".".join(map(str, reversed(bytes.fromhex(address)))), int(port, 16))
        for local, address, port in CONNECTION.findall(ask(CONNECTIONS_COMMAND))
        if int(local, 16) in servers
    ]
    if not connections:
        return None
    own_address, translated = _own_address(ask, own_end)
    for local, address, port in connections:
        process = ""
        if address == own_address:
            if port == ours:
                continue
            if not translated:
                found = _process_with(address, port)
                if found is None:
                    log.info("the board has not noticed the end of the connection from port %d", port)
                    continue
                process = found
        return Occupant(address, port, _started(ask, servers[local]), process)
    return None


def _servers(ask: Ask, name: str) -> dict[int, int | None]:
    """The ports of all running monitor servers, each with its start in ticks since the board's."""
    servers: dict[int, int | None] = {}
    for pid in ask(f"pidof {shlex.quote(name)}").split()[:MOST_SERVERS]:
        if not pid.isdigit():
            break  # an error message of an old shell
        # the arguments of a command end in a null byte each
        arguments, _, state = ask(f"cat /proc/{pid}/cmdline /proc/{pid}/stat").rpartition("\0")
        port, fields = arguments.rpartition("\0")[2], state.rpartition(")")[2].split()
        if port.isdigit() and len(fields) > START_TICKS:
            servers[int(port)] = int(fields[START_TICKS])
    return servers


def _started(ask: Ask, ticks: int | None) -> float | None:
    """The time of a start, `ticks` after the board's, in s since the epoch."""
    running = uptime(ask)
    return (
        None if ticks is None or running == float("inf") else time.time() - running + ticks / TICKS_PER_SECOND
    )


def _own_address(ask: Ask, own_end: tuple[str, int]) -> tuple[str, bool]:
    """This machine's address as the board sees it, and whether something between translates addresses.

    With such a translation, the board sees the programs of several machines under one address.
    """
    seen = ask("echo $SSH_CONNECTION").split()
    if len(seen) < 2 or not seen[1].isdigit():
        return "", True
    return seen[0], (seen[0], int(seen[1])) != own_end


def _process_with(address: str, port: int) -> str | None:
    """The program of this machine whose connection has this local end, None if there is no such connection.

    "" if this system does not show connections, "on this machine" if the program is another user's.
    """
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return ""
    for one in connections:
        if one.status != psutil.CONN_ESTABLISHED or not one.laddr or one.laddr.port != port:
            continue
        # an IPv4 connection of a socket for both
        if one.laddr.ip.removeprefix("::ffff:") == address:
            with contextlib.suppress(psutil.Error):  # it has just ended
                if one.pid is not None:
                    process = psutil.Process(one.pid)
                    return f"{process.name()}, pid {process.pid} of {process.username()} on this machine"
            return "on this machine"
    return None
