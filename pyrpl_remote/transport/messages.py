"""Pyro5's messages on a socket that this process reads ahead: the part that loopback and other hosts share.

`buffered` adds to it what only plain loopback allows, `lan/gate_messages` what TLS needs.
"""

from __future__ import annotations

import errno
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from Pyro5 import errors as pyro_errors

from . import pyro_internals as pyro
from .pyro_internals import HEADER_BYTES, Header


class Messages(ABC):
    """Receives messages from a socket. A subclass sends them, in `send_parts`."""

    def __init__(self, sock: socket.socket, ahead_bytes: int) -> None:
        """`ahead_bytes` are read at once; the rest of a longer message is received into its own memory."""
        self._sock = sock
        self._ahead_bytes = ahead_bytes
        self._ahead = bytearray()

    @abstractmethod
    def send_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send all parts of a message. Raises Pyro5's ConnectionClosedError or TimeoutError."""

    def receive_message(self) -> Header:
        """The next message. Raises Pyro5's CommunicationError."""
        ahead = self._ahead
        try:
            while len(ahead) < HEADER_BYTES:
                ahead += self._await(self._ahead_bytes)
            header = pyro.header_of(ahead[:HEADER_BYTES])
            size = header.annotations_size + header.data_size
            if size > self._ahead_bytes:
                del ahead[:HEADER_BYTES]
                header.add_payload(self._receive_long(size))
                return header
            while len(ahead) < HEADER_BYTES + size:
                ahead += self._await(self._ahead_bytes)
        except (OSError, ValueError) as error:
            raise as_pyro(error, "receiving") from error
        header.add_payload(bytes(ahead[HEADER_BYTES : HEADER_BYTES + size]))
        del ahead[: HEADER_BYTES + size]
        return header

    def ask(self, request: Sequence[bytes | memoryview], sequence: int) -> Header:
        """Send the parts of a request with this number; returns its reply. Raises CommunicationError."""
        self.send_parts(request)
        reply = self.receive_message()
        if reply.type != pyro.REPLY or reply.seq != sequence:
            raise pyro_errors.ProtocolError(f"reply {reply.seq} came to request {sequence}")
        return reply

    def _await(self, size: int) -> bytes:
        """Wait for bytes, and return at least one and at most `size`."""
        return self._sock.recv(size) or raise_closed()

    def _receive_long(self, size: int) -> memoryview:
        memory = np.empty(size, np.uint8).data
        received = min(len(self._ahead), size)
        memory[:received] = self._ahead[:received]
        del self._ahead[:received]
        while received < size:
            received += self._await_into(memory[received:]) or raise_closed()
        return memory

    def _await_into(self, memory: memoryview) -> int:
        """Wait for bytes, and receive some into `memory`; returns how many, 0 at the end."""
        return self._sock.recv_into(memory)


def require_short(data: bytes) -> None:
    """Raise Pyro5's ProtocolError for a request that a direct connection does not take."""
    if len(data) > pyro.MAX_REQUEST_BYTES:
        raise pyro_errors.ProtocolError(f"a request of {len(data)} bytes is too large")


def result_of(reply: Header) -> Any:
    """The plain data of a reply. Raises the exception that Pyro5 sent in its place."""
    if reply.flags & pyro.IS_ERROR:
        raise pyro.error_in(reply.data)
    return pyro.unpack(reply.data)


def raise_closed() -> NoReturn:
    """Raise the error for a connection that the other side has closed."""
    raise pyro_errors.ConnectionClosedError("receiving: the connection was closed")


def as_pyro(error: Exception, doing: str) -> pyro_errors.CommunicationError:
    """Pyro5's error for one of a socket; a ValueError is that of one that another thread has closed."""
    # not the system's own time limit, which says that the other host is gone
    if isinstance(error, TimeoutError) and error.errno != errno.ETIMEDOUT:
        return pyro_errors.TimeoutError(f"{doing}: timeout")
    return pyro_errors.ConnectionClosedError(f"{doing}: connection lost: {error}")
