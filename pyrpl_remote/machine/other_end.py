"""Whom the system knows at the other end of a connection of this machine: user and process.

Linux tells it when it is asked for one socket (socket_diag.py), or else by the files in /proc. Elsewhere
psutil finds the process, where the system allows that.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

from . import socket_diag
from .listener import ANY_ADDRESS

TABLES = (("/proc/net/tcp", 4), ("/proc/net/tcp6", 16))
"""The system's tables of connections, with the bytes of an address."""

Address = tuple[str, int]
"""Host and port."""

NO_INODE = "0"
"""The inode of a connection that its program has closed, or not accepted yet. Its uid says nothing: it is 0
whoever the user is."""

LISTENING = "0A"
"""The state of a listening socket in the tables (Linux, tcp_states.h)."""


@dataclass(frozen=True)
class OtherEnd:
    """The process at the other end: `uid` and `pid`, each None where the system does not tell."""

    uid: int | None
    pid: int | None


def other_end_of(
    sock: socket.socket, claimed: int | None = None, may_search: Callable[[], bool] = lambda: True
) -> OtherEnd:
    """The process at the other end of `sock`.

    `claimed` is the pid that it says it has, which is looked at first; all others only if `may_search()`.
    """
    ends = _ends(sock)
    if ends is None:
        return OtherEnd(None, None)
    row = _row_of(*ends)
    if row is None:
        return _by_psutil(*ends, claimed, may_search)
    if claimed is not None and _has_socket(claimed, row.inode):
        return OtherEnd(row.uid, claimed)
    for process in psutil.pids() if may_search() else ():
        if _has_socket(process, row.inode):
            return OtherEnd(row.uid, process)
    return OtherEnd(row.uid, None)


def other_uid(sock: socket.socket) -> int | None:
    """The user at the other end of `sock`, None where the system does not tell."""
    ends = _ends(sock)
    row = None if ends is None else _row_of(*ends)
    return None if row is None else row.uid


def has_tables() -> bool:
    """Whether the system tells the user of every connection, as Linux does."""
    return os.path.exists(TABLES[0][0])


def listener_uid(port: int, host: str = "127.0.0.1") -> int | None:
    """The user of the process that listens at `port` of this machine's address `host`.

    None if there is none, or where the system does not tell. Who listens at another address does not count.
    """
    address = "127.0.0.1" if host == "localhost" else host
    found = socket_diag.listening((address, port))
    if found:
        return found.uid
    tables = [(_table(path), size) for path, size in TABLES]
    for at in (address, *ANY_ADDRESS):
        for table, size in tables:
            nobody = f"{'0' * 2 * size}:0000"
            fields = _fields(table, f" {_written((at, port), size)} {nobody} {LISTENING} ")
            if fields:
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
    found = socket_diag.connected(local, remote)
    if found:
        return _Row(found.uid, str(found.inode)) if found.inode else None
    for path, size in TABLES:
        fields = _fields(_table(path), f" {_written(local, size)} {_written(remote, size)} ")
        if fields:
            row = _row(fields)
            connected = int(fields[3], 16) not in socket_diag.NOT_CONNECTED
            return row if connected and row.inode != NO_INODE else None
    return None


def _fields(table: str, wanted: str) -> list[str]:
    """The fields of the first row that contains `wanted`; none if no row does."""
    found = table.find(wanted)
    return table[table.rfind("\n", 0, found) + 1 : table.find("\n", found)].split() if found >= 0 else []


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


def _by_psutil(
    theirs: Address, ours: Address, claimed: int | None, may_search: Callable[[], bool]
) -> OtherEnd:
    """The process that has the connection. macOS shows a user the connections of own processes only."""
    if claimed is not None and _has_connection(claimed, theirs, ours):
        return OtherEnd(None, claimed)
    if not may_search():
        return OtherEnd(None, None)
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:  # the system does not allow it
        found = (pid for pid in psutil.pids() if _has_connection(pid, theirs, ours))
        return OtherEnd(None, next(found, None))
    return OtherEnd(None, next((one.pid for one in connections if _is(one, theirs, ours) and one.pid), None))


def _has_connection(pid: int, theirs: Address, ours: Address) -> bool:
    try:
        process = psutil.Process(pid)
        # psutil 6 has renamed it
        listed = getattr(process, "net_connections", None) or process.connections
        return any(_is(one, theirs, ours) for one in listed("tcp"))
    except (psutil.Error, ValueError, OverflowError):  # another user's, or it has ended; no valid pid
        return False


def _is(connection: Any, theirs: Address, ours: Address) -> bool:
    ends = (connection.laddr, connection.raddr)
    return all(ends) and (tuple(ends[0]), tuple(ends[1])) == (theirs, ours)
