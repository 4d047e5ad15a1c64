"""Pyro5's messages over a TLS socket, or any other one: read ahead, long ones into their own memory.

Buffered (buffered.py) cannot serve a TLS socket, which knows neither flags nor sendmsg.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

import numpy as np
from Pyro5 import errors as pyro_errors

from .. import pyro_internals as pyro
from ..pyro_internals import HEADER_BYTES, Header

AHEAD_BYTES = 16384
"""How much is read at once: one record of TLS."""

JOINED_BYTES = 65536
"""Parts of a message up to this size are joined: each `send` makes a record of TLS."""


class Messages:
    """Sends and receives messages on a blocking socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._ahead = bytearray()

    def send_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send all parts of a message. Raises Pyro5's ConnectionClosedError or TimeoutError."""
        try:
            if sum(map(len, parts)) <= JOINED_BYTES:
                self._sock.sendall(parts[0] if len(parts) == 1 else b"".join(parts))
                return
            for part in parts:
                self._sock.sendall(part)
        except (OSError, ValueError) as error:
            raise _as_pyro(error, "sending") from error

    def receive_message(self) -> Header:
        """The next message. Raises Pyro5's CommunicationError."""
        ahead = self._ahead
        try:
            while len(ahead) < HEADER_BYTES:
                ahead += self._receive()
            header = pyro.header_of(ahead[:HEADER_BYTES])
            size = header.annotations_size + header.data_size
            if size > AHEAD_BYTES:
                del ahead[:HEADER_BYTES]
                header.add_payload(self._receive_long(size))
                return header
            while len(ahead) < HEADER_BYTES + size:
                ahead += self._receive()
        except (OSError, ValueError) as error:
            raise _as_pyro(error, "receiving") from error
        header.add_payload(bytes(ahead[HEADER_BYTES : HEADER_BYTES + size]))
        del ahead[: HEADER_BYTES + size]
        return header

    def _receive(self) -> bytes:
        return self._sock.recv(AHEAD_BYTES) or _raise_closed()

    def _receive_long(self, size: int) -> memoryview:
        memory = np.empty(size, np.uint8).data
        received = min(len(self._ahead), size)
        memory[:received] = self._ahead[:received]
        del self._ahead[:received]
        while received < size:
            received += self._sock.recv_into(memory[received:]) or len(_raise_closed())
        return memory


def _raise_closed() -> bytes:
    raise pyro_errors.ConnectionClosedError("receiving: the connection was closed")


def _as_pyro(error: Exception, doing: str) -> pyro_errors.CommunicationError:
    # the system's own error says that the other host is gone
    if isinstance(error, TimeoutError) and error.errno != errno.ETIMEDOUT:
        return pyro_errors.TimeoutError(f"{doing}: timeout")
    # ValueError: another thread has closed the socket
    return pyro_errors.ConnectionClosedError(f"{doing}: connection lost: {error}")
