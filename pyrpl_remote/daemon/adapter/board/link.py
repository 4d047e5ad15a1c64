"""The link: PyRPL's connection to its board, with a state, and an error for each access that fails.

PyRPL's own MonitorClient loses writes and returns None when its connection breaks: after a failed attempt it
tries again on the broken connection, and on a half-closed socket its read never ends. Here the first failed
access changes the link's state, and raises BoardLinkLost; until the link is back, each further access raises
it at once. recovery.py brings it back, outside the Qt thread.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from pyrpl import redpitaya_client
from pyrpl.redpitaya_client import DummyClient, MonitorClient

from ....board_status import OTHER_GATEWARE, RECONNECTING, TAKEN, UP, LinkStatus
from ....errors import BoardLinkLost
from .access_times import AccessTimes
from .registers import WrittenRegisters, is_write_only

log = logging.getLogger(__name__)

REMEDIES = {
    RECONNECTING: "check the board's power and network: it is taken again as soon as it answers",
    TAKEN: "end the other program: the board is taken again then; p.take_over() takes it now",
    OTHER_GATEWARE: "end what uses the other gateware; then p.restore_gateware() loads PyRPL's, and writes "
    "all settings again",
}
"""What a user can do in each state but UP."""

PROOF_ADDRESS = 0x40300220
"""The register with the number of filter stages of pid0 (pid_block.v), never 0 in PyRPL's gateware. The
identification at 0x40000000 proves nothing: it is 1 in Red Pitaya's own gateware too (red_pitaya_hk.v)."""

VERIFIED_SECONDS = 0.02
"""How long the gateware is known to be PyRPL's after that was read: loading another one takes longer, as its
file of 2 MB is written to the FPGA."""

ACCESS_SECONDS = 1.0
"""How long the board may take to reply to one access, as in PyRPL."""


class Link:
    """The link of one board.

    Attributes: `last_access` (time of the board's last reply, by time.perf_counter; 0 before the first),
    `lost` (an event that is set while the link does not work), `registers` (what was written to the board),
    `times` (of the accesses), `changed` (called with each new status). They and the status may be used from
    any thread; accesses are for the Qt thread.
    """

    def __init__(self, client: MonitorClient | DummyClient | None):
        """`client`: PyRPL's.

        The link of a DummyClient (PyRPL's simulated board) or of None (PyRPL without a board) is always up.
        """
        self.last_access = 0.0
        self.verified = 0.0
        self.lost = threading.Event()
        self.registers = WrittenRegisters()
        self.times = AccessTimes()
        self._reconnects = 0
        self.changed: Callable[[LinkStatus], None] = lambda status: None
        # replaced, never changed: other threads read all fields of one status
        self._status = LinkStatus(UP, "", time.time())
        self._client: Any = client

    @property
    def supervised(self) -> bool:
        """Whether there is a real connection, which can be lost."""
        return isinstance(self._client, GuardedClient)

    @property
    def state(self) -> str:
        """One of UP, RECONNECTING, TAKEN, OTHER_GATEWARE."""
        return self._status.state

    @property
    def reason(self) -> str:
        """Why the link does not work; after it came back, what happened meanwhile."""
        return self._status.reason

    @property
    def since(self) -> float:
        """When `state` changed last, in s since the epoch."""
        return self._status.since

    def status(self) -> LinkStatus:
        """State, reason and since, all of the same moment, and the latency."""
        mean = self.times.mean
        slowest = None if mean is None else self.times.slowest
        return dataclasses.replace(
            self._status,
            latency=mean,
            slowest=slowest,
            accesses=self.times.count,
            reconnects=self._reconnects,
        )

    def failed(self, reason: str, state: str = RECONNECTING) -> None:
        """Note that an access, or an attempt to reconnect, failed for `reason`."""
        before = self._status
        if (before.state, before.reason) == (state, reason):
            return
        log.warning("board %s: %s: %s", self._client.address, state, reason)
        self._status = LinkStatus(state, reason, before.since if before.state == state else time.time())
        self.lost.set()
        self.changed(self.status())

    def resume(self, connection: socket.socket, report: str) -> None:
        """Use a new connection; in the Qt thread. `report`: what happened to the board, "" if nothing."""
        self._client.socket.close()
        self._client.socket = connection
        self.last_access = self.verified = time.perf_counter()
        before, self._status = self._status, LinkStatus(UP, report, time.time())
        self._reconnects += 1
        self.times.restart()
        self.lost.clear()
        log.warning(
            "board %s: it answers again, after %.1f s%s",
            self._client.address,
            self._status.since - before.since,
            report and f": {report}",
        )
        self.changed(self.status())

    def check(self) -> None:
        """Read the proof of the gateware, to notice a loss although nobody asks; in the Qt thread."""
        if self.supervised and self.state == UP:
            try:
                self._client.verify()
            except BoardLinkLost as error:
                log.debug("the check failed: %s", error)

    def local_port(self) -> int | None:
        """The local port of the present connection, None if it is closed."""
        try:
            return int(self._client.socket.getsockname()[1])
        except OSError:
            return None

    def error(self, what: str) -> BoardLinkLost:
        """The error to raise for an access that failed."""
        status = self._status
        return BoardLinkLost(
            f"board {self._client.address}: {status.state}, because {status.reason}; {what}",
            REMEDIES.get(status.state, ""),
        )


