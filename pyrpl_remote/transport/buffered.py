"""Buffered receive and send for a Pyro5 connection, with a short busy-poll before blocking.

Pyro5 receives a message with three system calls; reading ahead needs one. Waking a sleeping process takes
longer than a short request and its reply: after a prompt reply, the next one is polled for before blocking.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from Pyro5 import errors as pyro_errors

from ..wire import MAX_MESSAGE_BYTES
from . import pyro_internals as pyro
from .messages import Messages, as_pyro, raise_closed
from .pyro_internals import HEADER_BYTES, Header

AHEAD_BYTES = 8192
"""How much is read at once. The rest of a longer message is received directly into its own memory."""

POLL_SECONDS = 1.5e-4
"""How long to poll before blocking."""

PROMPT_SECONDS = 4e-4
"""After a reply within this time, the next one is polled for."""

SIGNAL_SECONDS = 0.2
"""The longest blocking wait. A signal such as Ctrl-C just before it is handled when it ends."""

# Windows has neither flag, and does not poll
_DO_NOT_WAIT = getattr(socket, "MSG_DONTWAIT", 0)
_WAIT_FOR_ALL = getattr(socket, "MSG_WAITALL", 0) if os.name != "nt" else 0
yield_processor: Callable[[], object] = getattr(os, "sched_yield", lambda: time.sleep(0))
"""Lets other threads run on this processor; on Windows, sleep(0) does it."""

Payload = bytes | bytearray | memoryview


class Buffered(Messages):
    """Messages on plain loopback. Takes the place of a Pyro5 connection's `recv` and `send`.

    Attributes: `unsent` (the rest of a message that a non-blocking socket did not accept; it must be sent
    before anything else), `on_unsent()` (called when there is such a rest), `longest` (of the requests that
    `poll_message` receives, in bytes, with the arrays beside).
    """

    def __init__(self, connection: Any):
        # only the socket: a reference to the connection would be a cycle, and Pyro5 closes a dropped
        # connection
        super().__init__(connection.sock, AHEAD_BYTES)
        self._wait = _waiter(self._sock)
        self._prompt = True
        # a long payload that is being received without blocking: header, memory, and bytes received so far
        self._partial: tuple[Header, memoryview, int] | None = None
        self.unsent = memoryview(b"")
        self.on_unsent: Callable[[], object] = lambda: None
        self.longest = MAX_MESSAGE_BYTES
        pyro.replace_io(connection, self.receive, self.send)

    def receive(self, size: int) -> Payload:
        """Exactly `size` bytes. Raises Pyro5's ConnectionClosedError or TimeoutError."""
        ahead = self._ahead
        try:
            if size > AHEAD_BYTES:
                return self._receive_long(size)
            while len(ahead) < size:
                ahead += self._await(AHEAD_BYTES)
        except (OSError, ValueError) as error:
            raise as_pyro(error, "receiving") from error
        if len(ahead) == size:
            self._ahead = bytearray()
            return ahead
        data = bytes(ahead[:size])
        del ahead[:size]
        return data

    def poll_message(self) -> Header | None:
        """The next message on a non-blocking socket, None until all of it has arrived.

        A message that is no plain request (`pyro.is_plain_request`) is returned without its payload, which
        Pyro5 receives. Raises EOFError if the other side has closed, and Pyro5's ProtocolError for bytes that
        are no message; these bytes are kept.
        """
        if self._partial is not None:
            return self._poll_long()
        ahead = self._ahead
        while len(ahead) < HEADER_BYTES:
            if not self._read_ahead():
                return None
        header = pyro.header_of(ahead[:HEADER_BYTES])
        size = header.annotations_size + header.data_size
        if not pyro.is_plain_request(header) or size > self.longest:
            return header
        if size > AHEAD_BYTES:
            memory = np.empty(size, np.uint8).data
            received = min(len(ahead) - HEADER_BYTES, size)
            memory[:received] = ahead[HEADER_BYTES : HEADER_BYTES + received]
            del ahead[: HEADER_BYTES + received]
            self._partial = header, memory, received
            return self._poll_long()
        while len(ahead) < HEADER_BYTES + size:
            if not self._read_ahead():
                return None
        pyro.add_payload(header, bytes(ahead[HEADER_BYTES : HEADER_BYTES + size]))
        del ahead[: HEADER_BYTES + size]
        return header

    def has_message(self) -> bool:
        """Whether a whole message was read ahead; the socket does not become readable for it again."""
        if len(self._ahead) < HEADER_BYTES:
            return False
        try:
            header = pyro.header_of(self._ahead[:HEADER_BYTES])
        except pyro_errors.ProtocolError:
            return True  # so that receiving it raises the error
        size = header.annotations_size + header.data_size
        if not pyro.is_plain_request(header) or size > self.longest:
            return True
        return bool(len(self._ahead) >= HEADER_BYTES + size)

    def send(self, data: bytes | memoryview) -> None:
        """Send all of `data`, as `send_parts` does."""
        self.send_parts([data])

    def send_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send all parts.

        On a non-blocking socket, the rest that it does not accept soon is kept as `unsent`.
        Raises Pyro5's ConnectionClosedError or TimeoutError.
        """
        try:
            sent = _send_some(self._sock, parts)
            if sent < sum(map(len, parts)):
                self._send_rest(_without([memoryview(part) for part in parts], sent))
        except (OSError, ValueError) as error:
            raise as_pyro(error, "sending") from error

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
        """Send the bytes in `unsent`, on a socket that blocks again."""
        unsent, self.unsent = self.unsent, memoryview(b"")
        self.send(unsent)

    def _poll_long(self) -> Header | None:
        assert self._partial is not None
        header, memory, received = self._partial
        progress = time.perf_counter()
        while received < len(memory):
            try:
                count = self._sock.recv_into(memory[received:])
            except BlockingIOError:
                # a long message arrives in pieces: poll for the next one
                if time.perf_counter() - progress > POLL_SECONDS:
                    self._partial = header, memory, received
                    return None
                yield_processor()
                continue
            if not count:
                raise EOFError
            received += count
            progress = time.perf_counter()
        self._partial = None
        pyro.add_payload(header, memory)
        return header

    def _read_ahead(self) -> bool:
        """Read the bytes that have arrived. Returns False if there are none; raises EOFError at the end."""
        try:
            arrived = self._sock.recv(AHEAD_BYTES)
        except BlockingIOError:
            return False
        if not arrived:
            raise EOFError
        self._ahead += arrived
        return True

    def _await(self, size: int) -> bytes:
        """Wait for bytes, and return at least one and at most `size`."""
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
        return arrived or raise_closed()

    def _await_into(self, memory: memoryview) -> int:
        if self._sock.gettimeout() is None:
            self._wait_for_bytes()
        return self._sock.recv_into(memory, 0, _WAIT_FOR_ALL)

    def _wait_for_bytes(self) -> None:
        # another thread may close the socket, and its number be another socket's soon after
        while self._sock.fileno() >= 0 and not self._wait():
            pass


def _send_some(sock: socket.socket, parts: Sequence[bytes | memoryview]) -> int:
    """Send what the socket accepts; returns how many bytes, 0 if a non-blocking socket accepts none."""
    try:
        if len(parts) == 1 or not hasattr(sock, "sendmsg"):  # Windows
            return sock.send(parts[0])
        return sock.sendmsg(parts[:_MAX_PARTS])
    except BlockingIOError:
        return 0


_MAX_PARTS = 64
"""The most parts in one system call; systems allow 1024."""


def _without(parts: list[memoryview], sent: int) -> list[memoryview]:
    """The rest of `parts` after the first `sent` bytes."""
    for index, part in enumerate(parts):
        if sent < len(part):
            return [part[sent:], *parts[index + 1 :]]
        sent -= len(part)
    return []


def _waiter(sock: socket.socket) -> Callable[[], object]:
    """A function that waits for bytes for up to SIGNAL_SECONDS; its result is false if none arrived."""
    if not hasattr(select, "poll"):  # Windows
        return lambda: select.select([sock], [], [], SIGNAL_SECONDS)[0]
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return lambda: poll.poll(SIGNAL_SECONDS * 1000)
