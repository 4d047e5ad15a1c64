"""Statistics of samples in numbers."""

import itertools
import time

import pytest

from pymodaq_plugins_pyrpl.hardware.instruments.sampling import AT_ONCE, Statistics, sampled, statistics


def test_statistics_of_a_few_samples():
    assert statistics([1.0]) == Statistics(1, 0, 1, 1)
    three = statistics([1.0, -1.0, 3.0])
    assert (three.mean, three.min, three.max) == (1, -1, 3)
    assert three.std == pytest.approx((8 / 3) ** 0.5)


def test_all_signals_are_read_in_small_requests_until_the_time_is_over():
    names = [f"signal{number}" for number in range(10)]
    asked = []

    def read(*some):
        asked.append(some)
        return dict.fromkeys(some, len(asked))

    begin = time.monotonic()
    found = sampled(read, names, 0.05)
    assert time.monotonic() - begin >= 0.05
    assert list(found) == names
    assert max(map(len, asked)) <= AT_ONCE
    assert list(itertools.chain(*asked[:3])) == names
    assert found["signal0"].max == len(asked) - 2


def test_there_is_one_sample_without_a_time_and_stop_ends_a_long_one():
    assert sampled(lambda *names: {"in1": 0.5}, ["in1"], 0.0) == {"in1": Statistics(0.5, 0, 0.5, 0.5)}
    assert sampled(lambda *names: {"in1": 0.5}, ["in1"], 1e9, stopped=lambda: True)["in1"].std == 0
