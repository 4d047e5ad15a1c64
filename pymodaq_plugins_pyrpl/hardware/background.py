"""Blocking calls that leave Qt's events running.

A scope may wait for its trigger for ever. PyMoDAQ delivers Stop, settings and the commands of other plugins on the
same board as events of the thread that waits.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from qtpy.QtCore import QEventLoop, QObject, Signal


class Background:
    """One thread that makes calls for another one. Always the same, as a connection to a board belongs to a thread."""

    def __init__(self):
        self._calls: queue.SimpleQueue[tuple[Future, Callable] | None] = queue.SimpleQueue()
        # a daemon thread: a call that never returns must not keep the program from ending
        threading.Thread(target=self._serve, name="pyrpl plugin", daemon=True).start()

    def run(self, function: Callable) -> Future:
        """Call `function` in the background, and go on with this thread's Qt events until it returns.

        The future is done, unless this thread was told to end while it waited.
        """
        call = _Call()
        loop = QEventLoop()
        call.returned.connect(loop.quit)
        call.future.add_done_callback(lambda _: call.returned.emit())
        self._calls.put((call.future, function))
        loop.exec()
        return call.future

    def close(self) -> None:
        """End the thread when its present call returns."""
        self._calls.put(None)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            future, function = call
            try:
                future.set_result(function())
            except Exception as error:  # boundary: it travels to the caller
                future.set_exception(error)


class _Call(QObject):
    returned = Signal()

    def __init__(self):
        super().__init__()
        self.future: Future = Future()