class GuardedClient(MonitorClient):
    """A MonitorClient whose accesses raise BoardLinkLost if they fail. It reports to its `link`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.link = Link(self)

    def close(self) -> None:
        """Close the connection, also after it broke, when PyRPL leaves the socket open."""
        super().close()
        self.socket.close()

    @property
    def address(self) -> str:
        """The board's address, as host:port."""
        return f"{self._hostname}:{self._port}"

    def reads(self, addr: int, length: int) -> np.ndarray:
        """Read `length` 32-bit words from the byte address `addr` on; returns uint32 of shape (length,).

        Raises BoardLinkLost, or ValueError for a length that is not 1 to 65535.
        """
        self._read_counter += 1
        words = self._read(addr, length)
        # without PyRPL's gateware all registers read 0
        if words[0] == 0 and not words.any():
            self.verify(f"reading {length} words at {addr:#x} returned nothing but 0")
        return words

    def writes(self, addr: int, values: Any) -> bool:
        """Write the 32-bit words `values`, shape (n,), from the byte address `addr` on; returns True.

        Raises as `reads` does. After BoardLinkLost the words may or may not have been written; an error that
        says "nothing was sent" is the exception.
        """
        self._write_counter += 1
        words = np.array(values, dtype=np.uint32)
        header = _header(b"w", addr, len(words))
        what = f"writing {len(words)} words to {addr:#x}"
        self._require_up(what)
        sent = time.perf_counter()
        try:
            exchange(self.socket, header, words.tobytes(), 0)
        except OSError as error:
            self.link.registers.uncertain = addr, len(words)
            self.link.failed(f"{what} failed ({error})")
            raise self.link.error(f"{what} failed: they may or may not be there") from error
        self._replied(sent, len(words))
        # without PyRPL's gateware, writes have no effect
        self.verify(f"{what} had no effect")
        self.link.registers.note(addr, words)
        return True

    def verify(self, what: str = "nothing is read or written") -> None:
        """Check that the board has PyRPL's gateware, unless that was checked just before.

        Raises BoardLinkLost with the text `what` if it has not, or does not answer.
        """
        if time.perf_counter() - self.link.verified < VERIFIED_SECONDS:
            return
        if not self._read(PROOF_ADDRESS, 1)[0]:
            self.link.failed("its FPGA has no longer PyRPL's gateware", OTHER_GATEWARE)
            raise self.link.error(what)
        self.link.verified = self.link.last_access

    def _read(self, addr: int, length: int) -> np.ndarray:
        header = _header(b"r", addr, length)
        what = f"reading {length} words at {addr:#x}"
        self._require_up(what)
        sent = time.perf_counter()
        try:
            words = np.frombuffer(exchange(self.socket, header, b"", 4 * length), dtype=np.uint32)
        except OSError as error:
            self.link.failed(f"{what} failed ({error})")
            raise self.link.error(f"{what} failed") from error
        self._replied(sent, length)
        return words

    def _require_up(self, what: str) -> None:
        if self.link.state != UP:
            raise self.link.error(f"{what}: nothing was sent")

    def _replied(self, sent: float, words: int) -> None:
        self.link.last_access = now = time.perf_counter()
        self.link.times.note(now - sent, words)


