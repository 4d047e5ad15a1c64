"""`Background`: remote calls in worker threads, while the plugin's thread goes on processing Qt's events.

PyMoDAQ delivers Stop, settings and the commands of other plugins of the same controller as Qt events of the
plugin's thread. They must arrive while a scope waits for its trigger, or while a board does not answer.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from qtpy.QtCore import QEventLoop, QObject, Signal

from pyrpl_remote.errors import BoardUnreachable, SessionClosed

REQUESTS = "requests"
"""The lane of quick requests."""

ACQUISITIONS = "acquisitions"
"""The lane of calls that may wait for a trigger: requests do not wait for them."""

PATIENCE_SECONDS = 0.03
"""How long a call may take before Qt's events are processed. A quick call then interrupts nothing: a Grab
that began within it would let it return only after the Grab's end."""


class Background:
    """Makes the remote calls of one plugin, in two lanes. The calls of a lane are made one after the other.

    Each lane is a thread, which starts with the first call. `close` and `give_up` may be called in any thread
    and wait for nothing: who waits for a call gets an error at once, and the call's late result is dropped.
    """

    def __init__(self, name: str = "pyrpl plugin"):
        self._name = name
        self._lock = threading.Lock()
        self._lanes: dict[str, queue.SimpleQueue[_Call | None]] = {}
        self._pending: set[_Call] = set()
        self._begun: set[_Call] = set()
        self.closed = False

    def ask(
        self,
        function: Callable[[], Any],
        lane: str = REQUESTS,
        seconds: float | None = None,
        patience: float = PATIENCE_SECONDS,
        undo: Callable[[Any], object] | None = None,
    ) -> Any:
        """Call `function` in a lane, process this thread's Qt events meanwhile, and return its result.

        Raises what `function` raises; SessionClosed if the plugin was closed, or its thread ends;
        BoardUnreachable after `seconds`; or the error passed to `give_up`. In those cases `undo(result)` is
        called in the lane when `function` returns after all. Events are processed after `patience` s.
        """
        call = _Call(function, undo)
        self._add(call, lane)
        with contextlib.suppress(FutureTimeout):  # or the call's own, which is raised below
            return call.future.result(patience)
        loop = QEventLoop()
        call.returned.connect(loop.quit)
        if seconds is not None:
            limit = threading.Timer(seconds, call.fail, [_late(seconds)])
            limit.daemon = True
            limit.start()
            call.future.add_done_callback(lambda _: limit.cancel())
        if not call.future.done():
            loop.exec()
        # Qt would cut the connection with a lock held, and wait for Python's meanwhile: a thread that has
        # Python's, and destroys a widget, may wait for Qt's
        call.returned.disconnect(loop.quit)
        call.fail(_closed())  # does nothing if it is done: else PyMoDAQ has ended this thread's event loops
        return call.future.result()

    def begin(
        self, function: Callable[[], Any], done: Callable[[Future[Any]], object], lane: str = REQUESTS
    ) -> None:
        """Call `function` in a lane, and then `done(future)` in this thread, when it processes Qt's events.

        `done` is not called if the call was given up.
        """
        call = _Call(function, None)

        def finish() -> None:
            self._begun.discard(call)
            done(call.future)

        call.done = finish
        call.returned.connect(call.call_done)
        self._begun.add(call)  # Qt delivers nothing to an object that Python has deleted
        try:
            self._add(call, lane)
        except SessionClosed:
            self._begun.discard(call)

    def give_up(self, error: Exception) -> None:
        """Let all calls that are pending raise `error`. Later calls do not wait for them."""
        with self._lock:
            pending, self._pending = self._pending, set()
            for lane in self._lanes.values():
                lane.put(None)
            self._lanes = {}
        for call in pending:
            call.done = None
            self._begun.discard(call)
            call.fail(error)

    def close(self, last: Callable[[], object] | None = None) -> None:
        """Give up all calls, now and from now on. `last()` is called in a lane; nobody waits for it."""
        with self._lock:
            self.closed = True
        self.give_up(_closed())
        if last is not None:
            threading.Thread(target=last, name=self._name, daemon=True).start()

    def _add(self, call: _Call, lane: str) -> None:
        with self._lock:
            if self.closed:
                raise _closed()
            if lane not in self._lanes:
                calls = self._lanes[lane] = queue.SimpleQueue()
                # a daemon thread, so that the program can end even if a call never returns
                threading.Thread(
                    target=self._serve, args=[calls], name=f"{self._name} {lane}", daemon=True
                ).start()
            self._pending.add(call)
            self._lanes[lane].put(call)

    def _serve(self, calls: queue.SimpleQueue[_Call | None]) -> None:
        while (call := calls.get()) is not None:
            call.run()
            with self._lock:
                self._pending.discard(call)
            del call  # it refers to its result


class _Call(QObject):
    """One call. It belongs to the thread that waits for it."""

    returned = Signal()

    def __init__(self, function: Callable[[], Any], undo: Callable[[Any], object] | None):
        super().__init__()
        self.future: Future[Any] = Future()
        self.done: Callable[[], object] | None = None
        self._function = function
        self._undo = undo

    def run(self) -> None:
        """Make the call, in its lane, unless it was given up."""
        if self.future.done():
            return
        try:
            result = self._function()
        except BaseException as error:  # noqa: BLE001 - boundary: who waits for the call gets it
            self.fail(error)
            return
        try:
            self.future.set_result(result)
        except InvalidStateError:  # given up meanwhile
            if self._undo is not None:
                self._undo(result)
        else:
            self.returned.emit()

    def fail(self, error: BaseException) -> None:
        """End the wait with `error`, unless the call has returned."""
        with contextlib.suppress(InvalidStateError):
            self.future.set_exception(error)
            self.returned.emit()

    def call_done(self) -> None:
        """Call what `begin` was told to call."""
        done, self.done = self.done, None
        if done is not None:
            done()


def _closed() -> SessionClosed:
    return SessionClosed("the plugin was closed", "initialize it again")


def _late(seconds: float) -> BoardUnreachable:
    return BoardUnreachable(
        f"no connection to the board within {seconds:g} s",
        "its daemon may still be starting: initialize again, or raise the time limit in the settings",
    )
