"""`Background`: blocking calls while Qt's events are processed.

A scope may wait for its trigger without limit. Meanwhile PyMoDAQ delivers Stop, settings and the commands of
other plugins on the same board as Qt events of the waiting thread.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from qtpy.QtCore import QEventLoop, QObject, Signal


class Background:
    """A worker thread that makes blocking calls for a thread with Qt events.

    One thread makes all calls, because each connection to a board belongs to one thread.
    """

    def __init__(self):
        self._calls: queue.SimpleQueue[tuple[Future, Callable] | None] = queue.SimpleQueue()
        # a daemon thread, so that the program can end even if a call never returns
        threading.Thread(target=self._serve, name="pyrpl plugin", daemon=True).start()

    def run(self, function: Callable) -> Future:
        """Call `function` in the worker thread, and process this thread's Qt events until it returns.

        Returns the future of the call. It is done, unless this thread's event loop was ended first.
        """
        call = _Call()
        loop = QEventLoop()
        call.returned.connect(loop.quit)
        call.future.add_done_callback(lambda _: call.returned.emit())
        self._calls.put((call.future, function))
        loop.exec()
        return call.future

    def close(self) -> None:
        """End the worker thread, once its present call returns."""
        self._calls.put(None)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            future, function = call
            try:
                future.set_result(function())
            except Exception as error:  # noqa: BLE001 - boundary: the future raises it
                future.set_exception(error)


class _Call(QObject):
    returned = Signal()

    def __init__(self):
        super().__init__()
        self.future: Future = Future()
