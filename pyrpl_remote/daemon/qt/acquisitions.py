"""Acquisitions: one at a time on each module, in the order of the requests.

PyRPL cancels a running acquisition when another one starts on the same module. Here that is so within one
program: its new acquisition replaces its own earlier one, whose future the program may have forgotten. The
acquisitions of other clients wait for their turn. All functions run in the Qt thread, so they need no locks.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any

from ...errors import AcquisitionCancelled, ModuleBusy
from .thread import after

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Acquisition:
    """One acquisition of one client.

    `path`: of the module; `start()` begins it and returns PyRPL's future; `stop()` ends it on the module;
    `timeout` is in s, None for no limit; `holder` describes the client in error messages; `program` is the
    same for all acquisitions of the client's program. `replaceable`: a later one of the same program may take
    its place, because no thread of the client waits for the result now. `place`: only one of the acquisitions
    with the same place runs at a time; by default the path. `future` gets PyRPL's result or error. `wanted`:
    the client still has a use for the result. `run` is PyRPL's future, None until it has begun.
    """

    path: str
    holder: str
    start: Callable[[], asyncio.Future[Any]]
    stop: Callable[[], object]
    timeout: float | None = None
    program: Hashable = field(default_factory=object)
    replaceable: bool = False
    place: Hashable = None
    future: Future[Any] = field(default_factory=Future)
    wanted: bool = True
    run: asyncio.Future[Any] | None = None
    cancel_limit: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        if self.place is None:
            self.place = self.path

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """Complete the client's future, unless it is done."""
        self.limit(None)
        try:
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)
        except InvalidStateError:
            pass  # it timed out, was replaced or was given up

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
        self._running: dict[Hashable, Acquisition] = {}
        self._waiting: dict[Hashable, deque[Acquisition]] = {}

    def under_way(self) -> bool:
        """Whether any acquisition is running."""
        return bool(self._running)

    def holders(self) -> list[tuple[str, str]]:
        """The path and the holder of each acquisition that runs or waits for its turn; from any thread."""
        waiting = [list(queue) for queue in list(self._waiting.values())]
        everything = [*list(self._running.values()), *(one for queue in waiting for one in queue)]
        return [(acquisition.path, acquisition.holder) for acquisition in everything]

    def request(self, acquisition: Acquisition) -> None:
        """Begin `acquisition` now, or when its module is free.

        Its future raises ModuleBusy if the module is not free within the timeout, TimeoutError if the data do
        not arrive within the timeout, AcquisitionCancelled if PyRPL cancels it, or if a later one of its
        program replaces it.
        """
        for earlier in self._all(acquisition.place):
            if earlier.replaceable and earlier.program == acquisition.program:
                self._replace(earlier, acquisition)
        queue = self._waiting.setdefault(acquisition.place, deque())
        queue.append(acquisition)
        self._begin_next(acquisition.place)
        if acquisition in queue:
            acquisition.limit(lambda: self._refuse(acquisition))

    def abandon(self, future: Future[Any]) -> None:
        """Give up an acquisition, by its future: it is stopped, or removed from the queue."""
        acquisition = self._find(future)
        if acquisition is None or future.done():
            return
        acquisition.settle(error=AcquisitionCancelled(f"{acquisition.holder} gave up its acquisition"))
        if not self._leave_queue(acquisition) and acquisition.run is not None:
            try:
                acquisition.stop()
            finally:
                acquisition.run.cancel()  # not every module has a stop method
                self._free(acquisition)

    def release(self, future: Future[Any]) -> None:
        """Nobody waits for an acquisition any more, which is named by its future: it gives up its place.

        If it runs, it goes on until another one is requested, as in PyRPL. If it waits for its turn, it never
        begins.
        """
        acquisition = self._find(future)
        if acquisition is None or future.done():
            return
        if self._leave_queue(acquisition):
            acquisition.settle(error=AcquisitionCancelled(f"{acquisition.holder} dropped its future"))
        else:
            acquisition.wanted = False
            self._begin_next(acquisition.place)

    def _begin(self, acquisition: Acquisition) -> None:
        # before start(), which may wait in an event loop, where other clients may request the module
        self._running[acquisition.place] = acquisition
        acquisition.limit(None)
        try:
            run = acquisition.start()
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            acquisition.settle(error=error)
            self._forget(acquisition)
            return
        if acquisition.future.done():  # it was given up or replaced while it started
            run.cancel()
            self._forget(acquisition)
            return
        acquisition.run = run
        run.add_done_callback(lambda run: self._finished(acquisition, run))
        acquisition.limit(lambda: self._time_out(acquisition))

    def _finished(self, acquisition: Acquisition, run: asyncio.Future[Any]) -> None:
        if run.cancelled():
            error = AcquisitionCancelled(
                f"the acquisition of {acquisition.path} for {acquisition.holder} was cancelled",
                "a setting was changed, or stop() or continuous() called, while it ran; start it again",
            )
            acquisition.settle(error=error)
        elif (failure := run.exception()) is not None:
            acquisition.settle(error=failure)
        else:
            acquisition.settle(run.result())
        self._free(acquisition)

    def _time_out(self, acquisition: Acquisition) -> None:
        # as in PyRPL, the acquisition continues; but the next one on the module need not wait for it
        acquisition.settle(error=TimeoutError("Timeout exceeded"))
        self._free(acquisition)

    def _refuse(self, acquisition: Acquisition) -> None:
        self._leave_queue(acquisition)
        running = self._running[acquisition.place]
        late = f"its turn did not come within {acquisition.timeout} s"
        if running.program == acquisition.program:
            error: Exception = TimeoutError(
                f"{running.path} is acquiring for another thread of this program; {late}"
            )
        else:
            error = ModuleBusy(
                f"{running.path} is acquiring for {running.holder}; {late}",
                "try again, or pass a longer timeout",
            )
        acquisition.settle(error=error)

    def _replace(self, acquisition: Acquisition, later: Acquisition) -> None:
        """End an acquisition, running or waiting, because a later one takes its place."""
        acquisition.settle(
            error=AcquisitionCancelled(
                f"the acquisition of {acquisition.path} for {acquisition.holder} was replaced by a later one",
                "a program has one acquisition on a module at a time: take its result before the next",
            )
        )
        if (
            self._leave_queue(acquisition) or acquisition.run is None
        ):  # in the latter case it is just starting
            return
        self._forget(acquisition)
        acquisition.run.cancel()
        if later.path == acquisition.path:
            return  # no stop(), as in PyRPL: it would unlock a lockbox whose lock sequence only begins again
        try:
            acquisition.stop()
        except Exception:  # boundary: where the board is lost, the later one reports that to its client
            log.exception("stopping %s for a later acquisition failed", acquisition.path)

    def _all(self, place: Hashable) -> list[Acquisition]:
        running = self._running.get(place)
        return [*([] if running is None else [running]), *self._waiting.get(place, ())]

    def _find(self, future: Future[Any]) -> Acquisition | None:
        for place in {*self._running, *self._waiting}:
            for acquisition in self._all(place):
                if acquisition.future is future:
                    return acquisition
        return None

    def _leave_queue(self, acquisition: Acquisition) -> bool:
        """Remove an acquisition from the queue; returns whether it was there."""
        queue = self._waiting.get(acquisition.place)
        if queue is None or acquisition not in queue:
            return False
        queue.remove(acquisition)
        return True

    def _free(self, acquisition: Acquisition) -> None:
        self._forget(acquisition)
        self._begin_next(acquisition.place)

    def _forget(self, acquisition: Acquisition) -> None:
        if self._running.get(acquisition.place) is acquisition:
            del self._running[acquisition.place]

    def _begin_next(self, place: Hashable) -> None:
        queue = self._waiting.get(place)
        # a loop: where the board is lost, hundreds that wait fail one after the other
        while queue:
            running = self._running.get(place)
            if running is not None and not running.wanted:
                self._replace(running, queue[0])
            if place in self._running:
                return
            self._begin(queue.popleft())
        if place not in self._running:
            self._waiting.pop(place, None)
