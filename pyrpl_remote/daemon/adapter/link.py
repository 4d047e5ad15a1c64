"""The link: PyRPL's connection to its board, with a state, and an error for each access that fails.

PyRPL's own MonitorClient loses writes and returns None when its connection breaks: after a failed attempt it
tries again on the broken connection, and on a half-closed socket its read never ends. Here a failed read is
repeated on a new connection, and a failed write is not. An access that fails in the end raises BoardLinkLost.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np
from pyrpl.redpitaya_client import DummyClient, MonitorClient

from ...errors import BoardLinkLost
from ...schema import LinkStatus

log = logging.getLogger(__name__)

READ_ATTEMPTS = 3
"""How often a read is tried before it fails."""

UP = "up"
"""The state of a link whose last access worked."""

LOST = "lost"
"""The state of a link whose last access failed."""


class Link:
    """The link of one board: it changes the class of PyRPL's client, and reconnects.

    Attribute: `last_access` (time of the board's last reply, by time.perf_counter; 0 before the first). It
    and the status may be read from any thread; the other methods are for the Qt thread.
    """

    def __init__(self, client: MonitorClient | DummyClient | None):
        """`client` is that of a RedPitaya that has just started.

        The link of a DummyClient (PyRPL's simulated board) or of None (PyRPL without a board) is always up.
        """
        self.last_access = 0.0
        # replaced, never changed: other threads read all fields of one status
        self._status = LinkStatus(UP, "", time.time())
        self._client: Any = client
        if isinstance(client, MonitorClient):
            # the class, not the object: PyRPL's modules keep a reference to this object
            client.__class__ = GuardedClient
            client.link = self

    @property
    def state(self) -> str:
        """Either "up", or "lost": from a failed access until one works again."""
        return self._status.state

    @property
    def reason(self) -> str:
        """Why the link was lost; empty while it is up."""
        return self._status.reason

    @property
    def since(self) -> float:
        """When `state` changed last, in s since the epoch."""
        return self._status.since

    def status(self) -> LinkStatus:
        """State, reason and since, all of the same moment."""
        return self._status

    def failed(self, reason: str) -> None:
        """Note that an access, or an attempt to reconnect, failed for `reason`."""
        log.warning("board %s: %s", self._client.address, reason)
        self._status = LinkStatus(LOST, reason, self.since if self.state == LOST else time.time())

    def works(self) -> None:
        """Note that an access worked after others had failed."""
        before, self._status = self._status, LinkStatus(UP, "", time.time())
        log.warning(
            "board %s: it answers again, after %.1f s", self._client.address, self.since - before.since
        )

    def reconnect(self) -> None:
        """Replace the connection by a new one.

        The link remains lost until an access works. Raises BoardLinkLost.
        """
        broken = self._client.socket
        try:
            self._client.restart()
        except Exception as error:  # boundary: paramiko, socket and PyRPL raise their own kinds here
            before = self.reason
            self.failed(f"the connection could not be restored: {error}")
            raise self.error(f"the connection broke ({before}) and could not be restored: {error}") from error
        finally:
            broken.close()  # PyRPL does not close it after a reset

    def error(self, what: str) -> BoardLinkLost:
        """The error to raise for an access that failed."""
        return BoardLinkLost(
            f"board {self._client.address}: {what}",
            "check the board's power and network, and that no other program uses it; then try again",
        )


class GuardedClient(MonitorClient):
    """A MonitorClient whose accesses raise BoardLinkLost if they fail. It reports to its `link`."""

    link: Link

    @property
    def address(self) -> str:
        """The board's address, as host:port."""
        return f"{self._hostname}:{self._port}"

    def reads(self, addr: int, length: int) -> np.ndarray:
        """Read `length` 32-bit words from the byte address `addr` on; returns uint32 of shape (length,).

        Raises BoardLinkLost, or ValueError for a length that is not 1 to 65535.
        """
        self._read_counter += 1
        header = _header(b"r", addr, length)
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                self.socket.sendall(header)
                return np.frombuffer(self._receive_reply(header, 4 * length), dtype=np.uint32)
            except OSError as error:
                self.link.failed(f"reading {length} words at {addr:#x}, attempt {attempt}: {error}")
                self.link.reconnect()
        raise self.link.error(f"reading {length} words at {addr:#x} failed {READ_ATTEMPTS} times")

    def writes(self, addr: int, values: Any) -> bool:
        """Write the 32-bit words `values`, shape (n,), from the byte address `addr` on; returns True.

        Raises as `reads` does. After BoardLinkLost the words may or may not have been written.
        """
        self._write_counter += 1
        words = np.array(values, dtype=np.uint32)
        header = _header(b"w", addr, len(words))
        try:
            self.socket.sendall(header + words.tobytes())
            self._receive_reply(header, 0)
        except OSError as error:
            self.link.failed(f"writing {len(words)} words to {addr:#x}: {error}")
            self.link.reconnect()
            raise self.link.error(
                f"the connection broke while {len(words)} words were written to {addr:#x}; "
                "they may or may not be there"
            ) from error
        return True

    def _receive_reply(self, header: bytes, size: int) -> memoryview:
        """Receive the reply to `header`: the header again, and `size` bytes, which are returned."""
        reply = memoryview(bytearray(len(header) + size))
        received = 0
        while received < len(reply):
            count = self.socket.recv_into(reply[received:])
            if not count:
                raise ConnectionError("the board closed the connection")
            received += count
            # checked as soon as it has arrived: the rest of a wrong reply may never arrive
            if received >= len(header) and reply[: len(header)] != header:
                raise ConnectionError(
                    f"out of step: {reply[: len(header)].hex()} came instead of {header.hex()}"
                )
        link = self.link
        link.last_access = time.perf_counter()
        if link.state != UP:
            link.works()
        return reply[len(header) :]


def _header(kind: bytes, addr: int, length: int) -> bytes:
    """The header of a request, which the board repeats at the beginning of its reply."""
    if not 0 < length < 2**16:
        raise ValueError(f"the board moves 1 to 65535 words at once, not {length}")
    return kind + b"\0" + length.to_bytes(2, "little") + addr.to_bytes(4, "little")
