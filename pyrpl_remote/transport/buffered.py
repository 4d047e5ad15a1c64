"""Buffered receive and send for a Pyro5 connection, with a short busy-poll before blocking.

Pyro5 receives a message in three parts; read ahead, they cost one system call. Waking a process that sleeps
takes longer than a short request and its reply: where the last reply came at once, the next is polled for
before blocking.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
from Pyro5 import errors as pyro_errors

from . import pyro_internals as pyro
from .pyro_internals import HEADER_BYTES, Header

AHEAD_BYTES = 8192
"""What is read at once; the rest of a longer message is received where it is wanted."""

POLL_SECONDS = 1.5e-4
"""How long to poll before blocking."""

PROMPT_SECONDS = 4e-4
"""A reply within this time makes it worth polling for the next one."""

SIGNAL_SECONDS = 0.2
"""How often a blocking wait is interrupted: a signal that comes just before it would else wait as long."""

# Windows has neither; there one only blocks
_DO_NOT_WAIT = getattr(socket, "MSG_DONTWAIT", 0)
_WAIT_FOR_ALL = getattr(socket, "MSG_WAITALL", 0) if os.name != "nt" else 0
yield_processor: Callable[[], object] = getattr(os, "sched_yield", lambda: None)
"""Let other threads run on this processor."""

Payload = bytes | bytearray | memoryview


class Buffered:
    """Takes the place of a Pyro5 connection's `recv` and `send`.

    Attributes: `unsent` (what `send` has left of a message because the socket does not block; to be sent
    before anything else), `on_unsent()` (called when it leaves something).
    """

    def __init__(self, connection: Any):
        # the connection holds this, which holds its socket only: a connection that is dropped is closed at
        # once
        self._sock: socket.socket = connection.sock
        self._wait = _waiter(self._sock)
        self._prompt = True
        self._ahead = bytearray()
        # a long payload that is being received without blocking: its header, its memory, and how much is
        # there
        self._partial: tuple[Header, memoryview, int] | None = None
        self.unsent = memoryview(b"")
        self.on_unsent: Callable[[], object] = lambda: None
        pyro.replace_io(connection, self.receive, self.send)

    def receive(self, size: int) -> Payload:
        """Exactly `size` bytes. Raises Pyro5's ConnectionClosedError or TimeoutError."""
        ahead = self._ahead
        try:
            if size > AHEAD_BYTES:
                return self._receive_long(size)
            while len(ahead) < size:
                ahead += self._await(AHEAD_BYTES)
        except OSError as error:
            raise _as_pyro(error, "receiving") from error
        if len(ahead) == size:
            self._ahead = bytearray()
            return ahead
        data = bytes(ahead[:size])
        del ahead[:size]
        return data

    def receive_message(self) -> Header:
        """The next message. Raises Pyro5's CommunicationError."""
        ahead = self._ahead
        try:
            while len(ahead) < HEADER_BYTES:
                ahead += self._await(AHEAD_BYTES)
            header = pyro.header_of(ahead[:HEADER_BYTES])
            size = header.annotations_size + header.data_size
            if size > AHEAD_BYTES:
                del ahead[:HEADER_BYTES]
                header.add_payload(self._receive_long(size))
                return header
            while len(ahead) < HEADER_BYTES + size:
                ahead += self._await(AHEAD_BYTES)
        except OSError as error:
            raise _as_pyro(error, "receiving") from error
        header.add_payload(bytes(ahead[HEADER_BYTES : HEADER_BYTES + size]))
        del ahead[: HEADER_BYTES + size]
        return header

    def poll_message(self) -> Header | None:
        """The next message where the socket does not block, None until all of it has arrived.

        A message that `pyro.is_plain_request` does not hold for comes without its payload: Pyro5 receives it
        itself. Raises EOFError if the other side has closed, Pyro5's ProtocolError for what is no message;
        its bytes stay.
        """
        if self._partial is not None:
            return self._poll_long()
        ahead = self._ahead
        while len(ahead) < HEADER_BYTES:
            if not self._read_ahead():
                return None
        header = pyro.header_of(ahead[:HEADER_BYTES])
        if not pyro.is_plain_request(header):
            return header
        size = header.annotations_size + header.data_size
        if size > AHEAD_BYTES:
            memory = np.empty(size, np.uint8).data
            there = min(len(ahead) - HEADER_BYTES, size)
            memory[:there] = ahead[HEADER_BYTES : HEADER_BYTES + there]
            del ahead[: HEADER_BYTES + there]
            self._partial = header, memory, there
            return self._poll_long()
        while len(ahead) < HEADER_BYTES + size:
            if not self._read_ahead():
                return None
        header.add_payload(bytes(ahead[HEADER_BYTES : HEADER_BYTES + size]))
        del ahead[: HEADER_BYTES + size]
        return header

    def has_message(self) -> bool:
        """Whether a whole message was read ahead, of which the socket signals nothing any more."""
        if len(self._ahead) < HEADER_BYTES:
            return False
        try:
            header = pyro.header_of(self._ahead[:HEADER_BYTES])
        except pyro_errors.ProtocolError:
            return True  # receiving it raises the error
        size = header.annotations_size + header.data_size
        return not pyro.is_plain_request(header) or len(self._ahead) >= HEADER_BYTES + size

    def send(self, data: bytes | memoryview) -> None:
        """Send all of `data`, as `send_parts` does."""
        self.send_parts([data])

    def send_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send all parts.

        Where the socket does not block, what the other side does not receive at once is kept as `unsent`.
        Raises Pyro5's ConnectionClosedError or TimeoutError.
        """
        try:
            sent = _send_some(self._sock, parts)
            if sent < sum(map(len, parts)):
                self._send_rest(_without([memoryview(part) for part in parts], sent))
        except OSError as error:
            raise _as_pyro(error, "sending") from error

    def _send_rest(self, remaining: list[memoryview]) -> None:
        progress = time.perf_counter()
        while remaining:
            sent = _send_some(self._sock, remaining)
            if sent:
                remaining, progress = _without(remaining, sent), time.perf_counter()
            elif time.perf_counter() - progress < POLL_SECONDS:
                yield_processor()
            else:
                # a copy: parts may be arrays that change before the rest is sent
                self.unsent = memoryview(b"".join(remaining))
                self.on_unsent()
                return

    def send_unsent(self) -> None:
        """Send what was left, where the socket blocks again."""
        unsent, self.unsent = self.unsent, memoryview(b"")
        self.send(unsent)

    def _receive_long(self, size: int) -> memoryview:
        memory = np.empty(size, np.uint8).data
        there = min(len(self._ahead), size)
        memory[:there] = self._ahead[:there]
        del self._ahead[:there]
        while there < size:
            if self._sock.gettimeout() is None:
                self._wait_for_bytes()
            there += self._sock.recv_into(memory[there:], 0, _WAIT_FOR_ALL) or _raise_closed()
        return memory

    def _poll_long(self) -> Header | None:
        assert self._partial is not None
        header, memory, there = self._partial
        progress = time.perf_counter()
        while there < len(memory):
            try:
                count = self._sock.recv_into(memory[there:])
            except BlockingIOError:
                # a long message comes in pieces: the next one is worth polling for
                if time.perf_counter() - progress > POLL_SECONDS:
                    self._partial = header, memory, there
                    return None
                yield_processor()
                continue
            if not count:
                raise EOFError
            there += count
            progress = time.perf_counter()
        self._partial = None
        header.add_payload(memory)
        return header

    def _read_ahead(self) -> bool:
        """Read what has arrived, if anything has."""
        try:
            arrived = self._sock.recv(AHEAD_BYTES)
        except BlockingIOError:
            return False
        if not arrived:
            raise EOFError
        self._ahead += arrived
        return True

    def _await(self, size: int) -> bytes:
        """At most `size` bytes, at least one."""
        begin = time.perf_counter()
        blocks = self._sock.gettimeout() is None
        arrived: bytes | None = None
        if self._prompt and _DO_NOT_WAIT and blocks:
            while arrived is None and time.perf_counter() - begin < POLL_SECONDS:
                try:
                    arrived = self._sock.recv(size, _DO_NOT_WAIT)
                except BlockingIOError:
                    yield_processor()
        if arrived is None:
            if blocks:
                self._wait_for_bytes()
            arrived = self._sock.recv(size)
            self._prompt = time.perf_counter() - begin < PROMPT_SECONDS
        return arrived or _raise_closed()

    def _wait_for_bytes(self) -> None:
        while not self._wait():
            pass


def _send_some(sock: socket.socket, parts: Sequence[bytes | memoryview]) -> int:
    """Send what goes out now; returns how many bytes, 0 if the socket does not block and has no room."""
    try:
        if len(parts) == 1 or not hasattr(sock, "sendmsg"):  # Windows
            return sock.send(parts[0])
        return sock.sendmsg(parts[:_MAX_PARTS])
    except BlockingIOError:
        return 0


_MAX_PARTS = 64
"""How many parts one system call takes; systems allow 1024."""


def _without(parts: list[memoryview], sent: int) -> list[memoryview]:
    """What is left of `parts` after `sent` bytes."""
    for index, part in enumerate(parts):
        if sent < len(part):
            return [part[sent:], *parts[index + 1 :]]
        sent -= len(part)
    return []


def _waiter(sock: socket.socket) -> Callable[[], object]:
    """A function that waits until something arrives, for SIGNAL_SECONDS at most; false if nothing did."""
    if not hasattr(select, "poll"):  # Windows
        return lambda: select.select([sock], [], [], SIGNAL_SECONDS)[0]
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return lambda: poll.poll(SIGNAL_SECONDS * 1000)


def _raise_closed() -> NoReturn:
    raise pyro_errors.ConnectionClosedError("receiving: not enough data")


def _as_pyro(error: OSError, doing: str) -> pyro_errors.CommunicationError:
    if isinstance(error, TimeoutError):
        return pyro_errors.TimeoutError(f"{doing}: timeout")
    return pyro_errors.ConnectionClosedError(f"{doing}: connection lost: {error}")
