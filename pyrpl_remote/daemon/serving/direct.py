"""Quick requests: received and carried out in the hardware thread, with no other thread in between.

A request that a Pyro worker thread receives costs two changes of thread more than its work, which take longer than
everything else. A client opens a connection of its own for requests that are answered without waiting (see
client/connection.py); the worker thread of such a connection waits while the hardware thread serves it. A client that is slow to take its
answer, or to send its request, holds up nobody: the socket does not block, and the worker sends the rest of an answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from Pyro5 import protocol
from Pyro5.callcontext import current_context
from Pyro5.errors import ProtocolError
from qtpy import QtCore

from ...transport.buffered import PROMPT_SECONDS, WATCH_SECONDS, give_way
from ..qt.thread import HardwareThread

TURN_SECONDS = 1e-3
"""How long one client is served while there may be others."""

Answer = Callable[[Any, protocol.ReceivingMessage], bool]
"""`answer(connection, header)` receives, carries out and answers a request that is there as a whole.

It gives whether Qt's loop must have its turn before the next one.
"""


class QuickRequests:
    """Lets the hardware thread serve connections."""

    def __init__(self, hardware: HardwareThread):
        self._hardware = hardware
        self._latest: _Stay | None = None
        self._serving = False

    def serve(self, connection: Any, answer: Answer) -> None:
        """Let the hardware thread call `answer` for each request; the connection has its ReadAhead as `read_ahead`.

        Returns when the connection was closed, or sends what is no request. Raises what `answer` raises.
        """
        while True:
            stay = _Stay(connection, partial(self._answer, answer), self._is_alone)
            connection.sock.setblocking(False)
            self._hardware.submit(stay.begin)
            stay.over.wait()
            connection.sock.setblocking(True)
            if stay.error is not None:
                raise stay.error
            unsent = connection.read_ahead.unsent
            if not unsent:
                return
            connection.read_ahead.unsent = unsent[:0]
            connection.send(unsent)

    def _answer(self, answer: Answer, connection: Any, header: protocol.ReceivingMessage) -> bool:
        # work may wait in an event loop of its own, in which other clients are served
        outer = current_context.to_global() if self._serving else None
        self._serving = True
        try:
            return answer(connection, header)
        finally:
            if outer is None:
                self._serving = False
                current_context.client = None  # what the thread does next is nobody's request
            else:
                current_context.from_global(outer)

    def _is_alone(self, stay: _Stay) -> bool:
        """Whether the request before this one was served in the same stay."""
        alone, self._latest = self._latest is stay, stay
        return alone


class _Stay:
    """A connection's stay in the hardware thread, until something comes that is no request or an answer does not go out."""

    def __init__(self, connection: Any, answer: Answer, is_alone: Callable[[_Stay], bool]):
        self._connection = connection
        self._answer = answer
        self._is_alone = is_alone
        self._answered = 0.0
        self._notifier: QtCore.QSocketNotifier | None = None
        self.over = threading.Event()
        self.error: Exception | None = None

    def begin(self) -> None:
        """To be called in the hardware thread."""
        self._connection.read_ahead.on_unsent = self._end
        self._notifier = QtCore.QSocketNotifier(self._connection.sock.fileno(), QtCore.QSocketNotifier.Read)
        self._notifier.activated.connect(self._arrived)

    def _arrived(self, *_) -> None:
        # a call may wait in an event loop of its own: what its client sends meanwhile, or its end, comes after it
        self._notifier.setEnabled(False)
        begin = time.perf_counter()
        watches = self._is_alone(self) and begin - self._answered < PROMPT_SECONDS
        while self._serve() and watches and time.perf_counter() - begin < TURN_SECONDS:
            pass
        if self.over.is_set():
            return
        if self._has_more():
            QtCore.QTimer.singleShot(0, self._arrived)
        else:
            self._notifier.setEnabled(True)

    def _serve(self) -> bool:
        """Carry out the next request, if it arrives soon; whether another may follow at once."""
        try:
            header = self._look()
        except BlockingIOError:
            return False
        except (EOFError, OSError, ProtocolError):
            self._end()  # whoever reads on is told
            return False
        try:
            pauses = self._answer(self._connection, header)
        except Exception as error:  # boundary: it is raised in the connection's own thread
            self._end(error)
            return False
        self._answered = time.perf_counter()
        return not pauses and not self.over.is_set()

    def _look(self) -> protocol.ReceivingMessage:
        """The header of the next request, once all of it is there; raises BlockingIOError if it is not, soon after the last answer."""
        read_ahead = self._connection.read_ahead
        while True:
            header, missing = _header(read_ahead.ahead)
            if header is not None and not missing:
                return header
            try:
                read_ahead.look(missing)
            except BlockingIOError:
                if time.perf_counter() - self._answered > WATCH_SECONDS:
                    raise
                give_way()

    def _has_more(self) -> bool:
        """Whether something came along with the last request of which the socket says nothing any more."""
        try:
            header, missing = _header(self._connection.read_ahead.ahead)
        except ProtocolError:
            return True
        return header is not None and not missing

    def _end(self, error: Exception | None = None) -> None:
        self._connection.read_ahead.on_unsent = lambda: None
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self.error = error
        self.over.set()


def _header(received: bytearray) -> tuple[protocol.ReceivingMessage | None, int]:
    """The header of a request, and how many bytes have yet to arrive, as far as is known. Raises ProtocolError for what is none."""
    if len(received) < protocol._header_size:
        return None, protocol._header_size - len(received)
    header = protocol.ReceivingMessage(received[: protocol._header_size])
    return header, max(0, protocol._header_size + header.data_size + header.annotations_size - len(received))
