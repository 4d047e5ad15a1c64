"""Virtual time: when the FPGA's clock moves, and how far. `machine` makes one clock and reads and writes through it.

Time is lazy and elastic. It moves only while somebody looks: a little with every access, and at the pace of the wall
clock, or a share of it, for a while after one, longer while an acquisition is under way. It never runs ahead of the wall
clock but for a result that is asked for (the network analyser's sums); it may fall behind by `MAX_LAG`, and what is
beyond that is forgotten. A board that nobody looks at computes nothing, and the time of its sleep does not count.

All computing happens in slices of less than a millisecond with the GIL released, between which an access has precedence.
"""

import random
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np

CLOCK_HZ = 125e6
#: cycles that pass with every access at least; PyRPL's own tests rely on time passing between two reads
READ_CYCLES = 3000
WRITE_CYCLES = 400
#: up to that many more pass, at random
JITTER_CYCLES = 64
#: seconds of virtual time that may be made up for when the computing was slower than the wall
MAX_LAG = 0.25
#: seconds that time goes on by itself: after a read, after a write (which may have set something in motion), and while
#: an acquisition is under way
LINGER_READ = 0.05
LINGER_WRITE = 1.0
LINGER_ACQUIRING = 10.0
#: seconds of computing in one go: in the background, where an access may have to wait for its end; within a read; within a
#: write, which shall take effect when it was sent, or what settles in between would settle too little, and within the read
#: after it; and within a read that asks whether the scope is done while it is not
SLICE = 2.5e-4
READ_SLICE = 2e-4
WRITE_SLICE = 5e-4
POLL_SLICE = 3e-3
#: seconds of computing that an access may take to finish the result it asks for; PyRPL waits one second for an answer
RESULT_PATIENCE = 0.5
#: seconds without an access before the background computes, so that a burst of accesses is not slowed
QUIET = 2e-4
#: seconds the background waits for more time to pass once it has caught up, and the same while something is acquired
NAP = 4e-3
NAP_ACQUIRING = 5e-4
#: cycles per second: what is assumed after a write, which may have made the computing slow, and the most that is ever
#: assumed, since a sleeping FPGA takes no time at all until something wakes it; measured in between
CAUTIOUS_SPEED = 20e6
TOP_SPEED = 200e6
#: where whole curves lie: they move at once, with no time between their words
_CURVES = range(0x40110000, 0x40130000), range(0x40210000, 0x40230000)
#: the scope's state: armed, waiting, done
_SCOPE_STATE = 0x40100000
#: where the network analyser's sums of the three iq modules are read, and the frequency that starts a point: a sweep
#: writes it once a point and settles by the gateware's own count of cycles
_SUMS = {0x40300000 + (module << 16) + 0x140: iq for iq, module in enumerate((5, 6, 7))}
_FREQUENCIES = frozenset(address - 0x140 + 0x108 for address in _SUMS)


