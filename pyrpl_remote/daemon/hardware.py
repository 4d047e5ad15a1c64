"""The hardware thread: Qt's main thread, where PyRPL lives and which alone may touch it.

Pyro's worker threads post work here and wait for its future; while they wait, the thread serves others.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from qtpy import QtCore

from .registry import PYRPL


class HardwareThread(QtCore.QObject):
    """Runs work in the thread that made it, in the order in which it was posted.

    Make it in the main thread, then run the Qt application there. Attribute: `who` (on whose behalf it works now).
    """

    _posted = QtCore.Signal(object, object, str)

    def __init__(self, caller: Callable[[], str]):
        """`caller()` says on whose behalf the calling thread posts work."""
        super().__init__()
        self._caller = caller
        self.who = PYRPL
        self._posted.connect(self._run, QtCore.Qt.QueuedConnection)

    def submit(self, work: Callable[[], object]) -> Future:
        """Run `work()` in the hardware thread; the future gets what it returns or raises."""
        future: Future = Future()
        self._posted.emit(future, work, self._caller())
        return future

    def start(self, work: Callable[[Future], None]) -> Future:
        """Run `work(future)` in the hardware thread; `work` sees to it that the future gets its result later."""
        future: Future = Future()

        def begin():
            try:
                work(future)
            except Exception as error:  # boundary: it travels to the caller
                future.set_exception(error)

        self._posted.emit(None, begin, self._caller())
        return future

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


def after(seconds: float, function: Callable[[], None]) -> None:
    """Call `function()` in the hardware thread after `seconds`; to be called in that thread."""
    QtCore.QTimer.singleShot(max(0, round(seconds * 1000)), function)
