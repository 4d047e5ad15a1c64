"""What receives and sends for our Pyro5 connections: it reads ahead, and looks for a moment before it sleeps.

Pyro5 receives a message in three parts; read ahead, they cost one call of the system. And to wake a processor that sleeps
takes longer than a short request and its answer: who was answered at once before looks for the next answer before waiting.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from Pyro5 import errors as pyro_errors

AHEAD_BYTES = 8192
"""What is read at once; the rest of a longer message goes straight to where it is wanted."""

WATCH_SECONDS = 1.5e-4
"""How long to look before waiting."""

PROMPT_SECONDS = 4e-4
"""What comes sooner is worth looking for the next time."""

ATTENTION_SECONDS = 0.2
"""How often a wait is left for a moment: a signal, such as Ctrl-C, that comes just before it would else end with it."""

_PARTS = 3
"""How many parts a message has. Behind a large one the next may be large too: its parts are received one by one, uncopied."""

# Windows has neither; there one only waits
_DO_NOT_WAIT = getattr(socket, "MSG_DONTWAIT", 0)
_WAIT_FOR_ALL = getattr(socket, "MSG_WAITALL", 0) if os.name != "nt" else 0
give_way: Callable[[], object] = getattr(os, "sched_yield", lambda: None)
"""Let other threads run on this processor."""


class ReadAhead:
    """Takes the place of a Pyro5 connection's `recv` and `send`.

    Attributes: `ahead` (what was read and not received yet), `unsent` (what `send` has left of a message because the socket
    does not block; to be sent before all else), `on_unsent()` (called when it leaves something).
    """

    def __init__(self, connection: Any):
        # the connection holds this, which holds its socket only: what is dropped is closed at once
        self._sock: socket.socket = connection.sock
        self._arrives = _waiter(self._sock)
        self._prompt = True
        self._exact = 0
        self.ahead = bytearray()
        self.unsent = memoryview(b"")
        self.on_unsent: Callable[[], object] = lambda: None
        connection.recv = self.receive
        connection.send = self.send

    def receive(self, size: int) -> bytes | bytearray:
        """Exactly `size` bytes. Raises Pyro5's ConnectionClosedError or TimeoutError."""
        ahead = self.ahead
        if len(ahead) < size:
            try:
                if size > AHEAD_BYTES:
                    self._exact = _PARTS
                    if not ahead:
                        arrived = self._sock.recv(size, _WAIT_FOR_ALL)
                        if len(arrived) == size:
                            return arrived
                        ahead += arrived
                while len(ahead) < size:
                    ahead += self._await(size - len(ahead) if self._exact else AHEAD_BYTES)
            except OSError as error:
                raise _as_pyro(error, "receiving") from error
        if self._exact and size <= AHEAD_BYTES:
            self._exact -= 1
        if len(ahead) == size:
            self.ahead = bytearray()
            return ahead
        data = bytes(ahead[:size])
        del ahead[:size]
        return data

    def look(self, missing: int) -> None:
        """Read ahead what has arrived at a socket that does not block, of about as much as is missing.

        Raises BlockingIOError if nothing has, EOFError if the other side has closed.
        """
        arrived = self._sock.recv(max(AHEAD_BYTES, missing))
        if not arrived:
            raise EOFError
        self.ahead += arrived

    def send(self, data: bytes | memoryview) -> None:
        """Send all of `data`; where the socket does not block, what the other side does not fetch at once is kept.

        Raises Pyro5's ConnectionClosedError or TimeoutError.
        """
        try:
            if self._sock.gettimeout() != 0.0:
                self._sock.sendall(data)
            else:
                self.unsent = self._send_soon(memoryview(data))
                if self.unsent:
                    self.on_unsent()
        except OSError as error:
            raise _as_pyro(error, "sending") from error

    def _send_soon(self, unsent: memoryview) -> memoryview:
        """Send what the other side fetches soon; gives the rest."""
        progress = time.perf_counter()
        while unsent and time.perf_counter() - progress < WATCH_SECONDS:
            try:
                unsent = unsent[self._sock.send(unsent) :]
                progress = time.perf_counter()
            except BlockingIOError:
                give_way()
        return unsent

    def _await(self, size: int) -> bytes:
        """At most `size` bytes, at least one."""
        begin = time.perf_counter()
        if self._prompt and _DO_NOT_WAIT and self._sock.gettimeout() is None:
            while time.perf_counter() - begin < WATCH_SECONDS:
                try:
                    return self._sock.recv(size, _DO_NOT_WAIT) or _closed()
                except BlockingIOError:
                    give_way()
        while self._sock.gettimeout() is None and not self._arrives():
            pass
        arrived = self._sock.recv(size)
        self._prompt = time.perf_counter() - begin < PROMPT_SECONDS
        return arrived or _closed()


def _waiter(sock: socket.socket) -> Callable[[], object]:
    """A function that waits until something arrives, for ATTENTION_SECONDS at most; false if nothing did."""
    if not hasattr(select, "poll"):  # Windows
        return lambda: select.select([sock], [], [], ATTENTION_SECONDS)[0]
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return lambda: poll.poll(ATTENTION_SECONDS * 1000)


def _closed() -> bytes:
    raise pyro_errors.ConnectionClosedError("receiving: not enough data")


def _as_pyro(error: OSError, doing: str) -> pyro_errors.CommunicationError:
    if isinstance(error, TimeoutError):
        return pyro_errors.TimeoutError(f"{doing}: timeout")
    return pyro_errors.ConnectionClosedError(f"{doing}: connection lost: {error}")
