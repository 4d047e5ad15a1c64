"""Futures: what PyRPL's `single_async` and its like give, in any process."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable

from ..errors import PyrplRemoteError


class RemoteFuture(concurrent.futures.Future):
    """The result of a call that is under way on the board.

    A `concurrent.futures.Future`: `result(timeout)` waits, `done`, `exception`, `add_done_callback` (called on a thread of
    ours). `await` works in any asyncio event loop. `cancel` also stops the acquisition on the board.
    """

    def __init__(self, collect: Callable[[], object], abandon: Callable[[], None], step: str):
        """`collect()` waits for the result, `abandon()` tells the board that nobody wants it."""
        super().__init__()
        self._collect = collect
        self._abandon = abandon
        threading.Thread(target=self._wait, name=f"pyrpl_remote {step}", daemon=True).start()

    def cancel(self) -> bool:
        """Stop the call on the board; False if its result is there already."""
        if not super().cancel():
            return False
        self._abandon()
        return True

    def __await__(self):
        return asyncio.wrap_future(self).__await__()

    def _wait(self) -> None:
        # a result that comes after cancel() has no taker
        with contextlib.suppress(concurrent.futures.InvalidStateError):
            try:
                self.set_result(self._collect())
            except PyrplRemoteError as error:
                self.set_exception(error)
