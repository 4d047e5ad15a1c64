"""Virtual time: when the FPGA's clock moves, and how far. `board` makes one clock; the monitor server reads and writes
through it.

Time is lazy and elastic. It moves only while somebody looks: a little with every access, and at the pace of the wall
clock for a short while after one, longer while an acquisition is under way. It never runs ahead of the wall clock but
for a result that is asked for (the network analyser's sum), it may fall behind as far as `MAX_LAG`, and what is beyond that is
forgotten: nobody looked. A board that nobody looks at computes nothing.

All computing happens in slices of about a millisecond with the GIL released, between which an access has precedence.
"""
import logging
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np

logger = logging.getLogger(__name__)

CLOCK_HZ = 125e6
#: cycles that pass with every access at least; PyRPL's own tests rely on time passing between two reads
READ_CYCLES = 4000
WRITE_CYCLES = 400
#: seconds of virtual time that may be made up for after nobody looked or the computing was slow
MAX_LAG = 0.25
#: seconds that time goes on by itself after an access, and while an acquisition runs
LINGER = 0.1
LINGER_ACQUIRING = 10.0
#: seconds of computing in one go: in the background, and within one access
SLICE = 1e-3
ACCESS_SLICE = 2e-4
#: seconds without an access before the background computes, so that a burst of accesses is not slowed
QUIET = 1e-3
#: seconds the background waits for more time to pass once it has caught up
NAP = 4e-3
#: first guess of the speed in cycles per second; measured from then on
_FIRST_SPEED = 20e6
#: where the network analyser's sums of the three iq modules are read
_RESULT_ADDRESSES = frozenset(0x40300000 + (module << 16) + 0x140 for module in (5, 6, 7))


class Clock:
    """Owns an FPGA and its time; every method may be called from any thread.

    `make_fpga` is called in a background thread, because the kernel's compilation takes seconds with a cold cache;
    accesses wait for it.
    """

    def __init__(self, make_fpga: Callable[[], Any]):
        self._make_fpga = make_fpga
        self._fpga: Any = None
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[None] = []
        self._dozing = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._speed = _FIRST_SPEED
        self._debt = 0.0
        self._last_wall = self._last_access = time.perf_counter()
        self._thread = threading.Thread(target=self._run, name="virtual time", daemon=True)
        self._thread.start()

    def read(self, address: int, count: int) -> np.ndarray:
        """`count` words from a byte address, as uint32."""
        with self._access(READ_CYCLES) as fpga:
            if address in _RESULT_ADDRESSES:
                self._finish_average(fpga, (address >> 16) - 0x4035)
            return fpga.read(address, count)

    def write(self, address: int, words: np.ndarray) -> None:
        """Words to a byte address and the ones after it."""
        with self._access(WRITE_CYCLES) as fpga:
            fpga.write(address, words)

    def call(self, function: Callable[[Any], Any]) -> Any:
        """Let a function act on the FPGA between two slices, for example to change the plant; returns its result."""
        with self._access(0) as fpga:
            return function(fpga)

    def wait_ready(self) -> None:
        """Wait for the FPGA to be built. RuntimeError if that failed."""
        self._ready.wait()
        if self._failure is not None:
            raise RuntimeError("the virtual FPGA could not be built") from self._failure

    def close(self) -> None:
        """End the background thread; waits for it."""
        self._closing.set()
        self._wake.set()
        self._thread.join()

    @contextmanager
    def _access(self, cycles: int):
        self.wait_ready()
        self._waiting.append(None)
        with self._lock:
            self._waiting.pop()
            self._account()
            self._advance(max(cycles, min(self._debt, self._speed * ACCESS_SLICE)))
            try:
                yield self._fpga
            finally:
                self._last_access = time.perf_counter()
        if self._dozing:
            self._wake.set()

    def _finish_average(self, fpga: Any, iq: int) -> None:
        """Fast-forward to the end of a network analyser's average, unless an averaging of minutes was asked for."""
        remaining = fpga.network_analyser_remaining(iq)
        if remaining <= MAX_LAG * CLOCK_HZ:
            while remaining > 0:
                self._advance(min(remaining, self._speed * SLICE))
                remaining = fpga.network_analyser_remaining(iq)

    def _account(self) -> None:
        """Count the wall time that has passed as cycles owed."""
        now = time.perf_counter()
        self._debt = min(self._debt + (now - self._last_wall) * CLOCK_HZ, MAX_LAG * CLOCK_HZ)
        self._last_wall = now

    def _advance(self, cycles: float) -> None:
        """One slice; the caller holds the turn."""
        cycles = int(cycles)
        if cycles <= 0:
            return
        begin = time.perf_counter()
        self._fpga.advance(cycles)
        elapsed = time.perf_counter() - begin
        self._debt -= cycles
        if elapsed > 1e-4:
            self._speed += 0.3 * (cycles / elapsed - self._speed)

    def _run(self) -> None:
        try:
            self._fpga = self._make_fpga()
        except Exception as error:
            logger.exception("the virtual FPGA could not be built")
            self._failure = error
            return
        finally:
            self._ready.set()
        while not self._closing.is_set():
            quiet = time.perf_counter() - self._last_access
            if quiet < QUIET or self._waiting:
                self._closing.wait(QUIET)
            elif quiet > LINGER and not self._acquiring(quiet):
                self._doze()
            else:
                self._closing.wait(self._catch_up())

    def _acquiring(self, quiet: float) -> bool:
        if quiet > LINGER_ACQUIRING:
            return False
        with self._lock:
            return self._fpga.acquisition_remaining() != 0

    def _catch_up(self) -> float:
        """Compute a slice of what is owed; returns how many seconds to wait before the next."""
        with self._lock:
            self._account()
            if self._debt < NAP / 2 * CLOCK_HZ:
                return NAP
            self._advance(min(self._debt, self._speed * SLICE))
            return 0.0

    def _doze(self) -> None:
        """Wait, at no cost, for the next access."""
        before = self._last_access
        self._dozing = True
        if before == self._last_access and not self._closing.is_set():
            self._wake.wait()
        self._dozing = False
        self._wake.clear()
