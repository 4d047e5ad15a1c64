"""Virtual time: when the FPGA's clock advances, and how far. `machine` uses it for every access.

Virtual time advances only around accesses, so that an unused board computes nothing: by some cycles with
every access, and then for a while at the pace of the wall clock, or a share of it; longer while an
acquisition runs. It never runs ahead of the wall clock, except to complete a result that is read (the network
analyser's sums). It may fall behind by up to `MAX_LAG`; more than that is dropped. The time during which the
clock sleeps does not count.

Everything is computed in slices of less than a millisecond with the GIL released; an access comes before the
next slice.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

CLOCK_HZ = 125e6
"""Cycles of the FPGA per second."""

READ_CYCLES = 3000
"""Cycles by which a read advances at least; PyRPL's own tests rely on time passing between two reads."""

WRITE_CYCLES = 400
"""Cycles by which a write advances at least."""

JITTER_CYCLES = 64
"""An access advances by up to that many more cycles, at random."""

MAX_LAG = 0.25
"""Seconds by which virtual time may fall behind the wall clock; they are computed later."""

LINGER_READ = 0.05
"""Seconds for which virtual time advances after a read."""

LINGER_WRITE = 1.0
"""Seconds for which virtual time advances after a write, which may have started something."""

LINGER_ACQUIRING = 10.0
"""Seconds for which virtual time advances after the last access while an acquisition runs."""

SLICE = 2.5e-4
"""Seconds of computing at a time in the background; an access may have to wait for the end of a slice."""

READ_SLICE = 2e-4
"""Seconds of computing at most to catch up before a read."""

WRITE_SLICE = 5e-4
"""Seconds of computing at most to catch up before a write, and before the first read after it.

A write should act at the time when it was sent, else whatever settles between two writes would not have
enough time.
"""

POLL_SLICE = 3e-3
"""Seconds of computing at most before a read of the scope's state while an acquisition runs."""

RESULT_PATIENCE = 0.5
"""Seconds of computing at most to complete the result that is read; PyRPL waits one second for an answer."""

QUIET = 2e-4
"""Seconds without an access before the background computes, so that it does not slow a burst of accesses."""

PAUSE = 4e-3
"""Seconds for which the background waits once it has caught up with the wall clock."""

PAUSE_ACQUIRING = 5e-4
"""As `PAUSE`, while an acquisition runs."""

CAUTIOUS_SPEED = 20e6
"""Cycles per second of computing that are assumed after a write, which may have made the FPGA slower to
compute."""

TOP_SPEED = 200e6
"""Highest speed that is assumed: an idle FPGA advances in no time, until something becomes active in it."""

_CURVES = range(0x40110000, 0x40130000), range(0x40210000, 0x40230000)
"""Addresses of whole curves, which are transferred at once, with no time between their words."""

_SCOPE_STATE = 0x40100000
"""Address of the scope's state: armed, waiting, done."""

_SUMS = {0x40300000 + (module << 16) + 0x140: iq for iq, module in enumerate((5, 6, 7))}
"""Number of the iq by the address at which its network analyser's sums are read."""

_FREQUENCIES = frozenset(address - 0x140 + 0x108 for address in _SUMS)
"""Addresses of the iqs' frequencies. A sweep writes one for each point, and the gateware counts the cycles of
settling itself, so that such a write need not act at the time when it was sent."""


