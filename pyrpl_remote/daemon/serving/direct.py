"""Requests served in the Qt thread, without a worker thread in between.

If one of Pyro5's worker threads receives a request, it needs two context switches to have it carried out in
the Qt thread, which take longer than everything else. The worker thread of a direct connection therefore
waits while the Qt thread serves it. A client that is slow to send a request or to receive a reply does not
block the others: the socket does not block, and the worker thread sends the rest of a reply.
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
"""How long one connection is served before Qt's event loop runs again for the others."""

ServeRequest = Callable[[Any, Header], bool]
"""`serve_request(connection, request)` carries out a request and sends its reply.

It returns whether Qt's event loop must run before the next request.
"""


class DirectServing:
    """Lets the Qt thread serve connections."""

    def __init__(self, qt: QtThread) -> None:
        self._qt = qt
        self.latest: _Turn | None = None
        """The turn that served the last request."""

    def serve(self, connection: Any, serve_request: ServeRequest) -> None:
        """Let the Qt thread call `serve_request` for each request of a connection with a Buffered.

        Returns when the connection was closed, or when the next message is no plain request; then the caller
        receives that message. Raises the error of `serve_request`.
        """
        while True:
            turn = _Turn(connection, serve_request, self)
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
    """Serves one connection in the Qt thread until it sends no plain request, closes, or stops reading."""

    def __init__(self, connection: Any, serve_request: ServeRequest, serving: DirectServing) -> None:
        self._connection = connection
        self._buffered: Buffered = connection.buffered
        self._serve_request = serve_request
        self._serving = serving
        self._last_reply = 0.0
        self._notifier: Any = None
        self.over = threading.Event()
        self.error: BaseException | None = None

    def begin(self) -> None:
        """Start to serve the connection; to be called in the Qt thread."""
        self._buffered.on_unsent = self._end
        self._notifier = notify_readable(self._connection.sock, self._readable)
        if self._buffered.has_message():
            QtCore.QTimer.singleShot(0, self._readable)

    def _readable(self, *_: object) -> None:
        if self.over.is_set():
            return
        # a call may run an event loop: the client's next messages, or its end, must not be handled within it
        self._notifier.setEnabled(False)
        begin = time.perf_counter()
        polls = self._serving.latest is self and begin - self._last_reply < PROMPT_SECONDS
        self._serving.latest = self
        while self._serve_next() and polls and time.perf_counter() - begin < TURN_SECONDS:
            pass
        if self.over.is_set():
            return
        if self._buffered.has_message():
            QtCore.QTimer.singleShot(0, self._readable)
        else:
            self._notifier.setEnabled(True)

    def _serve_next(self) -> bool:
        """Serve the next request if it arrives soon; returns whether another one may be served at once."""
        try:
            while (request := self._buffered.poll_message()) is None:
                if time.perf_counter() - self._last_reply > POLL_SECONDS:
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
            pauses = self._serve_request(self._connection, request)
        # boundary: raised in the connection's own thread, which must not wait for ever, whatever PyRPL raises
        except BaseException as error:  # noqa: BLE001
            self._end(error)
            return False
        self._last_reply = time.perf_counter()
        return not pauses and not self.over.is_set()

    def _end(self, error: BaseException | None = None) -> None:
        self._buffered.on_unsent = lambda: None
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self.error = error
        self.over.set()