class Clock:
    """Owns an FPGA and its time; every method may be called from any thread.

    `make_fpga` is called in a background thread, because the kernel's compilation takes seconds with a cold cache;
    accesses wait for it, and `on_ready` is called from that thread when it is done or has failed. `pace` is the share of
    the wall's pace at which time goes on while nothing is acquired, or only rolls.
    """

    def __init__(
        self, make_fpga: Callable[[], Any], on_ready: Callable[[], None] = lambda: None, pace: float = 1.0
    ):
        self._make_fpga = make_fpga
        self._pace = pace
        self._on_ready = on_ready
        self._fpga: Any = None
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[None] = []
        self._dozing = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._speed = CAUTIOUS_SPEED
        self._debt = 0.0
        self._settles = False
        self._jitter = random.Random(0)
        self._last_wall = self._last_access = self._awake_until = time.perf_counter()
        self._thread = threading.Thread(target=self._run, name="virtual time", daemon=True)
        self._thread.start()

    def read(self, address: int, count: int) -> np.ndarray:
        """`count` words from a byte address, as uint32."""
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
        """Words to a byte address and the ones after it."""
        self._settles = address not in _FREQUENCIES
        with self._access(WRITE_CYCLES, WRITE_SLICE if self._settles else 0.0, LINGER_WRITE) as fpga:
            if _is_curve(address, len(words)):
                fpga.write(address, words, cycles_per_word=0)
            else:
                fpga.write(address, words)
            self._speed = min(self._speed, CAUTIOUS_SPEED)

    def call(self, function: Callable[[Any], Any]) -> Any:
        """Let a function act on the FPGA between two slices, for example to change the plant; returns its result."""
        with self._access(0, WRITE_SLICE, LINGER_WRITE) as fpga:
            self._speed = min(self._speed, CAUTIOUS_SPEED)
            return function(fpga)

    def wait_ready(self) -> None:
        """Wait for the FPGA to be built. RuntimeError if that failed."""
        self._ready.wait()
        if self._failure is not None:
            raise RuntimeError("the virtual FPGA could not be built") from self._failure

    @property
    def ready(self) -> bool:
        """Whether the FPGA is built, or has failed to be."""
        return self._ready.is_set()

    def close(self) -> None:
        """End the background thread; waits for it, unless it is still building the FPGA."""
        self._closing.set()
        self._wake.set()
        if self.ready:
            self._thread.join()

    @contextmanager
    def _access(self, cycles: int, patience: float, linger: float):
        self.wait_ready()
        self._waiting.append(None)
        with self._lock:
            self._waiting.pop()
            self._account()
            # no link is so regular that two modules which are started one after the other come to be in step
            spent = self._advance(cycles + self._jitter.randrange(JITTER_CYCLES) if cycles else 0)
            self._advance(self._debt, patience - spent)
            try:
                yield self._fpga
            finally:
                self._last_access = time.perf_counter()
                self._awake_until = max(self._awake_until, self._last_access + linger)
        if self._dozing:
            self._wake.set()

    def _acquiring(self) -> bool:
        """Whether the scope or a network analyser is at work; the caller holds the lock."""
        fpga = self._fpga
        return fpga.acquisition_remaining() != 0 or any(
            fpga.network_analyser_remaining(iq) for iq in range(3)
        )

    def _finish_average(self, iq: int) -> None:
        """Fast-forward to the end of a network analyser's average, as far as patience goes."""
        give_up = time.perf_counter() + RESULT_PATIENCE
        while (remaining := self._fpga.network_analyser_remaining(iq)) > 0 and time.perf_counter() < give_up:
            self._advance(remaining, POLL_SLICE)

    def _account(self) -> None:
        """Count the wall time that has passed as cycles owed, unless nobody looked."""
        now = time.perf_counter()
        if not self._dozing:
            slow = self._pace != 1.0 and (self._fpga.rolls() or not self._acquiring())
            pace = self._pace if slow else 1.0
            self._debt = min(self._debt + (now - self._last_wall) * pace * CLOCK_HZ, MAX_LAG * CLOCK_HZ)
        self._last_wall = now

    def _advance(self, cycles: float, patience: float = float("inf")) -> float:
        """Compute that many cycles, or as many as take about `patience` seconds; returns the seconds it took.

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
        except Exception as error:  # the boundary of this thread: reported to whoever looks
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
            elif now < self._awake_until or self._await_acquisition(now):
                self._closing.wait(self._catch_up())
            else:
                self._doze()

    def _await_acquisition(self, now: float) -> bool:
        if now - self._last_access > LINGER_ACQUIRING:
            return False
        with self._lock:
            return self._acquiring()

    def _catch_up(self) -> float:
        """Compute a slice of what is owed; returns how many seconds to wait before the next."""
        with self._lock:
            self._account()
            nap = NAP_ACQUIRING if self._acquiring() else NAP
            if self._debt < nap / 2 * CLOCK_HZ:
                return nap
            self._advance(self._debt, SLICE)
            return 0.0

    def _doze(self) -> None:
        """Wait, at no cost, for the next access; one that came just before this has put off the time to doze."""
        self._dozing = True
        if time.perf_counter() >= self._awake_until and not self._closing.is_set():
            self._wake.wait()
        self._dozing = False
        self._wake.clear()


def _is_curve(address: int, count: int) -> bool:
    return any(address in curve and address + 4 * count <= curve.stop for curve in _CURVES)
