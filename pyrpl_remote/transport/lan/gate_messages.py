"""Pyro5's messages over a TLS socket, or any other one.

Buffered (buffered.py) cannot serve a TLS socket, which knows neither flags nor sendmsg.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence

from ..messages import Messages, as_pyro

AHEAD_BYTES = 16384
"""How much is read at once: one record of TLS."""

JOINED_BYTES = 65536
"""Parts of a message up to this size are joined: each `send` makes a record of TLS."""


class GateMessages(Messages):
    """Sends and receives messages on a blocking socket."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, AHEAD_BYTES)

    def send_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send all parts of a message. Raises Pyro5's ConnectionClosedError or TimeoutError."""
        try:
            if sum(map(len, parts)) <= JOINED_BYTES:
                self._sock.sendall(parts[0] if len(parts) == 1 else b"".join(parts))
                return
            for part in parts:
                self._sock.sendall(part)
        except (OSError, ValueError) as error:
            raise as_pyro(error, "sending") from error
