"""The hardware thread: Qt's main thread, where PyRPL lives and which alone may touch it.

Pyro's worker threads post work here and wait for its future; while they wait, the thread serves others.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from qtpy import QtCore

PYRPL = "PyRPL"
"""Who does what no client does: PyRPL itself, or the user of its window."""


class Outcome:
    """What work has given that was carried out at once: as much of a Future as its `result`, at a tenth of the cost."""

    __slots__ = ("_error", "_result")

    def __init__(self, result: object = None, error: Exception | None = None):
        self._result = result
        self._error = error

    def result(self) -> Any:
        """What the work returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result


class HardwareThread(QtCore.QObject):
    """Runs work in the thread that made it, in the order in which it was posted.

    Make it in the main thread, then run the Qt application there. Attribute: `who` (on whose behalf it works now).
    """

    def __init__(self, caller: Callable[[], str]):
        """`caller()` says on whose behalf the calling thread posts work."""
        super().__init__()
        self._caller = caller
        self.who = PYRPL
        self._thread = threading.get_ident()
        self._posted: deque[tuple[Future | None, Callable[[], object], str]] = deque()
        # a byte wakes Qt's loop in half the time of a queued signal with Python objects
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._notifier = QtCore.QSocketNotifier(self._woken.fileno(), QtCore.QSocketNotifier.Read)
        self._notifier.activated.connect(self._run_posted)

    def submit(self, work: Callable[[], object]) -> Future | Outcome:
        """Run `work()` in the hardware thread, at once if this is it; what is returned gives what it returns or raises."""
        if threading.get_ident() != self._thread:
            return self.submit_behind(work)
        before, self.who = self.who, self._caller()
        try:
            return Outcome(work())
        except Exception as error:  # boundary: it travels to the caller
            return Outcome(error=error)
        finally:
            self.who = before

    def submit_behind(self, work: Callable[[], object]) -> Future:
        """As `submit`, but behind all that was posted before, even in the hardware thread."""
        future: Future = Future()
        self._post(future, work)
        return future

    def start(self, work: Callable[[Future], None]) -> Future:
        """Run `work(future)` in the hardware thread, at once if this is it; `work` sees to it that the future gets its result."""
        future: Future = Future()

        def begin():
            try:
                work(future)
            except Exception as error:  # boundary: it travels to the caller
                future.set_exception(error)

        if threading.get_ident() == self._thread:
            self._run(None, begin, self._caller())
        else:
            self._post(None, begin)
        return future

    def _post(self, future: Future | None, work: Callable[[], object]) -> None:
        self._posted.append((future, work, self._caller()))
        self._wake_up()

    def _wake_up(self) -> None:
        try:
            self._wake.send(b"x")
        except BlockingIOError:
            pass  # it is full of bytes that wake as well

    def _run_posted(self, *_) -> None:
        try:
            self._woken.recv(4096)
        except BlockingIOError:
            pass  # work that waited has run what woke this
        if self._posted:
            future, work, who = self._posted.popleft()
            if self._posted:
                self._wake_up()  # for the rest: behind what else Qt has to do, or while this work waits
            self._run(future, work, who)

    def _run(self, future: Future | None, work: Callable[[], object], who: str) -> None:
        # work that waits lets other work in between
        before, self.who = self.who, who
        try:
            self._carry_out(future, work)
        finally:
            self.who = before

    def _carry_out(self, future: Future | None, work: Callable[[], object]) -> None:
        if future is None:
            work()
        elif future.set_running_or_notify_cancel():
            try:
                result = work()
            except Exception as error:  # boundary: it travels to the caller
                future.set_exception(error)
            else:
                future.set_result(result)


def after(seconds: float, function: Callable[[], None]) -> Callable[[], None]:
    """Call `function()` in the hardware thread after `seconds`; gives a function that forgets it, to be called at last.

    Both are to be called in that thread.
    """
    # Qt's, not Python's: it may be forgotten while it calls
    timer = QtCore.QTimer(QtCore.QCoreApplication.instance())
    timer.setSingleShot(True)
    timer.timeout.connect(function)
    timer.start(max(0, round(seconds * 1000)))

    def forget():
        timer.stop()
        timer.deleteLater()

    return forget
