"""The programs of this machine that use a TCP port: for errors that name them."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

PORT_RANGE = "/proc/sys/net/ipv4/ip_local_port_range"
"""On Linux, the first and the last port that the system takes for connections that name none."""

IANA_RANGE = 49152, 65535
"""These ports elsewhere."""

ANY_ADDRESS = ("0.0.0.0", "::")
"""The addresses of a socket that listens at all addresses of its machine."""

SLOW_REFUSALS = os.name == "nt"
"""Whether this system repeats a connection that is refused, and says so after 2 s only, as Windows does."""


def listening_pid(port: int, host: str = "localhost") -> int | None:
    """The process that listens at `port` of this machine's address `host`.

    None if there is none, or the system does not tell, as for another user's.
    """
    address = _address(host)
    for one in _connections(port):
        if one.status == "LISTEN" and _ip(one) in (address, *ANY_ADDRESS):
            return int(one.pid) if one.pid else None
    return None


def surely_refuses(host: str, port: int) -> bool:
    """Whether it is known, without connecting, that nothing listens at `port` of this machine's `host`.

    Always False where refusals are quick: whoever connects is told at once.
    """
    if not SLOW_REFUSALS or not is_here(host):
        return False
    import psutil

    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return False
    return not any(one.status == "LISTEN" and one.laddr.port == port for one in connections)


def user_of(port: int) -> str:
    """A description of what uses `port` of this machine, "" if nothing does, or the system does not tell."""
    import psutil  # not at the top: only errors need it, and importing it takes a while

    found = sorted(_connections(port), key=lambda one: one.status != "LISTEN")
    if not found:
        return ""
    first = found[0]
    does = "listens at it" if first.status == "LISTEN" else f"has a connection that uses it ({first.status})"
    if not first.pid:  # another user's, or a connection that is closed, and stays a while
        return f"a program that the system does not name {does}"
    with contextlib.suppress(psutil.Error):  # it has just ended
        process = psutil.Process(first.pid)
        return f"{process.name()} (pid {process.pid} of {process.username()}) {does}"
    return f"pid {first.pid} {does}"


def is_ephemeral(port: int) -> bool:
    """Whether the system may take `port` for any program's outgoing connection."""
    first, last = ephemeral_range()
    return first <= port <= last


def ephemeral_range() -> tuple[int, int]:
    """The first and the last of the ports that the system takes for connections that name none."""
    try:
        with open(PORT_RANGE, encoding="ascii") as file:
            first, last = map(int, file.read().split())
    except (OSError, ValueError):  # not Linux
        return IANA_RANGE
    return first, last


def is_here(host: str) -> bool:
    """Whether `host` is this machine."""
    import psutil

    address = _address(host)
    if address is None:
        return False
    own = {one.address for addresses in psutil.net_if_addrs().values() for one in addresses}
    return address.startswith("127.") or address in own


def _address(host: str) -> str | None:
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET)[0][4][0])
    except (OSError, UnicodeError):
        return None


def _ip(connection: Any) -> str:
    # an IPv4 address at a socket for both
    return str(connection.laddr.ip).removeprefix("::ffff:")


def _connections(port: int) -> list[Any]:
    import psutil

    try:
        return [one for one in psutil.net_connections("tcp") if one.laddr and one.laddr.port == port]
    except psutil.Error:
        return []
