"""When virtual time advances, measured on an FPGA that only counts its cycles."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from pyrpl_remote.virtual import clock as clock_module
from pyrpl_remote.virtual.clock import CLOCK_HZ, READ_CYCLES, WRITE_CYCLES, Clock

from ..processes import wait_until

IQ1_SUM = 0x40360140


class CountingFpga:
    """Counts cycles, at `speed` cycles per second of computing if given, and the calls of its methods.

    An acquisition, and a network analyser's averages, can be set to end at a cycle.
    """

    def __init__(self, speed=None):
        self.speed = speed
        self.calls = 0
        self.cycle = 0
        self.acquiring_until = 0
        self.average_until = [0, 0, 0]

    def advance(self, cycles):
        self.calls += 1
        self.cycle += cycles
        if self.speed:
            time.sleep(cycles / self.speed)

    def read(self, address, count, cycles_per_word=8):
        return np.full(count, self.cycle & 0xFFFFFFFF, np.uint32)

    def write(self, address, words, cycles_per_word=8):
        pass

    def rolls(self):
        return False

    def acquisition_remaining(self):
        self.calls += 1
        return max(0, self.acquiring_until - self.cycle)

    def network_analyser_remaining(self, iq):
        return max(0, self.average_until[iq] - self.cycle)


@pytest.fixture
def make_clock():
    clocks = []

    def make(fpga, **options):
        clocks.append(Clock(lambda: fpga, **options))
        clocks[-1].wait_ready()
        return clocks[-1]

    yield make
    for clock in clocks:
        clock.close()


def rest(fpga):
    """Wait until the clock no longer advances the FPGA; returns its cycle."""

    def left_alone():
        before = fpga.calls
        time.sleep(0.05)
        return fpga.calls == before

    wait_until(left_alone)
    return fpga.cycle


def test_time_passes_between_two_accesses(make_clock):
    fpga = CountingFpga()
    clock = make_clock(fpga)
    before = fpga.cycle
    clock.read(0x40000000, 1)
    assert fpga.cycle - before >= READ_CYCLES
    before = fpga.cycle
    clock.write(0x40000000, np.zeros(1, np.uint32))
    assert fpga.cycle - before >= WRITE_CYCLES


def test_a_board_that_is_not_accessed_computes_nothing(make_clock):
    fpga = CountingFpga()
    clock = make_clock(fpga)
    clock.read(0x40000000, 1)
    rest(fpga)
    calls = fpga.calls
    time.sleep(0.5)
    assert fpga.calls == calls


def test_the_time_without_accesses_does_not_count(make_clock):
    fpga = CountingFpga()
    clock = make_clock(fpga)
    clock.read(0, 1)
    at = rest(fpga)
    time.sleep(0.3)
    clock.read(0, 1)
    assert fpga.cycle - at < 0.02 * CLOCK_HZ


def test_time_advances_longer_after_a_write_than_after_a_read(make_clock):
    fpga = CountingFpga()
    clock = make_clock(fpga)
    for access, linger in (
        (lambda: clock.read(0, 1), clock_module.LINGER_READ),
        (
            lambda: clock.write(0, np.zeros(1, np.uint32)),
            clock_module.LINGER_WRITE,
        ),
    ):
        before = fpga.cycle
        access()
        assert 0.5 * linger < (rest(fpga) - before) / CLOCK_HZ < linger + 0.05


def test_time_advances_at_the_pace_of_the_wall_clock_after_an_access(make_clock):
    fpga = CountingFpga()
    clock = make_clock(fpga)
    rest(fpga)
    begin = time.perf_counter()
    first = int(clock.read(0, 1)[0])
    lag = clock_module.MAX_LAG * CLOCK_HZ
    for _ in range(20):
        time.sleep(0.01)
        clock.read(0, 1)
    elapsed = (time.perf_counter() - begin) * CLOCK_HZ
    assert 0.5 * elapsed < fpga.cycle - first < elapsed + lag + 21 * READ_CYCLES


def test_a_slower_pace_holds_while_nothing_is_acquired(make_clock):
    fpga = CountingFpga()
    clock = make_clock(fpga, pace=0.1)
    before = fpga.cycle
    clock.write(0, np.zeros(1, np.uint32))
    assert (
        0.05 * clock_module.LINGER_WRITE
        < (rest(fpga) - before) / CLOCK_HZ
        < 0.15 * clock_module.LINGER_WRITE + 0.05
    )
    end = fpga.acquiring_until = fpga.cycle + int(0.5 * CLOCK_HZ)
    begin = time.perf_counter()
    clock.read(0, 1)
    wait_until(lambda: fpga.cycle >= end)
    assert time.perf_counter() - begin < 2


def test_an_acquisition_is_computed_to_its_end_without_accesses(make_clock):
    fpga = CountingFpga()
    clock = make_clock(fpga)
    clock.read(0, 1)
    fpga.acquiring_until = fpga.cycle + int(0.5 * CLOCK_HZ)
    wait_until(lambda: fpga.acquisition_remaining() == 0)
    rest(fpga)


def test_a_sum_that_is_read_is_finished_first(make_clock):
    fpga = CountingFpga(speed=1e9)
    clock = make_clock(fpga)
    rest(fpga)
    end = fpga.average_until[1] = fpga.cycle + int(0.2 * CLOCK_HZ)
    assert int(clock.read(IQ1_SUM, 4)[0]) >= end


def test_many_threads_may_read_at_once(make_clock):
    clock = make_clock(CountingFpga(speed=1e9))
    threads = [threading.Thread(target=lambda: [clock.read(0, 1) for _ in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_an_fpga_that_cannot_be_built_is_reported_by_an_access():
    def broken():
        raise ValueError("no such plant")

    clock = Clock(broken)
    with pytest.raises(RuntimeError, match="could not be built"):
        clock.read(0, 1)
    clock.close()
