"""`RemoteFuture`: the result of `single_async` and of other methods that PyRPL runs asynchronously."""

from __future__ import annotations

import concurrent.futures
import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from ..errors import SessionClosed
from .staying import Staying

if TYPE_CHECKING:
    import asyncio


log = logging.getLogger("pyrpl_remote")


class RemoteFuture(Staying, concurrent.futures.Future[Any]):
    """The result of a call that is under way on the board.

    A `concurrent.futures.Future`: `result(timeout)` waits; `done` and `exception` are as usual. Functions
    passed to `add_done_callback` are called in the session's callback thread. `await` works in any asyncio
    event loop, and in PyRPL's if this process uses PyRPL; so does PyRPL's `wait`. `cancel` also stops the
    acquisition on the board.
    """

    def __init__(self, abandon: Callable[[], None], post: Callable[[Callable[[], object]], None], step: str):
        """`abandon()` gives up the call; `post(function)` calls a function in the callback thread."""
        super().__init__()
        self._abandon = abandon
        self._post = post
        self._pyrpl_callbacks: list[Callable[[RemoteFuture], object]] = []
        self.step = step
        """The call in words, for error messages."""

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
        self._done_callbacks: list[Callable[[RemoteFuture], object]] = []
        self.fail(error)

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

    def add_done_callback(self, fn: Callable[[RemoteFuture], object]) -> None:
        """Call `fn(future)` when the future is done.

        It is called in the session's callback thread, or in PyRPL's event loop if the caller is a task there.
        """
        loop = _pyrpl_loop()
        if loop is None:
            super().add_done_callback(lambda _: self._post(lambda: _call(fn, self)))
        else:
            self._pyrpl_callbacks.append(fn)
            super().add_done_callback(lambda _: loop.call_soon_threadsafe(self._call_back, fn))

    def remove_done_callback(self, fn: Callable[[RemoteFuture], object]) -> int:
        """Remove a callback that was added in PyRPL's event loop; returns how many times it was there."""
        count = self._pyrpl_callbacks.count(fn)
        self._pyrpl_callbacks = [other for other in self._pyrpl_callbacks if other != fn]
        return count

    def __await__(self) -> Generator[Any, None, Any]:
        import asyncio  # not at the top: it takes a fifth of our import time, and a caller that awaits has it

        # not asyncio.wrap_future: awaiting must not wait for the user's callbacks
        loop = _pyrpl_loop() or asyncio.get_running_loop()
        awaited = loop.create_future()
        awaited.add_done_callback(lambda done: done.cancelled() and self.cancel())

        def wake(_: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._hand_over, awaited)

        super().add_done_callback(wake)
        return (yield from awaited)

    def _hand_over(self, awaited: asyncio.Future[Any]) -> None:
        if awaited.done():
            return
        if self.cancelled():
            awaited.cancel()
        elif (error := self.exception()) is not None:
            awaited.set_exception(error)
        else:
            awaited.set_result(self.result())

    def _call_back(self, fn: Callable[[RemoteFuture], object]) -> None:
        if fn in self._pyrpl_callbacks:
            self._pyrpl_callbacks.remove(fn)
            fn(self)


def _call(fn: Callable[[RemoteFuture], object], future: RemoteFuture) -> None:
    try:
        fn(future)
    except Exception:  # boundary: user code
        log.exception("the callback %r of a future raised", fn)


def _pyrpl_loop() -> asyncio.AbstractEventLoop | None:
    """PyRPL's own asyncio event loop, if the caller is a task in it.

    A client may use PyRPL's `sleep`, `wait` and `ensure_future`. In a notebook PyRPL's loop runs inside the
    kernel's, and asyncio reports the kernel's as the running loop.
    """
    async_utils = sys.modules.get("pyrpl.async_utils")
    if async_utils is None or threading.current_thread() is not threading.main_thread():
        return None
    import asyncio

    return async_utils.LOOP if asyncio.current_task(async_utils.LOOP) is not None else None
