"""A guard on PyRPL's connection to its board.

PyRPL's MonitorClient loses writes and returns None when its connection breaks: after a failed attempt it retries
with whatever the failure left, and a half-closed socket makes it read for ever. With `guard`, a read is
retried on a new connection, a write never is: each raises BoardLinkLost where PyRPL would go on in silence.
"""

from __future__ import annotations

import logging
import time

import numpy as np
from pyrpl.redpitaya_client import MonitorClient

from ...errors import BoardLinkLost

log = logging.getLogger(__name__)

READ_ATTEMPTS = 3


class GuardedClient(MonitorClient):
    """MonitorClient whose accesses happen, or raise BoardLinkLost.

    Attribute: `last_access` (when the last answer came, of time.perf_counter).
    """

    last_access = 0.0

    def reads(self, addr: int, length: int) -> np.ndarray:
        """`length` 32-bit words from `addr` on, as uint32 of shape (length,)."""
        self._read_counter += 1
        header = self._header(b"r", addr, length)
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                self.socket.sendall(header)
                return np.frombuffer(self._answer(header, 4 * length), dtype=np.uint32)
            except OSError as error:
                log.warning("reading %d words at %#x failed (attempt %d): %s", length, addr, attempt, error)
                self._reconnect(error)
        raise self._lost(f"reading {length} words at {addr:#x} failed {READ_ATTEMPTS} times")

    def writes(self, addr: int, values) -> bool:
        """Write the words `values` to `addr` and the addresses after it."""
        self._write_counter += 1
        words = np.array(values, dtype=np.uint32)
        header = self._header(b"w", addr, len(words))
        try:
            self.socket.sendall(header + words.tobytes())
            self._answer(header, 0)
        except OSError as error:
            self._reconnect(error)
            raise self._lost(
                f"the connection broke while {len(words)} words were written to {addr:#x}; they may or may not be there"
            ) from error
        return True

    def _header(self, kind: bytes, addr: int, length: int) -> bytes:
        if not 0 < length < 2**16:
            raise ValueError(f"the board moves 1 to 65535 words at once, not {length}")
        return kind + b"\0" + length.to_bytes(2, "little") + addr.to_bytes(4, "little")

    def _answer(self, header: bytes, size: int) -> memoryview:
        """The `size` bytes of the answer to `header`, which the board repeats before them."""
        answer = memoryview(bytearray(len(header) + size))
        received = 0
        while received < len(answer):
            count = self.socket.recv_into(answer[received:])
            if not count:
                raise ConnectionError("the board closed the connection")
            received += count
            # as soon as it is there: behind what is out of step the rest may never come
            if received >= len(header) and answer[: len(header)] != header:
                raise ConnectionError(
                    f"out of step: {answer[: len(header)].hex()} came instead of {header.hex()}"
                )
        self.last_access = time.perf_counter()
        return answer[len(header) :]

    def _reconnect(self, cause: OSError) -> None:
        try:
            self.restart()
        except Exception as error:  # boundary: paramiko, socket and PyRPL raise their own kinds here
            raise self._lost(f"the connection broke ({cause}) and could not be restored: {error}") from error

    def _lost(self, what: str) -> BoardLinkLost:
        return BoardLinkLost(
            f"board {self._hostname}:{self._port}: {what}",
            "check the board's power and network, and that no other program uses it; then try again",
        )


def guard(client: MonitorClient) -> None:
    """Guard the client of a RedPitaya that has just started; its modules already refer to it."""
    client.__class__ = GuardedClient
