"""The link: the connection from PyRPL to its board, with a state, and an error for each access that fails.

PyRPL's own MonitorClient loses writes and returns None when its connection breaks: after a failed attempt it
tries again with what the failure left behind, and on a half-closed socket it reads for ever. Here a read is
retried on a new connection, and a write never is: what cannot be done raises BoardLinkLost.
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

UP = "up"
LOST = "lost"


class Link:
    """The link of one board. It alone replaces the class of PyRPL's client, and it alone reconnects.

    Attribute: `last_access`, when the board answered last, of time.perf_counter; 0 before that. It and the
    status may be read from any thread; the rest is for the Qt thread.
    """

    def __init__(self, client: MonitorClient | DummyClient | None):
        """`client`: that of a RedPitaya that has just started.

        The link of a DummyClient (PyRPL's simulated board) or of None (PyRPL without a board) always is up.
        """
        self.last_access = 0.0
        # replaced as a whole: other threads see no mixture of two statuses
        self._status = LinkStatus(UP, "", time.time())
        self._client: Any = client
        if isinstance(client, MonitorClient):
            # not another client in its place: the modules hold this one
            client.__class__ = GuardedClient
            client.link = self

    @property
    def state(self) -> str:
        """Either "lost", from an access that failed until one works again, or "up"."""
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
        """State, reason and time of one moment."""
        return self._status

    def failed(self, reason: str) -> None:
        """An access, or the attempt to reconnect, failed."""
        log.warning("board %s: %s", self._client.address, reason)
        self._status = LinkStatus(LOST, reason, self.since if self.state == LOST else time.time())

    def works(self) -> None:
        """An access worked, after others had failed."""
        before, self._status = self._status, LinkStatus(UP, "", time.time())
        log.warning(
            "board %s: it answers again, after %.1f s", self._client.address, self.since - before.since
        )

    def reconnect(self) -> None:
        """Replace the connection by a new one, on which nothing was accessed yet. Raises BoardLinkLost."""
        broken = self._client.socket
        try:
            self._client.restart()
        except Exception as error:  # boundary: paramiko, socket and PyRPL raise their own kinds here
            before = self.reason
            self.failed(f"the connection could not be restored: {error}")
            raise self.error(f"the connection broke ({before}) and could not be restored: {error}") from error
        finally:
            broken.close()  # PyRPL leaves one open that was reset

    def error(self, what: str) -> BoardLinkLost:
        """The error to raise for an access that failed."""
        return BoardLinkLost(
            f"board {self._client.address}: {what}",
            "check the board's power and network, and that no other program uses it; then try again",
        )


class GuardedClient(MonitorClient):
    """A MonitorClient whose accesses happen, or raise BoardLinkLost. It reports to `link`."""

    link: Link

    @property
    def address(self) -> str:
        """Where the board is, as host:port."""
        return f"{self._hostname}:{self._port}"

    def reads(self, addr: int, length: int) -> np.ndarray:
        """`length` 32-bit words from `addr` on, as uint32 of shape (length,)."""
        self._read_counter += 1
        header = _header(b"r", addr, length)
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                self.socket.sendall(header)
                return np.frombuffer(self._answer(header, 4 * length), dtype=np.uint32)
            except OSError as error:
                self.link.failed(f"reading {length} words at {addr:#x}, attempt {attempt}: {error}")
                self.link.reconnect()
        raise self.link.error(f"reading {length} words at {addr:#x} failed {READ_ATTEMPTS} times")

    def writes(self, addr: int, values: Any) -> bool:
        """Write the words `values` to `addr` and the addresses after it."""
        self._write_counter += 1
        words = np.array(values, dtype=np.uint32)
        header = _header(b"w", addr, len(words))
        try:
            self.socket.sendall(header + words.tobytes())
            self._answer(header, 0)
        except OSError as error:
            self.link.failed(f"writing {len(words)} words to {addr:#x}: {error}")
            self.link.reconnect()
            raise self.link.error(
                f"the connection broke while {len(words)} words were written to {addr:#x}; "
                "they may or may not be there"
            ) from error
        return True

    def _answer(self, header: bytes, size: int) -> memoryview:
        """The `size` bytes of the answer to `header`, which the board repeats before them."""
        answer = memoryview(bytearray(len(header) + size))
        received = 0
        while received < len(answer):
            count = self.socket.recv_into(answer[received:])
            if not count:
                raise ConnectionError("the board closed the connection")
            received += count
            # checked as soon as it is there: when out of step, the rest may never come
            if received >= len(header) and answer[: len(header)] != header:
                raise ConnectionError(
                    f"out of step: {answer[: len(header)].hex()} came instead of {header.hex()}"
                )
        link = self.link
        link.last_access = time.perf_counter()
        if link.state != UP:
            link.works()
        return answer[len(header) :]


def _header(kind: bytes, addr: int, length: int) -> bytes:
    """What an access begins with, and what the board answers first."""
    if not 0 < length < 2**16:
        raise ValueError(f"the board moves 1 to 65535 words at once, not {length}")
    return kind + b"\0" + length.to_bytes(2, "little") + addr.to_bytes(4, "little")
