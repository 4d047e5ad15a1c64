"""Acquisitions: one at a time on each module, in the order of the requests.

PyRPL cancels a running acquisition when another one starts on the same module. Here the second one waits for
its turn instead. All functions run in the Qt thread, so they need no locks.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any

from ...errors import AcquisitionCancelled, ModuleBusy
from .thread import after


@dataclass(eq=False)
class Acquisition:
    """One acquisition of one client.

    `path`: of the module; `start()` begins it and returns PyRPL's future; `stop()` ends it on the module;
    `timeout` is in s, None for no limit; `holder` describes the client in error messages; `future` gets
    PyRPL's result or error.
    """

    path: str
    holder: str
    start: Callable[[], asyncio.Future[Any]]
    stop: Callable[[], object]
    timeout: float | None = None
    future: Future[Any] = field(default_factory=Future)
    cancel_limit: Callable[[], None] | None = None

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """Complete the client's future, unless it is done."""
        self.limit(None)
        try:
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)
        except InvalidStateError:
            pass  # it timed out or was given up

    def limit(self, end: Callable[[], None] | None) -> None:
        """Call `end()` after the timeout, in place of an earlier function; None only cancels that one.

        The timer of a finished acquisition must be cancelled: it would keep the acquisition and its data.
        """
        if self.cancel_limit is not None:
            self.cancel_limit()
        self.cancel_limit = None if end is None or self.timeout is None else after(self.timeout, end)


class Acquisitions:
    """The running acquisition of each module, and the queue of those that wait for it."""

    def __init__(self) -> None:
        self._running: dict[str, Acquisition] = {}
        self._waiting: dict[str, deque[Acquisition]] = {}

    def under_way(self) -> bool:
        """Whether any acquisition is running."""
        return bool(self._running)

    def request(self, acquisition: Acquisition) -> None:
        """Begin `acquisition` now, or when its module is free.

        Its future raises ModuleBusy if the module is not free within the timeout, TimeoutError if the data do
        not arrive within the timeout, AcquisitionCancelled if PyRPL cancels it.
        """
        if acquisition.path not in self._running:
            self._begin(acquisition)
            self._begin_next(acquisition.path)
            return
        self._waiting.setdefault(acquisition.path, deque()).append(acquisition)
        acquisition.limit(lambda: self._refuse(acquisition))

    def abandon(self, future: Future[Any]) -> None:
        """Give up an acquisition, by its future: it is stopped, or removed from the queue."""
        for acquisition in list(self._running.values()):
            if acquisition.future is future and not future.done():
                acquisition.settle(
                    error=AcquisitionCancelled(f"{acquisition.holder} gave up its acquisition")
                )
                try:
                    acquisition.stop()
                finally:
                    self._release(acquisition)
        for queue in self._waiting.values():
            for acquisition in [a for a in queue if a.future is future]:
                queue.remove(acquisition)
                acquisition.settle(
                    error=AcquisitionCancelled(f"{acquisition.holder} gave up its acquisition")
                )

    def _begin(self, acquisition: Acquisition) -> None:
        # before start(), which may wait in an event loop, where other clients may request the module
        self._running[acquisition.path] = acquisition
        acquisition.limit(None)
        try:
            run = acquisition.start()
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            acquisition.settle(error=error)
            self._forget(acquisition)
            return
        if acquisition.future.done():  # it was given up while it started
            run.cancel()
            return
        run.add_done_callback(lambda run: self._finished(acquisition, run))
        acquisition.limit(lambda: self._time_out(acquisition))

    def _finished(self, acquisition: Acquisition, run: asyncio.Future[Any]) -> None:
        if run.cancelled():
            error = AcquisitionCancelled(
                f"the acquisition of {acquisition.path} for {acquisition.holder} was cancelled",
                "a setting was changed, or stop() called, while it ran; start it again",
            )
            acquisition.settle(error=error)
        elif (failure := run.exception()) is not None:
            acquisition.settle(error=failure)
        else:
            acquisition.settle(run.result())
        self._release(acquisition)

    def _time_out(self, acquisition: Acquisition) -> None:
        # as in PyRPL, the acquisition continues; but the next one on the module need not wait for it
        acquisition.settle(error=TimeoutError("Timeout exceeded"))
        self._release(acquisition)

    def _refuse(self, acquisition: Acquisition) -> None:
        self._waiting[acquisition.path].remove(acquisition)
        running = self._running[acquisition.path]
        acquisition.settle(
            error=ModuleBusy(
                f"{acquisition.path} is acquiring for {running.holder}; "
                f"its turn did not come within {acquisition.timeout} s",
                "try again, or pass a longer timeout",
            )
        )

    def _release(self, acquisition: Acquisition) -> None:
        self._forget(acquisition)
        self._begin_next(acquisition.path)

    def _forget(self, acquisition: Acquisition) -> None:
        if self._running.get(acquisition.path) is acquisition:
            del self._running[acquisition.path]

    def _begin_next(self, path: str) -> None:
        # a loop: where the board is lost, hundreds that wait fail one after the other
        while path not in self._running and self._waiting.get(path):
            self._begin(self._waiting[path].popleft())
