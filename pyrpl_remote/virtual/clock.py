"""Virtual time: when the FPGA's clock advances, and how far. `machine` uses it for every access.

Virtual time advances only at and after accesses, so that an unused board computes nothing. Each access
advances it by some cycles. Then it advances for a while at the pace of the wall clock, or at a share of it,
and longer while an acquisition runs. It never runs ahead of the wall clock, except to complete a result that
is read (the network analyser's sums). It may lag behind by up to `MAX_LAG`; a longer lag is dropped. While
the clock sleeps, virtual time stops.

The cycles are computed in slices of less than a millisecond with the GIL released; a waiting access is
carried out before the next slice.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .output_watch import OutputWatch
from .timed_registers import FREQUENCIES, SCOPE_STATE, SUMS, is_curve

CLOCK_HZ = 125e6
"""Cycles of the FPGA per second."""

READ_CYCLES = 3000
"""Cycles by which a read advances time at least. PyRPL's own tests rely on time passing between two reads."""

WRITE_CYCLES = 400
"""Cycles by which a write advances time at least."""

JITTER_CYCLES = 64
"""An access advances time by a random number of further cycles, below this one."""

MAX_LAG = 0.25
"""Seconds by which virtual time may lag behind the wall clock; this lag is computed later."""

LINGER_READ = 0.05
"""Seconds for which virtual time advances after a read."""

LINGER_WRITE = 1.0
"""Seconds for which virtual time advances after a write, which may have started something."""

LINGER_ACQUIRING = 10.0
"""Seconds for which virtual time advances after the last access while an acquisition runs."""

SLICE = 2.5e-4
"""Seconds of computing at a time in the background. An access may have to wait for the end of a slice."""

READ_SLICE = 2e-4
"""Seconds of computing at most to catch up before a read."""

WRITE_SLICE = 5e-4
"""Seconds of computing at most to catch up before a write, and before the first read after it.

A write should take effect at the time when it was sent. Otherwise signals would have too little time to
settle between two writes.
"""

POLL_SLICE = 3e-3
"""Seconds of computing at most before a read of the scope's state while an acquisition runs."""

RESULT_BUDGET = 0.5
"""Seconds of computing at most to complete the result that is read; PyRPL waits one second for a reply."""

QUIET = 2e-4
"""Seconds without an access before the background computes, so that it does not slow a burst of accesses."""

PAUSE = 4e-3
"""Seconds for which the background waits once it has caught up with the wall clock."""

PAUSE_ACQUIRING = 5e-4
"""As `PAUSE`, while an acquisition runs."""

CAUTIOUS_SPEED = 20e6
"""The speed, in cycles per second of computing, that is assumed after a write: it may have switched on
modules that take longer to compute."""

TOP_SPEED = 200e6
"""The highest speed that is assumed, in cycles per second of computing. An idle FPGA is faster, but only
until a module becomes active."""


