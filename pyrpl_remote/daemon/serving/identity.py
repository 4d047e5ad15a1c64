"""Who a client is: what the system says of its connection, or else what the client says."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from ...machine.other_end import other_end_of
from ...machine.users import name_of
from ...protocol import Greeting
from ...transport.refusals import printable

MAX_TEXT = 100
"""The longest name of a program, user or host, in characters."""

SEARCHES_PER_SECOND = 20
"""How often the processes of this machine are searched for the owner of a connection: that takes a while."""

PYMODAQ = "PyMoDAQ"
"""A program that says this of itself is believed: PyMoDAQ runs under many scripts, as "dashboard".

Its pid and user are still what the system says."""

Identity = tuple[str, str, str, int | None]
"""Program, user, host and pid of a client."""

Identify = Callable[[Any, Greeting | None], Identity]


def as_said(connection: Any, greeting: Greeting | None) -> Identity:
    """What a client says of itself; a bare Pyro5 client says nothing."""
    if greeting is None:
        return "Pyro5", "unknown", "unknown", None
    program, user, host = (
        printable(text, MAX_TEXT) for text in (greeting.program, greeting.user, greeting.host)
    )
    return program, user, host, greeting.pid


class Searches:
    """Allows SEARCHES_PER_SECOND; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._second, self._count = 0, 0

    def allowed(self) -> bool:
        """Whether one more is allowed now."""
        with self._lock:
            second = int(time.monotonic())
            if second != self._second:
                self._second, self._count = second, 0
            self._count += 1
            return self._count <= SEARCHES_PER_SECOND


_searches = Searches()


def identity(connection: Any, greeting: Greeting | None) -> Identity:
    """Program, user, host and pid of the client at the other end; `greeting` is what it says, if anything."""
    claimed = None if greeting is None else greeting.pid
    other = other_end_of(connection.sock, claimed, _searches.allowed)
    program = "Pyro5" if greeting is None else greeting.program
    user = "unknown" if greeting is None else greeting.user
    if other.uid is not None:
        user = name_of(other.uid)
    pid: int | None = other.pid
    if pid is None and other.uid is None:
        pid = claimed  # the system says nothing
    if pid is None and claimed is not None and _uid_of(claimed) == other.uid:
        pid = claimed  # another user's process, whose sockets are not shown
    if pid is not None and (other.pid is not None or other.uid is not None):
        program = program if program == PYMODAQ else program_name(pid) or program
        user = user if other.uid is not None else _user_of(pid) or user
    host = socket.gethostname() if _is_here(connection) else str(connection.sock.getpeername()[0])
    return printable(program, MAX_TEXT), printable(user, MAX_TEXT), printable(host, MAX_TEXT), pid


def program_name(pid: int) -> str:
    """The program of a process, named as users know it: its script or module; "" if that is not shown."""
    try:
        process = psutil.Process(pid)
        words, name = process.cmdline(), process.name()
    except (psutil.Error, ValueError):
        return ""
    if not name.lower().startswith("python"):
        return name
    arguments = words[1:]
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option == "-m" and arguments:
            module = arguments[0].removesuffix(".__main__")
            return (
                "IPython"
                if module.partition(".")[0] in ("IPython", "ipykernel", "ipykernel_launcher")
                else module
            )
        if option == "-c":
            return "python"
        if option in ("-W", "-X") and arguments:
            arguments.pop(0)
    if not arguments:
        return "python"
    script = Path(arguments[0])
    if script.stem in ("ipython", "ipython3", "ipykernel_launcher"):  # ipython.exe on Windows
        return "IPython"
    return (script.parent if script.name == "__main__.py" else script).name.removesuffix(".exe")


def _uid_of(pid: int) -> int | None:
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except (OSError, ValueError):
        return None


def _user_of(pid: int) -> str:
    try:
        return psutil.Process(pid).username()
    except (psutil.Error, ValueError):
        return ""


def _is_here(connection: Any) -> bool:
    host = str(connection.sock.getpeername()[0])
    return host.startswith("127.") or host == "::1"