@contextlib.contextmanager
def guarded(connected: Callable[[GuardedClient], None] = lambda client: None) -> Iterator[None]:
    """Within the block, PyRPL's RedPitaya makes a GuardedClient: from its first access on.

    `connected(client)` is called before PyRPL's first access. An error that ends the block closes the client.
    """
    original = redpitaya_client.MonitorClient
    made: list[GuardedClient] = []

    def make(*args: Any, **kwargs: Any) -> GuardedClient:
        made.append(GuardedClient(*args, **kwargs))
        connected(made[-1])
        return made[-1]

    redpitaya_client.MonitorClient = make
    try:
        yield
    except BaseException:
        for client in made:
            client.close()
        raise
    finally:
        redpitaya_client.MonitorClient = original


def link_of(client: Any) -> Link:
    """The link of PyRPL's client, which was made within `guarded`, or needs no guard."""
    return client.link if isinstance(client, GuardedClient) else Link(client)


def exchange(connection: socket.socket, header: bytes, words: bytes, size: int) -> memoryview:
    """Send a request and receive its reply: the header again, and `size` bytes, which are returned.

    Raises OSError if the connection breaks, or is out of step.
    """
    connection.sendall(header + words)
    reply = memoryview(bytearray(len(header) + size))
    received = 0
    while received < len(reply):
        count = connection.recv_into(reply[received:])
        if not count:
            raise ConnectionError("the board closed the connection")
        received += count
        # checked as soon as it has arrived: the rest of a wrong reply may never arrive
        if received >= len(header) and reply[: len(header)] != header:
            raise ConnectionError(f"out of step: {reply[: len(header)].hex()} came instead of {header.hex()}")
    return reply[len(header) :]


def open_connection(hostname: str, port: int, registers: WrittenRegisters, lost: bool) -> socket.socket:
    """A new connection to a board's monitor server.

    If the FPGA has `lost` its registers, they are written; otherwise, those that a failed write may have
    changed are read. Raises OSError if the connection breaks, or the board has not PyRPL's gateware.
    """
    connection = socket.create_connection((hostname, port), timeout=ACCESS_SECONDS)

    def read(address: int, length: int) -> np.ndarray:
        reply = exchange(connection, _header(b"r", address, length), b"", 4 * length)
        return np.frombuffer(reply, np.uint32)

    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not read(PROOF_ADDRESS, 1)[0]:
            raise ConnectionError("its FPGA has not PyRPL's gateware")
        if lost:
            for address, words in registers.in_order():
                exchange(connection, _header(b"w", address, len(words)), words.tobytes(), 0)
        elif registers.uncertain is not None and not is_write_only(registers.uncertain[0]):
            registers.note(registers.uncertain[0], read(*registers.uncertain))
        registers.uncertain = None
    except BaseException:
        connection.close()
        raise
    return connection


def _header(kind: bytes, addr: int, length: int) -> bytes:
    """The header of a request, which the board repeats at the beginning of its reply."""
    if not 0 < length < 2**16:
        raise ValueError(f"the board moves 1 to 65535 words at once, not {length}")
    return kind + b"\0" + length.to_bytes(2, "little") + addr.to_bytes(4, "little")