class Clock:
    """Owns an FPGA and its time; every method may be called from any thread.

    `make_fpga` is called in a background thread, because compiling the FPGA's model can take a minute if it
    is not cached; accesses wait for it. `on_ready` is called in that thread once the FPGA is built, or could
    not be. `pace` is the share of the wall clock's pace at which time advances while no acquisition runs, or
    only a rolling one.
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
        self._sleeping = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._speed = CAUTIOUS_SPEED
        self._debt = 0.0
        self._settles = False
        self._jitter = random.Random(0)
        self._last_wall = self._last_access = self._active_until = time.perf_counter()
        self._thread = threading.Thread(target=self._run, name="virtual time", daemon=True)
        self._thread.start()

    def read(self, address: int, count: int) -> np.ndarray:
        """Read `count` words, uint32 (count,), from a byte address on."""
        patience, self._settles = WRITE_SLICE if self._settles else READ_SLICE, False
        with self._access(READ_CYCLES, patience, LINGER_READ) as fpga:
            if address in _SUMS:
                self._finish_average(_SUMS[address])
            elif address == _SCOPE_STATE and fpga.acquisition_remaining() != 0:
                self._advance(self._debt, POLL_SLICE)
            if _is_curve(address, count):
                return fpga.read(address, count, cycles_per_word=0)
            return fpga.read(address, count)

    def write(self, address: int, words: np.ndarray) -> None:
        """Write words (uint32) from a byte address on."""
        self._settles = address not in _FREQUENCIES
        with self._access(WRITE_CYCLES, WRITE_SLICE if self._settles else 0.0, LINGER_WRITE) as fpga:
            if _is_curve(address, len(words)):
                fpga.write(address, words, cycles_per_word=0)
            else:
                fpga.write(address, words)
            self._speed = min(self._speed, CAUTIOUS_SPEED)

    def call(self, function: Callable[[Any], Any]) -> Any:
        """Call `function(fpga)` between two slices, for example to change the plant; returns its result."""
        with self._access(0, WRITE_SLICE, LINGER_WRITE) as fpga:
            self._speed = min(self._speed, CAUTIOUS_SPEED)
            return function(fpga)

    def wait_ready(self) -> None:
        """Wait until the FPGA is built. RuntimeError if that failed."""
        self._ready.wait()
        if self._failure is not None:
            raise RuntimeError("the virtual FPGA could not be built") from self._failure

    @property
    def ready(self) -> bool:
        """Whether the FPGA is built, or could not be."""
        return self._ready.is_set()

    def close(self) -> None:
        """End the background thread and wait for its end, unless it is still building the FPGA."""
        self._closing.set()
        self._wake.set()
        if self.ready:
            self._thread.join()

    @contextmanager
    def _access(self, cycles: int, patience: float, linger: float) -> Iterator[Any]:
        """Let time advance as far as an access of that kind does; the block has the FPGA for itself."""
        self.wait_ready()
        self._waiting.append(None)
        with self._lock:
            self._waiting.pop()
            self._account()
            # random: on a real link, two modules that are started one after the other never run in step
            spent = self._advance(cycles + self._jitter.randrange(JITTER_CYCLES) if cycles else 0)
            self._advance(self._debt, patience - spent)
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
        """Advance to the end of a network analyser's average, within RESULT_PATIENCE."""
        give_up = time.perf_counter() + RESULT_PATIENCE
        while (remaining := self._fpga.network_analyser_remaining(iq)) > 0 and time.perf_counter() < give_up:
            self._advance(remaining, POLL_SLICE)

    def _account(self) -> None:
        """Add the wall time since the last call to the cycles that are owed, unless the clock was asleep."""
        now = time.perf_counter()
        if not self._sleeping:
            slow = self._pace != 1.0 and (self._fpga.rolls() or not self._acquiring())
            pace = self._pace if slow else 1.0
            self._debt = min(self._debt + (now - self._last_wall) * pace * CLOCK_HZ, MAX_LAG * CLOCK_HZ)
        self._last_wall = now

    def _advance(self, cycles: float, patience: float = float("inf")) -> float:
        """Compute that many cycles, or as many as about `patience` seconds allow; returns the seconds spent.

        The caller holds the lock.
        """
        begin = time.perf_counter()
        spent = 0.0
        while cycles >= 1 and spent < patience:
            step = int(min(cycles, max(READ_CYCLES, self._speed * min(patience - spent, 2 * SLICE))))
            self._fpga.advance(step)
            cycles -= step
            self._debt -= step
            before, spent = spent, time.perf_counter() - begin
            self._speed += 0.5 * (min(step / max(spent - before, 1e-9), TOP_SPEED) - self._speed)
        return spent

    def _run(self) -> None:
        try:
            self._fpga = self._make_fpga()
        except Exception as error:  # noqa: BLE001 - boundary: every access raises it, see wait_ready
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
        """Whether an acquisition runs for which time is to advance."""
        if now - self._last_access > LINGER_ACQUIRING:
            return False
        with self._lock:
            return self._acquiring()

    def _catch_up(self) -> float:
        """Compute a slice of the cycles that are owed; returns the seconds to wait before the next."""
        with self._lock:
            self._account()
            pause = PAUSE_ACQUIRING if self._acquiring() else PAUSE
            if self._debt < pause / 2 * CLOCK_HZ:
                return pause
            self._advance(self._debt, SLICE)
            return 0.0

    def _sleep(self) -> None:
        """Wait for the next access without computing."""
        self._sleeping = True
        # an access that came before this line has extended the active time, and has not woken the thread
        if time.perf_counter() >= self._active_until and not self._closing.is_set():
            self._wake.wait()
        self._sleeping = False
        self._wake.clear()


def _is_curve(address: int, count: int) -> bool:
    """Whether all of the words belong to one curve."""
    return any(address in curve and address + 4 * count <= curve.stop for curve in _CURVES)
