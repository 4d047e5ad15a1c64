"""Whom the system knows at the other end of a connection of this machine: user and process.

Linux tells it by the files in /proc. Elsewhere psutil finds the process, where the system allows that.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

import psutil

TABLES = (("/proc/net/tcp", 4), ("/proc/net/tcp6", 16))
"""The system's tables of connections, with the bytes of an address."""

FIELDS = 9
"""The number of the last field of a row that is read here: the socket's inode."""

Address = tuple[str, int]
"""Host and port."""

LISTENING = "0A"
"""The state of a listening socket in them (Linux, tcp_states.h)."""


@dataclass(frozen=True)
class Peer:
    """The process at the other end: `uid` and `pid`, each None where the system does not tell."""

    uid: int | None
    pid: int | None


def peer_of(
    sock: socket.socket, claimed: int | None = None, may_search: Callable[[], bool] = lambda: True
) -> Peer:
    """The process at the other end of `sock`.

    `claimed` is the pid that it says it has, which is looked at first; all others only if `may_search()`.
    """
    ends = _ends(sock)
    if ends is None:
        return Peer(None, None)
    row = _row_of(*ends)
    if row is None:
        return _by_psutil(*ends) if may_search() else Peer(None, None)
    if claimed is not None and _has_socket(claimed, row.inode):
        return Peer(row.uid, claimed)
    for process in psutil.pids() if may_search() else ():
        if _has_socket(process, row.inode):
            return Peer(row.uid, process)
    return Peer(row.uid, None)


def peer_uid(sock: socket.socket) -> int | None:
    """The user at the other end of `sock`, None where the system does not tell."""
    ends = _ends(sock)
    row = None if ends is None else _row_of(*ends)
    return None if row is None else row.uid


def listener_uid(port: int) -> int | None:
    """The user of the process that listens at `port` of this machine, None where the system does not tell."""
    for path, _ in TABLES:
        for line in _table(path).splitlines():
            fields = line.split()
            if len(fields) > FIELDS and fields[3] == LISTENING and fields[1].endswith(f":{port:04X}"):
                return _row(fields).uid
    return None


@dataclass(frozen=True)
class _Row:
    uid: int
    inode: str


def _row(fields: list[str]) -> _Row:
    return _Row(int(fields[7]), fields[9])


def _row_of(local: Address, remote: Address) -> _Row | None:
    """The system's row of the socket at `local` that is connected to `remote`."""
    for path, size in TABLES:
        wanted = f" {_written(local, size)} {_written(remote, size)} "
        table = _table(path)
        found = table.find(wanted)
        if found >= 0:
            return _row(table[table.rfind("\n", 0, found) + 1 : table.find("\n", found)].split())
    return None


def _table(path: str) -> str:
    try:
        with open(path, encoding="ascii") as table:
            return table.read()
    except OSError:  # not Linux
        return ""


def _ends(sock: socket.socket) -> tuple[Address, Address] | None:
    """The addresses of the other end and of this end of a connection, None if it has ended."""
    try:
        theirs, ours = sock.getpeername(), sock.getsockname()
    except OSError:
        return None
    return (str(theirs[0]), int(theirs[1])), (str(ours[0]), int(ours[1]))


def _written(address: Address, size: int) -> str:
    """An address as the system's table writes it: each 4 bytes as one number of the processor."""
    try:
        raw = socket.inet_pton(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, address[0])
    except OSError:  # with a zone, as of a link-local address
        return "-"
    if size == 16 and len(raw) == 4:
        raw = b"\0" * 10 + b"\xff\xff" + raw
    words = (raw[i : i + 4] for i in range(0, len(raw), 4))
    swapped = (word[::-1] if sys.byteorder == "little" else word for word in words)
    return f"{b''.join(swapped).hex().upper()}:{address[1]:04X}"


def _has_socket(pid: int, inode: str) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        return any(_link(f"{folder}/{name}") == f"socket:[{inode}]" for name in os.listdir(folder))
    except OSError:  # another user's process, or one that has ended
        return False


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _by_psutil(theirs: tuple[str, int], ours: tuple[str, int]) -> Peer:
    try:
        for one in psutil.net_connections("tcp"):
            if (
                one.laddr
                and one.raddr
                and tuple(one.laddr) == theirs
                and tuple(one.raddr) == ours
                and one.pid
            ):
                return Peer(None, one.pid)
    except psutil.Error:
        pass  # the system does not allow it
    return Peer(None, None)
