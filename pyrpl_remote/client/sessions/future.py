"""`RemoteFuture`: the result of `single_async` and of other methods that PyRPL runs asynchronously."""

from __future__ import annotations

import concurrent.futures
import contextlib
import contextvars
import logging
import math
import sys
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import SessionClosed
from ..staying import Staying

if TYPE_CHECKING:
    import asyncio

log = logging.getLogger("pyrpl_remote")

WAITS_ARE_DEAF = sys.platform == "win32"
"""Whether Ctrl-C ends no wait for a lock."""

CTRL_C_SECONDS = 0.2
"""How long Ctrl-C may take there to end the wait for a result."""

DoneCallback = Callable[["RemoteFuture"], object]

if sys.version_info >= (3, 11):
    ResultTimeout = TimeoutError
else:

    class ResultTimeout(TimeoutError, concurrent.futures.TimeoutError):
        """The result did not come in time: the class that `except TimeoutError` of either kind catches."""


@dataclass(frozen=True)
class _Callback:
    """A function that is called with a future which is done.

    It is called in `loop`, in `context`; where `loop` is None, in the session's callback thread.
    """

    function: DoneCallback
    loop: asyncio.AbstractEventLoop | None
    context: contextvars.Context

    def schedule(self, future: RemoteFuture) -> None:
        """Let it be called soon. A loop that was closed calls nothing, as with asyncio's own futures."""
        if self.loop is None:
            future.post(lambda: self._call(future))
        elif not self.loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it was closed just now
                self.loop.call_soon_threadsafe(self.function, future, context=self.context)

    def _call(self, future: RemoteFuture) -> None:
        try:
            self.function(future)
        except Exception:  # boundary: user code
            log.exception("the callback %r of a future raised", self.function)


class RemoteFuture(Staying, concurrent.futures.Future[Any]):
    """The result of a call that is under way on the board.

    A `concurrent.futures.Future` that asyncio accepts as well: `await` it in any event loop, or pass it to
    `asyncio.wait`, `gather`, `wait_for` and the others. It belongs to no loop. (With Python 3.10,
    `asyncio.wait` returns a task in its place.) PyRPL's `wait` and `ensure_future` accept it too. `cancel`
    also stops the acquisition on the board.

    A later acquisition of this program on the same module replaces this one, which then raises
    AcquisitionCancelled. Other clients wait for their turn, but not for a future that was dropped: no
    variable refers to it, no task awaits it, and no callback waits for it.
    """

    def __init__(
        self,
        abandon: Callable[[], None],
        hold: Callable[[RemoteFuture | None], None],
        post: Callable[[Callable[[], object]], None],
        step: str,
    ):
        """`abandon()` gives up the call; `hold(future)` keeps the future until `hold(None)`.

        `post(function)` calls a function in the callback thread.
        """
        super().__init__()
        self._abandon = abandon
        self._hold = hold
        self._callbacks: list[_Callback] = []
        self.post = post
        self.step = step
        """The call in words, for error messages."""
        # a function, not a bound method, which would be a reference cycle: a dropped future must end at once
        super().add_done_callback(RemoteFuture._schedule_callbacks)  # type: ignore[arg-type]

    def complete(self, result: Any) -> None:
        """Set the result, unless the future was cancelled."""
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            self.set_result(result)

    def fail(self, error: Exception) -> None:
        """Set an error as the result, unless the future was cancelled."""
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            self.set_exception(error.with_traceback(None))  # where the message was read says nothing

    def forget(self, error: SessionClosed) -> None:
        """To be called in a forked child, where the result never arrives: waiting raises `error`."""
        # a new lock: a thread of the parent may have held the old one, and no thread here would release it
        # no callbacks: those are the parent's
        self._condition = threading.Condition()
        self._waiters.clear()
        self._callbacks = []
        self.fail(error)

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the result and return it. Raises the call's error, or TimeoutError after `timeout` s.

        The call goes on after a TimeoutError.
        """
        try:
            return super().result(self._left_after_waiting(timeout))
        except concurrent.futures.TimeoutError:
            if self.done():
                return super().result()  # the call's own error, or it came just now
            raise self._late(timeout) from None
        finally:
            del self  # an error's traceback would keep it

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the end of the call; returns its error, or None.

        Raises TimeoutError after `timeout` s, as `result` does.
        """
        try:
            return super().exception(self._left_after_waiting(timeout))
        except concurrent.futures.TimeoutError:
            raise self._late(timeout) from None
        finally:
            del self

    def _left_after_waiting(self, timeout: float | None) -> float | None:
        """Wait in pieces where Ctrl-C does not end the wait for a lock; returns what is left to wait."""
        if not WAITS_ARE_DEAF:
            return timeout
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while not self.done() and (left := deadline - time.monotonic()) > 0:
            concurrent.futures.wait([self], min(left, CTRL_C_SECONDS))
        return None if timeout is None else max(0.0, deadline - time.monotonic())

    def cancel(self) -> bool:
        """Stop the call on the board; returns False if its result has already arrived."""
        with self._condition:
            if self.cancelled():
                return True
            if not super().cancel():
                return False
            self.set_running_or_notify_cancel()  # concurrent.futures.wait() waits for this
        self._abandon()
        return True

    def interrupt(self) -> None:
        """Give up the call: who waits for it gets a KeyboardInterrupt."""
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            self.set_exception(KeyboardInterrupt())
            self._abandon()

    @property
    def awaited(self) -> bool:
        """Whether callbacks or tasks wait for it."""
        return bool(self._callbacks)

    def add_done_callback(self, fn: DoneCallback, *, context: contextvars.Context | None = None) -> None:
        """Call `fn(future)` when the future is done.

        Where an asyncio event loop runs in this thread, it is called in that loop, in `context` or a copy of
        the present one, as with asyncio's own futures; elsewhere in the session's callback thread.
        """
        callback = _Callback(fn, _running_loop(), context or contextvars.copy_context())
        with self._condition:
            pending = not self.done()
            if pending:
                self._callbacks.append(callback)
                self._hold(self)
        if not pending:
            callback.schedule(self)
        elif callback.loop is not None:
            from .pyrpl_wait import heed_ctrl_c

            heed_ctrl_c(self, callback.loop)

    def remove_done_callback(self, fn: DoneCallback) -> int:
        """Remove the callback `fn`; returns how many times it was there."""
        with self._condition:
            left = [callback for callback in self._callbacks if callback.function != fn]
            removed = len(self._callbacks) - len(left)
            self._callbacks = left
            if not left:
                self._hold(None)
        return removed

    def __await__(self) -> Generator[Any, None, Any]:
        import asyncio  # not at the top: it takes a fifth of our import time, and a caller that awaits has it

        loop = _running_loop() or asyncio.get_running_loop()  # which raises an error: there is none
        return (yield from asyncio.wrap_future(self, loop=loop))

    def _late(self, timeout: float | None) -> TimeoutError:
        return ResultTimeout(
            f"{self.step} has no result after {timeout} s; it goes on, unless you cancel() it"
        )

    def _schedule_callbacks(self) -> None:
        with self._condition:
            callbacks, self._callbacks = self._callbacks, []
            self._hold(None)
        for callback in callbacks:
            callback.schedule(self)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The asyncio event loop that the caller runs in, which may be PyRPL's own, or None."""
    if "asyncio" not in sys.modules:
        return None
    import asyncio

    from .pyrpl_wait import pyrpl_loop

    try:
        return pyrpl_loop() or asyncio.get_running_loop()
    except RuntimeError:
        return None
