"""Short messages on a connection: one JSON object a line, with limits of length and time."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from typing import Any

MAX_LINE = 2**20
"""The longest line, in bytes: an answer with all boards of a host."""

MAX_REQUEST = 64 * 2**10
"""The longest line that a gate receives."""


class BadLine(ValueError):
    """What came is no JSON object in one line of the allowed length."""


def send_line(sock: socket.socket, message: Mapping[str, Any]) -> None:
    """Send a message. Raises OSError."""
    sock.sendall(json.dumps(message).encode() + b"\n")


class Lines:
    """Receives messages from a socket. Attribute: `rest` (what came after the last line)."""

    def __init__(self, sock: socket.socket, longest: int = MAX_LINE) -> None:
        self._sock = sock
        self._longest = longest
        self.rest = b""

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """The next message, None if the other side has closed.

        Raises TimeoutError unless all of it comes within `seconds`, BadLine, OSError.
        """
        deadline = time.monotonic() + seconds
        while b"\n" not in self.rest:
            if len(self.rest) > self._longest:
                raise BadLine(f"a line has at most {self._longest} bytes")
            self._sock.settimeout(max(0.001, deadline - time.monotonic()))
            arrived = self._sock.recv(65536)
            if not arrived:
                if self.rest:
                    raise BadLine("the connection ended in the middle of a line")
                return None
            self.rest += arrived
        line, _, self.rest = self.rest.partition(b"\n")
        if len(line) > self._longest:
            raise BadLine(f"a line has at most {self._longest} bytes")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadLine("a line is not JSON") from error
        if not isinstance(message, dict):
            raise BadLine("a line is not a JSON object")
        return message