class Clock:
    """Owns an FPGA and its virtual time. Every method may be called from any thread.

    `make_fpga()` is called in a background thread, because compiling the FPGA's model can take a minute if it
    is not cached; accesses wait for it. `on_ready()` is called in that thread when the FPGA is built or has
    failed to build. `pace` is the speed of virtual time relative to the wall clock while no acquisition runs,
    or only a rolling one.
    """

    def __init__(
        self, make_fpga: Callable[[], Any], on_ready: Callable[[], object] = lambda: None, pace: float = 1.0
    ):
        self._make_fpga = make_fpga
        self._pace = pace
        self._on_ready = on_ready
        self._fpga: Any = None
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[None] = []
        self._watch: OutputWatch | None = None
        self._sleeping = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._speed = CAUTIOUS_SPEED
        self._lag = 0.0
        self._settles = False
        self._jitter = random.Random(0)
        self._last_wall = self._last_access = self._active_until = time.perf_counter()
        self._thread = threading.Thread(target=self._run, name="virtual time", daemon=True)
        self._thread.start()

    def read(self, address: int, count: int) -> np.ndarray:
        """Read `count` words, uint32 (count,), from a byte address on."""
        budget, self._settles = WRITE_SLICE if self._settles else READ_SLICE, False
        with self._access(READ_CYCLES, budget, LINGER_READ) as fpga:
            if address in SUMS:
                self._finish_average(SUMS[address])
            elif address == SCOPE_STATE and fpga.acquisition_remaining() != 0:
                self._advance(self._lag, POLL_SLICE)
            if is_curve(address, count):
                return fpga.read(address, count, cycles_per_word=0)
            return fpga.read(address, count)

    def write(self, address: int, words: np.ndarray) -> None:
        """Write words (uint32) from a byte address on."""
        self._settles = address not in FREQUENCIES
        with self._access(WRITE_CYCLES, WRITE_SLICE if self._settles else 0.0, LINGER_WRITE) as fpga:
            if is_curve(address, len(words)):
                fpga.write(address, words, cycles_per_word=0)
            else:
                fpga.write(address, words)
            self._speed = min(self._speed, CAUTIOUS_SPEED)

    def call(self, function: Callable[[Any], Any]) -> Any:
        """Call `function(fpga)` between two slices, for example to change the plant; returns its result."""
        with self._access(0, WRITE_SLICE, LINGER_WRITE) as fpga:
            self._speed = min(self._speed, CAUTIOUS_SPEED)
            return function(fpga)

    def watch_outputs(self) -> None:
        """Compare the outputs with those of an undisturbed copy of the FPGA from now on."""
        with self._access(0, 0.0, LINGER_READ) as fpga:
            self._watch = OutputWatch(fpga)

    def watched_outputs(self) -> dict[str, int | None]:
        """The result of the comparison, which ends; see OutputWatch.result. RuntimeError if none runs."""
        with self._access(0, 0.0, LINGER_READ):
            if self._watch is None:
                raise RuntimeError("the outputs are not watched")
            watch, self._watch = self._watch, None
            return watch.result()

    def wait_ready(self) -> None:
        """Wait until the FPGA is built. RuntimeError if that failed."""
        self._ready.wait()
        if self._failure is not None:
            raise RuntimeError("the virtual FPGA could not be built") from self._failure

    @property
    def ready(self) -> bool:
        """Whether the FPGA is built, or has failed to build."""
        return self._ready.is_set()

    def close(self) -> None:
        """End the background thread and wait for its end, unless it is still building the FPGA."""
        self._closing.set()
        self._wake.set()
        if self.ready:
            self._thread.join()

    @contextmanager
    def _access(self, cycles: int, budget: float, linger: float) -> Iterator[Any]:
        """Advance time by `cycles`, and catch up for at most `budget` s.

        Within the block no other thread uses the FPGA. Afterwards time advances for `linger` s.
        """
        self.wait_ready()
        self._waiting.append(None)
        with self._lock:
            self._waiting.pop()
            self._account()
            # random: over a real link, two modules that are started one after the other are never in phase
            spent = self._advance(cycles + self._jitter.randrange(JITTER_CYCLES) if cycles else 0)
            self._advance(self._lag, budget - spent)
            try:
                yield self._fpga
            finally:
                self._last_access = time.perf_counter()
                self._active_until = max(self._active_until, self._last_access + linger)
        if self._sleeping:
            self._wake.set()

    def _acquiring(self) -> bool:
        """Whether the scope or a network analyser is acquiring; the caller holds the lock."""
        fpga = self._fpga
        return fpga.acquisition_remaining() != 0 or any(
            fpga.network_analyser_remaining(iq) for iq in range(3)
        )

    def _finish_average(self, iq: int) -> None:
        """Advance to the end of a network analyser's average, for at most RESULT_BUDGET s of computing."""
        deadline = time.perf_counter() + RESULT_BUDGET
        while (remaining := self._fpga.network_analyser_remaining(iq)) > 0 and time.perf_counter() < deadline:
            self._advance(remaining, POLL_SLICE)

    def _account(self) -> None:
        """Add the wall time since the last call to the lag, in cycles, unless the clock was sleeping."""
        now = time.perf_counter()
        if not self._sleeping:
            slow = self._pace != 1.0 and (self._fpga.rolls() or not self._acquiring())
            pace = self._pace if slow else 1.0
            self._lag = min(self._lag + (now - self._last_wall) * pace * CLOCK_HZ, MAX_LAG * CLOCK_HZ)
        self._last_wall = now

    def _advance(self, cycles: float, budget: float = float("inf")) -> float:
        """Compute `cycles`, or as many as about `budget` s of computing allow; returns the seconds spent.

        The caller holds the lock.
        """
        begin = time.perf_counter()
        spent = 0.0
        while cycles >= 1 and spent < budget:
            step = int(min(cycles, max(READ_CYCLES, self._speed * min(budget - spent, 2 * SLICE))))
            self._fpga.advance(step)
            if self._watch is not None:
                self._watch.advanced()
            cycles -= step
            self._lag -= step
            before, spent = spent, time.perf_counter() - begin
            self._speed += 0.5 * (min(step / max(spent - before, 1e-9), TOP_SPEED) - self._speed)
        return spent

    def _run(self) -> None:
        try:
            self._fpga = self._make_fpga()
        # BaseException: a user's module with an own plant may call sys.exit
        except BaseException as error:  # noqa: BLE001 - boundary: every access raises it, see wait_ready
            self._failure = error
            return
        finally:
            self._ready.set()
            if not self._closing.is_set():
                self._on_ready()
        while not self._closing.is_set():
            now = time.perf_counter()
            if self._waiting or now - self._last_access < QUIET:
                self._closing.wait(QUIET)
            elif now < self._active_until or self._await_acquisition(now):
                self._closing.wait(self._catch_up())
            else:
                self._sleep()

    def _await_acquisition(self, now: float) -> bool:
        """Whether an acquisition runs, and the last access was within LINGER_ACQUIRING."""
        if now - self._last_access > LINGER_ACQUIRING:
            return False
        with self._lock:
            return self._acquiring()

    def _catch_up(self) -> float:
        """Compute a slice of the lag; returns the seconds to wait before the next slice."""
        with self._lock:
            self._account()
            pause = PAUSE_ACQUIRING if self._acquiring() else PAUSE
            if self._lag < pause / 2 * CLOCK_HZ:
                return pause
            self._advance(self._lag, SLICE)
            return 0.0

    def _sleep(self) -> None:
        """Wait for the next access without computing."""
        self._sleeping = True
        # an access just before this line extended the active time without waking the thread
        if time.perf_counter() >= self._active_until and not self._closing.is_set():
            self._wake.wait()
        self._sleeping = False
        self._wake.clear()
