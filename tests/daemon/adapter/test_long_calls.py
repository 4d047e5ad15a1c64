"""Long calls return what PyRPL returns, and let other work run in the Qt thread between their pieces."""

import asyncio
import time

import pytest

from tests.processes import wait_until


def finish(pieces):
    """Do all pieces; returns the result and the number of pieces."""
    done = 0
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value, done
        done += 1


@pytest.fixture
def wait_for(pyrpl):
    """Run Qt's event loop until a future is done."""
    from qtpy import QtCore

    def wait(future: asyncio.Future) -> None:
        def done():
            QtCore.QCoreApplication.processEvents()
            return future.done()

        wait_until(done, what="the future")

    return wait


def test_a_coroutine_of_pyrpl_begins_and_ends_in_its_loop(wait_for):
    from pyrpl.async_utils import sleep_async

    from pyrpl_remote.daemon.adapter.modules.long_calls import run

    future = run(sleep_async(0.01, result="slept"))
    assert not future.done()
    wait_for(future)
    assert future.result() == "slept"
    assert run(future) is future


def test_the_future_of_an_acquisition_is_taken_as_it_is(pyrpl, wait_for):
    from pyrpl_remote.daemon.adapter.modules.long_calls import run

    pyrpl.rp.scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1)
    future = run(pyrpl.rp.scope.single_async())
    wait_for(future)
    assert future.result().shape == (2, 2**14)


def test_statistics_are_taken_in_pieces(pyrpl):
    from pyrpl_remote.daemon.adapter.modules.long_calls import PIECEWISE

    sampler = pyrpl.rp.sampler
    begin = time.monotonic()
    result, pieces = finish(PIECEWISE["Sampler", "stats"](sampler, "in1", t=0.05))
    assert time.monotonic() - begin >= 0.05
    assert pieces > 3
    # the simulated board's signals are constant
    assert result == pytest.approx(sampler.stats("in1", 0.001), abs=1e-9)
    assert result[1] == pytest.approx(0, abs=1e-9)


def test_statistics_of_duration_zero_are_those_of_one_sample(pyrpl):
    from pyrpl_remote.daemon.adapter.modules.long_calls import PIECEWISE

    (mean, deviation), pieces = finish(PIECEWISE["Sampler", "mean_stddev"](pyrpl.rp.sampler, "in1", t=0))
    assert pieces == 1
    assert (mean, deviation) == pytest.approx((pyrpl.rp.sampler.in1, 0), abs=1e-9)


def test_each_sample_counts_the_same_in_whichever_piece_it_was_taken(monkeypatch):
    from pyrpl_remote.daemon.adapter.modules import long_calls

    class Ramp:
        """A sampler whose signal rises by 1 V a sample, and the clock: 3 samples take 2 pieces."""

        name, asked = "in2", 0

        @property
        def in2(self):
            self.asked += 1
            return float(self.asked)

        def monotonic(self):
            return self.asked * long_calls.PIECE_SECONDS / 1.5

    ramp = Ramp()
    monkeypatch.setattr(long_calls, "time", ramp)
    (mean, deviation, highest, lowest), pieces = finish(
        long_calls.stats(ramp, ramp, t=20.5 * long_calls.PIECE_SECONDS)
    )
    assert pieces > 1
    assert (highest, lowest) == (ramp.asked, 1)
    assert mean == pytest.approx((ramp.asked + 1) / 2)
    assert deviation**2 == pytest.approx((ramp.asked**2 - 1) / 12)
