"""`Background`: calls in worker threads, whose results arrive in the thread of the window.

Nothing that asks a daemon, a host or a file of another machine runs in the window's thread.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from qtpy.QtCore import QObject, Qt, Signal

Result = TypeVar("Result")

Failed = Callable[[Exception], object]

log = logging.getLogger(__name__)

_last_calls: list[threading.Thread] = []


def wait_for_last_calls(seconds: float) -> None:
    """Wait until the last calls of closed Backgrounds have returned, `seconds` in all: the program ends."""
    deadline = time.monotonic() + seconds
    while _last_calls:
        _last_calls.pop().join(max(deadline - time.monotonic(), 0.0))


class Background(QObject):
    """Makes calls in worker threads; what follows from them happens in the thread that made this object.

    `call` makes calls one after the other, in one thread that starts with the first; `call_beside` makes each
    in a thread of its own. `failed(error)` is called for errors whose call says nothing else. After `close`
    nothing is delivered any more.
    """

    _posted = Signal(object)

    def __init__(self, name: str, failed: Failed) -> None:
        super().__init__()
        self._name = name
        self._failed = failed
        self._lock = threading.Lock()
        self._calls: queue.SimpleQueue[Callable[[], object] | None] | None = None
        self.closed = False
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def call(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Call `function()` after the calls before it, then `done(result)` or `failed(error)`."""
        with self._lock:
            if self.closed:
                return
            if self._calls is None:
                self._calls = queue.SimpleQueue()
                self._start(self._serve, self._calls)
            self._calls.put(lambda: self._make(function, done, failed))

    def call_beside(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """As `call`, beside all other calls: for those that take long."""
        if not self.closed:
            self._start(self._make, function, done, failed)

    def post(self, function: Callable[[], object]) -> None:
        """Call `function()` soon in the thread of this object. From any thread."""
        with self._lock:  # no emission begins after `close`
            if not self.closed:
                self._posted.emit(function)

    def close(self, last: Callable[[], object] | None = None) -> None:
        """Deliver nothing any more, drop the calls that wait, and call `last()` in a thread. Never waits."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            if self._calls is not None:
                self._calls.put(None)
        if last is not None:
            _last_calls.append(self._start(last))

    def _start(self, function: Callable[..., object], *arguments: Any) -> threading.Thread:
        # a daemon thread, so that the program can end even if a call never returns
        thread = threading.Thread(target=function, args=arguments, name=self._name, daemon=True)
        thread.start()
        return thread

    def _serve(self, calls: queue.SimpleQueue[Callable[[], object] | None]) -> None:
        while (make := calls.get()) is not None:
            if not self.closed:
                make()
            del make  # it refers to what its caller shows

    def _make(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object] | None,
        failed: Failed | None,
    ) -> None:
        try:
            result = function()
        except Exception as error:  # noqa: BLE001 - boundary: it is shown to the user
            fail, failure = failed or self._failed, error  # `error` ends with this block
            self.post(lambda: fail(failure))
        else:
            if done is not None:
                deliver = done
                self.post(lambda: deliver(result))

    def _run(self, function: Callable[[], object]) -> None:
        if self.closed:
            return
        try:
            function()
        except Exception as error:
            log.exception("the panel failed to show a result")
            self._failed(error)
