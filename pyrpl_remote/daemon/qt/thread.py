"""The Qt thread: the main thread of the process. PyRPL runs in it, and no other thread may use PyRPL.

Other threads post work and wait for its future. While one piece of work waits in Qt's event loop, the thread
can run another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from qtpy import QtCore

from ...errors import AcquisitionCancelled
from ..caller import PYRPL
from ..records import Cause, run_for
from .notifier import notify_readable

log = logging.getLogger(__name__)


class QtThread(QtCore.QObject):
    """Runs work in the thread that made it, in the order in which it was posted.

    Make it in the main thread, then run the Qt application there. Attributes: `who` (label of the caller
    whose work is running now), `after_work` (called after each piece of work, before its result is sent).
    """

    def __init__(self) -> None:
        super().__init__()
        self.who = PYRPL
        self.after_work: Callable[[], None] = lambda: None
        self._thread = threading.get_ident()
        self._posted: deque[tuple[Future[Any], Callable[[], object], str, Cause | None]] = deque()
        # a byte on a socket wakes Qt's event loop twice as fast as a queued signal with Python objects
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._notifier = notify_readable(self._woken, self._run_posted)

    def asking(self) -> str:
        """The caller whose work runs in this thread; "" in any other thread, and for PyRPL's own work."""
        return self.who if threading.get_ident() == self._thread and self.who != PYRPL else ""

    def run(self, work: Callable[[], Any], who: str, cause: Cause | None = None) -> Any:
        """Run `work()` now, on behalf of `who`; only in the Qt thread. Returns the result of `work()`.

        `cause` gets the log records that it causes (see records.py), None if no client reads them.
        Raises the error of `work()`, or AcquisitionCancelled if it waited for an acquisition that was
        cancelled.
        """
        # restored in the end: while work waits in an event loop, other work may run inside it
        before, self.who = self.who, who
        try:
            return run_for(cause, work)
        except asyncio.CancelledError as error:
            # CancelledError is no Exception: no boundary would catch it, and the client would get no reply
            raise AcquisitionCancelled(
                "an acquisition that the call waited for was cancelled",
                "a setting was changed, or stop() called, while it ran; call again",
            ) from error
        finally:
            self.who = before
            self.after_work()

    def post(self, work: Callable[[], Any], who: str = PYRPL, cause: Cause | None = None) -> Future[Any]:
        """Run `work()` in the Qt thread, after all work posted before; from any thread.

        `who` and `cause` are as for `run`. Returns its future.
        """
        future: Future[Any] = Future()
        self._posted.append((future, work, who, cause))
        self._wake_up()
        return future

    def _wake_up(self) -> None:
        with contextlib.suppress(BlockingIOError):  # the socket is full of bytes, which wake the thread too
            self._wake.send(b"x")

    def _run_posted(self, *_: object) -> None:
        with contextlib.suppress(BlockingIOError):  # work that waited in an event loop has read the byte
            self._woken.recv(4096)
        if self._posted:
            future, work, who, cause = self._posted.popleft()
            if self._posted:
                # for the rest: after other events of Qt, or while this work waits in an event loop
                self._wake_up()
            if future.set_running_or_notify_cancel():
                try:
                    result = self.run(work, who, cause)
                except Exception as error:  # noqa: BLE001 - boundary: it travels to the thread that posted
                    future.set_exception(error)
                else:
                    future.set_result(result)


def after(seconds: float, function: Callable[[], None]) -> Callable[[], None]:
    """Call `function()` after `seconds`; returns a cancel function. Both are to be called in the Qt thread.

    Always call the cancel function in the end, even after `function()` was called: it frees the timer.
    """
    # a QTimer object, not QTimer.singleShot: it can be cancelled, even by `function` itself
    timer = QtCore.QTimer(QtCore.QCoreApplication.instance())
    timer.setSingleShot(True)
    timer.timeout.connect(function)
    timer.start(max(0, round(seconds * 1000)))

    def cancel() -> None:
        timer.stop()
        timer.deleteLater()

    return cancel


def log_failure(future: Future[Any]) -> None:
    """A done callback for the future of posted work that no thread waits for: it logs an error."""
    error = future.exception()
    if error is not None:
        log.error("work in the Qt thread failed", exc_info=error)
