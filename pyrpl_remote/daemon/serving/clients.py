"""The client registry: which programs hold the board, and when the last one left.

A lease is an open connection: nothing here counts up and down by promise. A session is all the connections of
one client process; it ends with the last of them. Any other Pyro5 client is a session of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import psutil

from ... import settings
from ...protocol import Greeting
from ...schema import ClientStatus

FIRST_CLIENT_SECONDS = 10.0
"""How long at least a new daemon waits for its first client, however short its grace period is."""


class DaemonEnding(Exception):
    """The daemon is about to end and takes no more sessions; a new one will serve the board."""


@dataclass
class Client:
    """One session: who it is, and the modules that its proxies hold (paths)."""

    program: str
    user: str
    host: str
    pid: int | None
    since: float = field(default_factory=time.time)
    modules: list[str] = field(default_factory=list)
    last_sign: float = field(default_factory=time.monotonic)
    connections: set[Any] = field(default_factory=set)

    @cached_property
    def label(self) -> str:
        """Who it is, for messages."""
        return f"{self.program} (pid {self.pid}, {self.user} at {self.host})"

    def status(self) -> ClientStatus:
        """What the board's status shows."""
        return ClientStatus(self.program, self.user, self.host, self.pid, self.since, sorted(self.modules))


class Clients:
    """Sessions by their id.

    `ended()` is called once, `grace` s after the last session left; never if grace is None.
    """

    def __init__(self, grace: float | None, ended: Callable[[], None]) -> None:
        self.grace = grace
        self._ended = ended
        self._lock = threading.Lock()
        self._sessions: dict[Hashable, Client] = {}
        self._ending = False
        self._timer: threading.Timer | None = None

    def open(self) -> None:
        """Begin: a daemon whose first client never comes ends too."""
        with self._lock:
            if not self._sessions:
                self._await_clients(FIRST_CLIENT_SECONDS)

    def join(self, connection: Any, greeting: Greeting | None) -> Hashable:
        """Count `connection` to its session, a new one if need be; returns the session's id.

        `greeting` is None for any other Pyro5 client than ours. Raises DaemonEnding.
        """
        with self._lock:
            if self._ending:
                raise DaemonEnding
            session = greeting.session if greeting else connection
            if session not in self._sessions:
                self._sessions[session] = (
                    Client(greeting.program, greeting.user, greeting.host, greeting.pid)
                    if greeting
                    else _stranger(connection)
                )
            self._sessions[session].connections.add(connection)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            return session

    def leave(self, session: Hashable, connection: Any) -> bool:
        """`connection` is closed; whether its session ended with it."""
        with self._lock:
            client = self._sessions.get(session)
            if client is None:
                return False
            client.connections.discard(connection)
            if client.connections:
                return False
            del self._sessions[session]
            if not self._sessions:
                self._await_clients()
            return True

    def heard(self, session: Hashable, modules: list[str] | None = None) -> None:
        """A sign of life of a session, with the modules that it now holds if they changed."""
        client = self._sessions.get(session)
        if client is not None:
            client.last_sign = time.monotonic()
            if modules is not None:
                client.modules = modules

    def used(self, session: Hashable, module: str) -> None:
        """Another Pyro5 client used `module`: what it holds is what it used."""
        client = self._sessions.get(session)
        if client is not None and module not in client.modules:
            client.modules.append(module)

    def label(self, session: Hashable) -> str:
        """Who that is, for messages."""
        client = self._sessions.get(session)
        return client.label if client is not None else "a client that left"

    def status(self) -> list[ClientStatus]:
        """All sessions, the oldest first."""
        with self._lock:
            return [client.status() for client in sorted(self._sessions.values(), key=lambda c: c.since)]

    def silent_connections(self) -> list[Any]:
        """The connections of sessions whose heartbeat stopped: their machine lost power or network."""
        limit = time.monotonic() - settings.LEASE_SECONDS
        with self._lock:
            silent = [c for key, c in self._sessions.items() if isinstance(key, str) and c.last_sign < limit]
            return [connection for client in silent for connection in client.connections]

    def close(self) -> None:
        """Take no more sessions."""
        with self._lock:
            self._ending = True
            if self._timer is not None:
                self._timer.cancel()

    def _await_clients(self, at_least: float = 0.0) -> None:
        if self.grace is not None and not self._ending:
            self._timer = threading.Timer(max(self.grace, at_least), self._end_if_unused)
            self._timer.daemon = True
            self._timer.start()

    def _end_if_unused(self) -> None:
        with self._lock:
            # a timer that fired while a client joined
            if self._sessions or self._ending:
                return
            self._ending = True
        self._ended()


def _stranger(connection: Any) -> Client:
    """A bare Pyro5 client says nothing about itself; on this machine, its socket's owner is known."""
    host, port = connection.sock.getpeername()[:2]
    client = Client("Pyro5", "unknown", host, None)
    try:
        peers = [
            c for c in psutil.net_connections("tcp") if c.laddr and tuple(c.laddr) == (host, port) and c.pid
        ]
        if peers:
            process = psutil.Process(peers[0].pid)
            client.pid, client.program, client.user = process.pid, process.name(), process.username()
    except psutil.Error:
        pass  # another user's process, or gone already
    return client
