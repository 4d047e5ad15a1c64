"""Requests served in the Qt thread, without a worker thread in between.

A request that one of Pyro5's worker threads receives costs two context switches more than its work, which
take longer than all the rest. The worker of a direct connection waits while the Qt thread serves it. A client
that is slow to receive its reply, or to send its request, holds up nobody: the socket does not block, and the
worker sends the rest of a reply.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from qtpy import QtCore

from ...transport.buffered import POLL_SECONDS, PROMPT_SECONDS, Buffered, yield_processor
from ...transport.pyro_internals import Header
from ..qt.notifier import notify_readable
from ..qt.thread import QtThread

TURN_SECONDS = 1e-3
"""How long one client is served while others may wait."""

Answer = Callable[[Any, Header], bool]
"""`answer(connection, request)` carries out and answers a request.

It returns whether Qt's event loop must run before the next one.
"""


class DirectServing:
    """Lets the Qt thread serve connections."""

    def __init__(self, qt: QtThread) -> None:
        self._qt = qt
        self.latest: _Turn | None = None
        """The turn in which the last request was served."""

    def serve(self, connection: Any, answer: Answer) -> None:
        """Let the Qt thread call `answer` for each request; the connection has its Buffered as `buffered`.

        Returns when the connection was closed, or a message has arrived that is no plain request: the caller
        receives what comes next. Raises what `answer` raises.
        """
        while True:
            turn = _Turn(connection, answer, self)
            connection.sock.setblocking(False)
            self._qt.post(turn.begin)
            turn.over.wait()
            connection.sock.setblocking(True)
            if turn.error is not None:
                raise turn.error
            if not connection.buffered.unsent:
                return
            connection.buffered.send_unsent()


class _Turn:
    """Serves one connection in the Qt thread until it sends a non-request, closes, or stops reading."""

    def __init__(self, connection: Any, answer: Answer, serving: DirectServing) -> None:
        self._connection = connection
        self._buffered: Buffered = connection.buffered
        self._answer = answer
        self._serving = serving
        self._answered = 0.0
        self._notifier: Any = None
        self.over = threading.Event()
        self.error: Exception | None = None

    def begin(self) -> None:
        """To be called in the Qt thread."""
        self._buffered.on_unsent = self._end
        self._notifier = notify_readable(self._connection.sock, self._readable)
        if self._buffered.has_message():
            QtCore.QTimer.singleShot(0, self._readable)

    def _readable(self, *_: object) -> None:
        if self.over.is_set():
            return
        # a call may wait in an event loop of its own: what its client sends meanwhile, or its end, comes
        # after it
        self._notifier.setEnabled(False)
        begin = time.perf_counter()
        polls = self._serving.latest is self and begin - self._answered < PROMPT_SECONDS
        self._serving.latest = self
        while self._serve() and polls and time.perf_counter() - begin < TURN_SECONDS:
            pass
        if self.over.is_set():
            return
        if self._buffered.has_message():
            QtCore.QTimer.singleShot(0, self._readable)
        else:
            self._notifier.setEnabled(True)

    def _serve(self) -> bool:
        """Carry out the next request, if it arrives soon; whether another may follow at once."""
        try:
            while (request := self._buffered.poll_message()) is None:
                if time.perf_counter() - self._answered > POLL_SECONDS:
                    return False
                yield_processor()
        except (EOFError, OSError):
            self._end()  # the worker thread gets the error on its next read
            return False
        except Exception as error:  # noqa: BLE001  boundary: what arrived is no message; its worker closes
            self._end(error)
            return False
        if request.data is None:  # it is no plain request
            self._end()
            return False
        try:
            pauses = self._answer(self._connection, request)
        except Exception as error:  # noqa: BLE001  boundary: it is raised in the connection's own thread
            self._end(error)
            return False
        self._answered = time.perf_counter()
        return not pauses and not self.over.is_set()

    def _end(self, error: Exception | None = None) -> None:
        self._buffered.on_unsent = lambda: None
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self.error = error
        self.over.set()
