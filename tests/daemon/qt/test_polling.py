"""A daemon looks for what there is to do while the points of a sweep come, and sleeps otherwise."""

import time

import psutil
import pytest


@pytest.fixture
def worked(p):
    """Gives the seconds of a processor that the daemon spends in a function."""
    daemon = psutil.Process(p.status()["daemon"]["pid"])

    def measure(function) -> float:
        before = daemon.cpu_times()
        function()
        after = daemon.cpu_times()
        return after.user + after.system - before.user - before.system

    return measure


def test_it_sleeps_while_a_long_curve_is_taken(p, worked):
    p.rp.scope.setup(duration=2.0, trigger_source="immediately", rolling_mode=False, trace_average=1)
    assert worked(lambda: p.rp.scope.single(timeout=60)) < 0.5


def test_it_sleeps_after_a_sweep(p, worked):
    p.networkanalyzer.setup(
        start_freq=1e3, stop_freq=1e5, points=51, rbw=1000, average_per_point=1, trace_average=1
    )
    assert p.networkanalyzer.single(timeout=60).shape == (51,)
    assert worked(lambda: time.sleep(1.0)) < 0.5
