"""Texts of the files in /proc that programs read: as Linux makes them."""

from __future__ import annotations

import socket
from collections.abc import Iterable


def uptime(seconds: float) -> str:
    """/proc/uptime, `seconds` after the start of the board."""
    return f"{seconds:.2f} {seconds:.2f}\n"


def connections(host: str, peers: Iterable[tuple[int, str]]) -> str:
    """/proc/net/tcp with connections of `host`, its port and the `host:port` of the peer each.

    01 is "established".
    """
    lines = [
        f"{n:4}: {_in_hex(f'{host}:{port}')} {_in_hex(peer)} 01 00000000:00000000\n"
        for n, (port, peer) in enumerate(peers)
    ]
    return "  sl  local_address rem_address   st tx_queue rx_queue\n" + "".join(lines)


def state(pid: int, program: str, started: float) -> str:
    """/proc/PID/stat of a program that was `started` these seconds after the board."""
    # proc(5): the start is field 22
    return f"{pid} ({program[:15]}) S 1 {pid} {pid} {'0 ' * 15}{int(started * 100)} 0 0\n"


def _in_hex(address: str) -> str:
    """`host:port` as /proc/net/tcp has it: the bytes of an IPv4 address from last to first."""
    host, _, port = address.rpartition(":")
    return f"{bytes(reversed(socket.inet_aton(host))).hex().upper()}:{int(port):04X}"
