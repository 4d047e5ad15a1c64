"""How many connections a process that serves may have: those that have greeted, and those that have not."""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import threading
from typing import Any

log = logging.getLogger(__name__)

MAX_GREETING = 64
"""The most connections that have yet to say who they are."""

MAX_GREETED = 1500
"""The most connections that have."""

OTHER_DESCRIPTORS = 200
"""The descriptors of this process that are no such connections: files, its own connections."""


class Admission:
    """Counts connections, and refuses those that are too many; from any thread.

    Attribute: `refused` (how many were).
    """

    def __init__(self, greeting: int = MAX_GREETING, greeted: int = MAX_GREETED) -> None:
        self._most_greeting, self._most_greeted = greeting, greeted
        self._lock = threading.Lock()
        # those that have yet to greet, the oldest first, with whether anything came from them
        self._greeting: dict[Any, bool] = {}
        self._greeted: set[Any] = set()
        self.refused = 0

    def admit(self, connection: Any) -> bool:
        """Count a new connection; returns whether it may stay. Never waits.

        If too many have yet to greet, it takes the place of the oldest from which nothing came: silent ones
        keep nobody out.
        """
        with self._lock:
            if len(self._greeting) >= self._most_greeting and not self._drop_a_silent_one():
                self.refused += 1
                return False
            self._greeting[connection] = False
            return True

    def heard(self, connection: Any) -> None:
        """Note that something came from a connection that has yet to greet."""
        with self._lock:
            if connection in self._greeting:
                self._greeting[connection] = True

    def greeted(self, connection: Any) -> bool:
        """Note that a connection has greeted; returns whether it may stay."""
        with self._lock:
            self._greeting.pop(connection, None)
            if len(self._greeted) >= self._most_greeted:
                self.refused += 1
                return False
            self._greeted.add(connection)
            return True

    def left(self, connection: Any) -> None:
        """Forget a connection."""
        with self._lock:
            self._greeting.pop(connection, None)
            self._greeted.discard(connection)

    def counts(self) -> tuple[int, int]:
        """How many connections have yet to greet, and how many have."""
        with self._lock:
            return len(self._greeting), len(self._greeted)

    def _drop_a_silent_one(self) -> bool:
        silent = [connection for connection, heard in self._greeting.items() if not heard]
        for connection in silent:
            if not _has_bytes(connection.sock):
                del self._greeting[connection]
                self.refused += 1
                with contextlib.suppress(OSError):  # it is closed already
                    # not the own one of a TLS socket, which another thread uses
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
                return True
        return False


def _has_bytes(sock: socket.socket) -> bool:
    try:
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([sock], [], [], 0)[0])
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):  # it is closed
        return False


def raise_descriptors(connections: int = MAX_GREETING + MAX_GREETED) -> int:
    """Let this process have as many files and connections as it needs; returns how many connections fit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):  # it remains as it is
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    log.warning("this process may have %d open files only: less than %d connections fit", soft, connections)
    return max(MAX_GREETING + 1, soft - OTHER_DESCRIPTORS)
