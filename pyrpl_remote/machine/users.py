"""The users of this machine: this one, and whose program is at the other end of a connection.

A user is known by the uid; on Windows, which has none, by the account's name.
"""

from __future__ import annotations

import os
import socket

import psutil

from .other_end import has_tables, listener_uid, other_end_of, other_uid

User = int | str

ROOT: User = 0
"""The user who may read and change everything, secrets too."""


def this_user() -> User:
    """The user of this process."""
    return os.geteuid() if os.name == "posix" else psutil.Process().username()


def user_at(sock: socket.socket, claimed: int | None = None) -> User | None:
    """The user at the other end of a connection of this machine, None where the system does not tell.

    `claimed` is the pid that the other end says it has: other systems than Linux are asked about it first.
    """
    if has_tables():
        return other_uid(sock)
    pid = other_end_of(sock, claimed).pid
    try:
        process = psutil.Process(pid) if pid is not None else None
        if process is None:
            return None
        return int(process.uids().effective) if os.name == "posix" else str(process.username())
    except psutil.Error:  # it has ended, or the system does not allow it
        return None


def listener(host: str, port: int) -> User | None:
    """The user of the program that listens there, None where the system does not tell, as outside Linux."""
    return listener_uid(port, host)


def name_of(user: User) -> str:
    """The name of a user."""
    if isinstance(user, str):
        return user
    try:
        import pwd

        return pwd.getpwuid(user).pw_name
    except (ImportError, KeyError):  # a user without a name, as in some containers
        return f"uid {user}"


def user_called(name: str) -> User | None:
    """The user of a name, or of a number as text; None if this machine has none of this name."""
    if os.name != "posix":
        return name if name else None
    number = name.removeprefix("uid ")
    if number.isascii() and number.isdigit() and int(number) < 2**32 - 1:
        return int(number)
    try:
        import pwd

        return pwd.getpwnam(name).pw_uid
    except (KeyError, ValueError):  # ValueError: a null byte
        return None
