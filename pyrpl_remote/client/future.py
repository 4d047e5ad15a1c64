"""Futures: what PyRPL's `single_async` and its like return, in any process."""

from __future__ import annotations

import concurrent.futures
import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from ..errors import SessionClosed

if TYPE_CHECKING:
    import asyncio


log = logging.getLogger("pyrpl_remote")


class RemoteFuture(concurrent.futures.Future[Any]):
    """The result of a call that is under way on the board.

    A `concurrent.futures.Future`: `result(timeout)` waits, `done`, `exception`, `add_done_callback` (called
    in the session's thread for callbacks). `await` works in any asyncio event loop, and in PyRPL's, where
    this process has it; so does PyRPL's `wait`. `cancel` also stops the acquisition on the board.
    """

    def __init__(self, abandon: Callable[[], None], post: Callable[[Callable[[], object]], None], step: str):
        """`abandon()` stops the call, `post(function)` calls a function in the callbacks' thread."""
        super().__init__()
        self._abandon = abandon
        self._post = post
        self._callbacks_of_pyrpl: list[Callable[[RemoteFuture], object]] = []
        self.step = step
        """What is under way, for errors."""

    def complete(self, result: Any) -> None:
        """Set the result, unless it was cancelled."""
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            self.set_result(result)

    def fail(self, error: Exception) -> None:
        """Set an error as the result, unless it was cancelled."""
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            self.set_exception(error)

    def forget(self, error: SessionClosed) -> None:
        """After a fork, in the child: the result comes to the parent only; who waits here gets `error`."""
        # a thread of the parent may have held the lock, which nobody would release; the callbacks are the
        # parent's
        self._condition = threading.Condition()
        self._waiters.clear()
        self._done_callbacks: list[Callable[[RemoteFuture], object]] = []
        self.fail(error)

    def cancel(self) -> bool:
        """Stop the call on the board; False if its result is there already."""
        with self._condition:
            if self.cancelled():
                return True
            if not super().cancel():
                return False
            self.set_running_or_notify_cancel()  # concurrent.futures.wait() waits for this
        self._abandon()
        return True

    def add_done_callback(self, fn: Callable[[RemoteFuture], object]) -> None:
        """Call `fn(future)` when the result is there.

        It is called in the session's thread for callbacks, or in PyRPL's loop for a task that runs in it.
        """
        loop = _pyrpl_loop()
        if loop is None:
            super().add_done_callback(lambda _: self._post(lambda: _call(fn, self)))
        else:
            self._callbacks_of_pyrpl.append(fn)
            super().add_done_callback(lambda _: loop.call_soon_threadsafe(self._call_back, fn))

    def remove_done_callback(self, fn: Callable[[RemoteFuture], object]) -> int:
        """Remove a callback of PyRPL's loop, as asyncio's futures do; returns how often it was there."""
        count = self._callbacks_of_pyrpl.count(fn)
        self._callbacks_of_pyrpl = [other for other in self._callbacks_of_pyrpl if other != fn]
        return count

    def __await__(self) -> Generator[Any, None, Any]:
        import asyncio  # here and not above: who awaits has it already, and it is a fifth of our import

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
        if fn in self._callbacks_of_pyrpl:
            self._callbacks_of_pyrpl.remove(fn)
            fn(self)


def _call(fn: Callable[[RemoteFuture], object], future: RemoteFuture) -> None:
    try:
        fn(future)
    except Exception:  # boundary: the fault is the callback's
        log.exception("the callback %r of a future raised", fn)


def _pyrpl_loop() -> asyncio.AbstractEventLoop | None:
    """PyRPL's own asyncio event loop, if the caller is a task in it.

    A client may use PyRPL's `sleep`, `wait` and `ensure_future`. In a notebook their loop runs inside the
    kernel's, which is the one that asyncio takes for the running loop.
    """
    async_utils = sys.modules.get("pyrpl.async_utils")
    if async_utils is None or threading.current_thread() is not threading.main_thread():
        return None
    import asyncio

    return async_utils.LOOP if asyncio.current_task(async_utils.LOOP) is not None else None
