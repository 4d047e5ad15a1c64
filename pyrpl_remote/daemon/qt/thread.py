"""The Qt thread: the process's main thread, where PyRPL lives and which alone may use it.

Other threads post work and wait for its future; while work waits in Qt's event loop, the thread does other
work.
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
from .notifier import notify_readable

log = logging.getLogger(__name__)


class QtThread(QtCore.QObject):
    """Runs work in the thread that made it, in the order in which it was posted.

    Make it in the main thread, then run the Qt application there. Attribute: `who` (the label of the caller
    on whose behalf it works now).
    """

    def __init__(self) -> None:
        super().__init__()
        self.who = PYRPL
        self._thread = threading.get_ident()
        self._posted: deque[tuple[Future[Any], Callable[[], object], str]] = deque()
        # a byte wakes Qt's loop in half the time of a queued signal with Python objects
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._notifier = notify_readable(self._woken, self._run_posted)

    def run(self, work: Callable[[], Any], who: str) -> Any:
        """Run `work()` now, on behalf of `who`; only in the Qt thread. Returns what it returns.

        Raises what it raises, AcquisitionCancelled where PyRPL waited for an acquisition that was cancelled.
        """
        # work that waits in an event loop lets other work in between
        before, self.who = self.who, who
        try:
            return work()
        except asyncio.CancelledError as error:
            # it is no Exception: nobody would catch it, and the client would never get an answer
            raise AcquisitionCancelled(
                "an acquisition that the call waited for was cancelled",
                "a setting was changed, or stop() called, while it ran; call again",
            ) from error
        finally:
            self.who = before

    def post(self, work: Callable[[], Any], who: str = PYRPL) -> Future[Any]:
        """Run `work()` in the Qt thread, behind all that was posted before; from any thread."""
        future: Future[Any] = Future()
        self._posted.append((future, work, who))
        self._wake_up()
        return future

    def _wake_up(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is full of bytes that wake as well
            self._wake.send(b"x")

    def _run_posted(self, *_: object) -> None:
        with contextlib.suppress(BlockingIOError):  # work that waited has run what woke this
            self._woken.recv(4096)
        if self._posted:
            future, work, who = self._posted.popleft()
            if self._posted:
                self._wake_up()  # for the rest: behind what else Qt has to do, or while this work waits
            if future.set_running_or_notify_cancel():
                try:
                    result = self.run(work, who)
                except Exception as error:  # noqa: BLE001  boundary: it travels to the thread that posted
                    future.set_exception(error)
                else:
                    future.set_result(result)


def after(seconds: float, function: Callable[[], None]) -> Callable[[], None]:
    """Call `function()` in the Qt thread after `seconds`; returns a cancel function.

    Always call the cancel function in the end. Both are to be called in the Qt thread.
    """
    # Qt's timer, not Python's: it may be cancelled while it calls
    timer = QtCore.QTimer(QtCore.QCoreApplication.instance())
    timer.setSingleShot(True)
    timer.timeout.connect(function)
    timer.start(max(0, round(seconds * 1000)))

    def cancel() -> None:
        timer.stop()
        timer.deleteLater()

    return cancel


def log_failure(future: Future[Any]) -> None:
    """Log the error of posted work for which nobody waits; a future's done callback."""
    error = future.exception()
    if error is not None:
        log.error("work in the Qt thread failed", exc_info=error)
