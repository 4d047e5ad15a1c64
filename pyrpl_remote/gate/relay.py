"""Passes bytes on between a client and a daemon, both ways, in one thread.

One thread, because a TLS connection must not be read in one thread while another one writes to it.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Sequence

PIECE = 65536
"""How much is read at once."""

_WOULD_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

LOOK_SECONDS = 30.0
"""The longest wait: a connection that was shut down from elsewhere wakes it anyway."""


def relay(outside: socket.socket, inside: socket.socket) -> None:
    """Pass bytes on until one side ends; then both have ended."""
    ends = (_End(outside), _End(inside))
    try:
        for one, other in (ends, ends[::-1]):
            one.to = other
        wait = (_Poll if hasattr(select, "poll") else _Select)(*ends).wait
        ready: Sequence[_End] = ends
        while True:
            for end in ready:
                # what TLS has decrypted already makes no socket readable
                while end.move() and end.pending():
                    pass
            ready = wait()
    except (OSError, EOFError, ValueError):  # ValueError: it was closed by another thread
        pass
    finally:
        for end in ends:
            end.sock.close()


class _End:
    """One of the two sockets; what came from it and `to` does not accept yet is `unsent`."""

    to: _End

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.unsent = memoryview(b"")
        self.pending: Callable[[], int] = sock.pending if isinstance(sock, ssl.SSLSocket) else int

    def move(self) -> bool:
        """Pass on what has come from here; returns whether all of it was. Raises EOFError or OSError."""
        if not self.unsent:
            try:
                arrived = self.sock.recv(PIECE)
            except _WOULD_WAIT:
                return False
            if not arrived:
                raise EOFError
            self.unsent = memoryview(arrived)
        while self.unsent:
            try:
                # after it would have waited, TLS must be given the same bytes again
                sent = self.to.sock.send(self.unsent)
            except _WOULD_WAIT:
                return False
            self.unsent = self.unsent[sent:]
        return True


class _Poll:
    """Waits until one of the ends has bytes, or accepts those of the other."""

    def __init__(self, one: _End, other: _End) -> None:
        self._ends = (one, other)
        self._descriptors = (one.sock.fileno(), other.sock.fileno())
        self._poll = select.poll()
        for descriptor in self._descriptors:
            self._poll.register(descriptor, select.POLLIN)
        self._only_reads = True
        self._of = {self._descriptors[0]: (one,), self._descriptors[1]: (other,)}

    def wait(self) -> Sequence[_End]:
        """Wait; returns the ends that may have something to pass on."""
        one, other = self._ends
        only_reads = not (one.unsent or other.unsent)
        if not (only_reads and self._only_reads):
            self._only_reads = only_reads
            self._poll.modify(self._descriptors[0], _events(one, other))
            self._poll.modify(self._descriptors[1], _events(other, one))
        found = self._poll.poll(LOOK_SECONDS * 1000)
        if only_reads and len(found) == 1:
            return self._of[found[0][0]]
        return self._ends


def _events(end: _End, opposite: _End) -> int:
    """What to wait for at one end: bytes unless some are unsent, and room if the other end has some."""
    return (0 if end.unsent else select.POLLIN) | (select.POLLOUT if opposite.unsent else 0)


class _Select:
    """The same for Windows, which has no poll."""

    def __init__(self, one: _End, other: _End) -> None:
        self._ends = (one, other)

    def wait(self) -> Sequence[_End]:
        """Wait; returns the ends that may have something to pass on."""
        reads = [end.sock for end in self._ends if not end.unsent]
        writes = [end.to.sock for end in self._ends if end.unsent]
        select.select(reads, writes, [], LOOK_SECONDS)
        return self._ends
