"""Futures: what PyRPL's `single_async` and its like give, in any process."""

from __future__ import annotations

import concurrent.futures
import contextlib
import sys
import threading
from collections.abc import Callable

from ..errors import PyrplRemoteError


class RemoteFuture(concurrent.futures.Future):
    """The result of a call that is under way on the board.

    A `concurrent.futures.Future`: `result(timeout)` waits, `done`, `exception`, `add_done_callback` (called on a thread of
    ours). `await` works in any asyncio event loop, and in PyRPL's, where this process has it; so does PyRPL's `wait`.
    `cancel` also stops the acquisition on the board.
    """

    def __init__(self, collect: Callable[[], object], abandon: Callable[[], None], step: str):
        """`collect()` waits for the result, `abandon()` tells the board that nobody wants it."""
        super().__init__()
        self._collect = collect
        self._abandon = abandon
        self._callbacks_of_pyrpl: list[Callable] = []
        threading.Thread(target=self._wait, name=f"pyrpl_remote {step}", daemon=True).start()

    def cancel(self) -> bool:
        """Stop the call on the board; False if its result is there already."""
        if not super().cancel():
            return False
        self._abandon()
        return True

    def add_done_callback(self, fn: Callable[[RemoteFuture], object]) -> None:
        """Call `fn(future)` when the result is there: on a thread of ours, or in PyRPL's loop for a task that runs in it."""
        loop = _pyrpl_loop()
        if loop is None:
            super().add_done_callback(fn)
        else:
            self._callbacks_of_pyrpl.append(fn)
            super().add_done_callback(lambda _: loop.call_soon_threadsafe(self._call_back, fn))

    def remove_done_callback(self, fn: Callable[[RemoteFuture], object]) -> int:
        """Forget a callback of PyRPL's loop, which waits with it as asyncio does; gives how many there were."""
        count = self._callbacks_of_pyrpl.count(fn)
        self._callbacks_of_pyrpl = [other for other in self._callbacks_of_pyrpl if other != fn]
        return count

    def __await__(self):
        import asyncio  # here and not above: who awaits has it already, and it is a fifth of our import

        return asyncio.wrap_future(self, loop=_pyrpl_loop()).__await__()

    def _call_back(self, fn: Callable[[RemoteFuture], object]) -> None:
        if fn in self._callbacks_of_pyrpl:
            self._callbacks_of_pyrpl.remove(fn)
            fn(self)

    def _wait(self) -> None:
        # a result that comes after cancel() has no taker
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            try:
                self.set_result(self._collect())
            except PyrplRemoteError as error:
                self.set_exception(error)


def _pyrpl_loop():
    """PyRPL's own asyncio event loop, if the caller is a task in it.

    A client may use PyRPL's `sleep`, `wait` and `ensure_future`. In a notebook their loop turns inside the kernel's, which
    is the one that asyncio takes for the running loop.
    """
    async_utils = sys.modules.get("pyrpl.async_utils")
    if async_utils is None or threading.current_thread() is not threading.main_thread():
        return None
    import asyncio

    return async_utils.LOOP if asyncio.current_task(async_utils.LOOP) is not None else None
