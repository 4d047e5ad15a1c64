"""The clients of a daemon: which programs use the board, and when the last one has left.

A session is all the connections of one client process, and ends with the last of them: its lease is an open
connection. Each connection of any other Pyro5 client is a separate session.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ... import settings
from ...board_status import ClientStatus
from ...protocol import MAX_TEXT, Greeting
from ..caller import Caller
from .identity import Identify, as_said

FIRST_CLIENT_SECONDS = 10.0
"""The shortest time that a new daemon waits for its first client, even if its grace period is shorter."""

MAX_MODULES = 1000
"""How many modules a session may say that its proxies hold."""


class DaemonEnding(Exception):
    """The daemon is about to end and accepts no more sessions; a new one will serve the board.

    `by` says who has stopped it, "" if it ends by itself.
    """

    def __init__(self, by: str):
        super().__init__(f"the daemon was stopped by {by}" if by else "the daemon is ending")
        self.by = by


@dataclass
class Client:
    """One session: its program, user, host and pid, and the paths of the modules that its proxies hold.

    `requests`: how many came on connections that are closed.
    """

    program: str
    user: str
    host: str
    pid: int | None
    since: float = field(default_factory=time.time)
    modules: list[str] = field(default_factory=list)
    last_heartbeat: float = field(default_factory=time.monotonic)
    connections: set[Any] = field(default_factory=set)
    requests: int = 0

    @cached_property
    def label(self) -> str:
        """A description of the client, for messages and events."""
        return f"{self.program} (pid {self.pid}, {self.user} at {self.host})"

    def status(self) -> ClientStatus:
        """The client's part of the board's status."""
        return ClientStatus(
            self.program,
            self.user,
            self.host,
            self.pid,
            self.since,
            sorted(self.modules),
            connections=len(self.connections),
            requests=self.requests + sum(map(_requests_on, self.connections)),
        )


class Clients:
    """The sessions by id. May be used from any thread.

    `ended()` is called once, `grace` s after the last session has ended, and the last job that holds the
    daemon; never if `grace` is None.
    """

    def __init__(
        self, grace: float | None, ended: Callable[[], None], identify: Identify | None = None
    ) -> None:
        """`identify(connection, greeting)` returns program, user, host and pid; by default what it says.

        `greeting` is None for a bare Pyro5 client.
        """
        self.grace = grace
        self._identify = identify or as_said
        self._ended = ended
        self._lock = threading.Lock()
        self._sessions: dict[Hashable, Client] = {}
        self._holds: set[Hashable] = set()
        self._ending = False
        self._stopped_by = ""
        self._had_session = False
        self._timer: threading.Timer | None = None

    @property
    def ending(self) -> bool:
        """Whether the daemon accepts no more sessions."""
        return self._ending

    def open(self) -> None:
        """Start the wait for the first client: if none connects, the daemon ends too."""
        with self._lock:
            if not self._is_used():
                self._await_clients(FIRST_CLIENT_SECONDS)

    def join(self, connection: Any, greeting: Greeting | None, peer: str = "", who: str = "") -> Hashable:
        """Add `connection` to its session, which is made if it is new; returns the session's id.

        `greeting` is None for a bare Pyro5 client, `peer` the paired host that one comes from. `who` the
        client is of, if not of the board's owner: it joins sessions of its like only. Raises DaemonEnding.
        """
        session: Hashable = _key(greeting.session, who) if greeting and greeting.session else connection
        client = self._sessions.get(session)
        if client is None:
            # before the lock is taken: the system's list of connections takes a while
            client = self._client(connection, greeting, peer)
        with self._lock:
            if self._ending:
                raise DaemonEnding(self._stopped_by)
            self._had_session = True
            self._sessions.setdefault(session, client)
            self._sessions[session].connections.add(connection)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            return session

    def hold(self, key: Hashable) -> None:
        """Keep the daemon from ending by itself, as a client does, until `free(key)`: a job runs."""
        with self._lock:
            self._holds.add(key)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def free(self, key: Hashable) -> None:
        """A job no longer holds the daemon."""
        with self._lock:
            held = key in self._holds
            self._holds.discard(key)
            if held and not self._is_used():
                self._await_clients()

    def observer(self, connection: Any, greeting: Greeting, peer: str = "") -> str:
        """A description of a client without session, for messages."""
        return self._client(connection, greeting, peer).label

    def _client(self, connection: Any, greeting: Greeting | None, peer: str) -> Client:
        if not peer:
            return Client(*self._identify(connection, greeting))
        # the other end of the connection is the gate, which knows the host; the rest is what the client says
        program, user, _, pid = as_said(connection, greeting)
        return Client(program, user, peer, pid)

    def leave(self, session: Hashable, connection: Any) -> bool:
        """Remove a closed connection; returns whether its session ended with it."""
        with self._lock:
            client = self._sessions.get(session)
            if client is None:
                return False
            client.connections.discard(connection)
            client.requests += _requests_on(connection)
            if client.connections:
                return False
            del self._sessions[session]
            if not self._is_used():
                self._await_clients()
            return True

    def record_heartbeat(self, session: Hashable, modules: list[str] | None = None) -> None:
        """Note a heartbeat of a session; `modules` are those that it holds, None if they have not changed."""
        client = self._sessions.get(session)
        if client is not None:
            client.last_heartbeat = time.monotonic()
            if modules is not None:
                client.modules = modules

    def used(self, session: Hashable, module: str) -> None:
        """Note that a bare Pyro5 client used `module` (a path): it holds all modules that it used."""
        client = self._sessions.get(session)
        if client is not None and module not in client.modules:
            client.modules.append(module)

    def label(self, session: Hashable) -> str:
        """A description of a session's client, for messages."""
        client = self._sessions.get(session)
        return client.label if client is not None else "a client that left"

    def status(self) -> list[ClientStatus]:
        """The status of all sessions, the oldest first."""
        return list(self.by_session().values())

    def by_session(self) -> dict[Hashable, ClientStatus]:
        """The status of each session by its id, the oldest first."""
        with self._lock:
            oldest_first = sorted(self._sessions.items(), key=lambda item: item[1].since)
            return {session: client.status() for session, client in oldest_first}

    def silent_connections(self) -> list[Any]:
        """The connections of silent sessions: those without heartbeat for LEASE_SECONDS."""
        limit = time.monotonic() - settings.LEASE_SECONDS
        with self._lock:
            silent = [
                c for key, c in self._sessions.items() if isinstance(key, str) and c.last_heartbeat < limit
            ]
            return [connection for client in silent for connection in client.connections]

    def all_left(self) -> bool:
        """Whether the daemon has had clients, and only waits for the end of its grace period.

        If so, it accepts no more sessions.
        """
        with self._lock:
            if self._is_used() or self._timer is None or not self._had_session:
                return False
            self._ending = True
            return True

    def close(self, by: str = "") -> None:
        """Accept no more sessions; `by` says who has stopped the daemon, "" if it ends by itself."""
        with self._lock:
            self._ending = True
            self._stopped_by = by
            if self._timer is not None:
                self._timer.cancel()

    def disconnect(self) -> None:
        """Shut down the connections of all sessions."""
        with self._lock:
            connections = [one for client in self._sessions.values() for one in client.connections]
        shut_down(connections)

    def _is_used(self) -> bool:
        return bool(self._sessions or self._holds)

    def _await_clients(self, at_least: float = 0.0) -> None:
        if self.grace is not None and not self._ending:
            self._timer = threading.Timer(max(self.grace, at_least), self._end_if_unused)
            self._timer.daemon = True
            self._timer.start()

    def _end_if_unused(self) -> None:
        with self._lock:
            # a client joined, or a job began, when the timer had already fired
            if self._is_used() or self._ending:
                return
            self._ending = True
        self._ended()


def _key(session: str, who: str) -> str:
    """The id by which a session is known here: whoever else learns the client's own id has another one."""
    # without a dot, which separates the program (see protocol.program_of)
    return f"{who.replace('.', chr(0))} {session}" if who else session


def require_paths(modules: object) -> None:
    """Raise TypeError unless `modules` are paths of modules, as a heartbeat reports them."""
    if (
        type(modules) is not list
        or len(modules) > MAX_MODULES
        or not all(type(path) is str and len(path) <= MAX_TEXT and path.isprintable() for path in modules)
    ):
        raise TypeError(f"modules are a list of at most {MAX_MODULES} paths, not {modules!r:.80}")


def shut_down(connections: list[Any]) -> None:
    """Shut down connections: the worker thread of each wakes, and closes it."""
    for connection in connections:
        with contextlib.suppress(OSError):  # it is already closed
            connection.sock.shutdown(socket.SHUT_RDWR)


def _requests_on(connection: Any) -> int:
    """How many requests came on a connection; 0 while its greeting is answered."""
    caller: Caller | None = getattr(connection, "caller", None)
    return 0 if caller is None else caller.sent.requests
