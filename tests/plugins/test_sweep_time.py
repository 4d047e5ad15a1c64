"""How long sweeps of the network analyser take."""

import pytest

from pymodaq_plugins_pyrpl.hardware.instruments.sweep import expected_seconds

SETTINGS = {
    "points": 101,
    "trace_average": 1,
    "average_per_point": 1,
    "sleeptimes": 0.5,
    "rbw": 10.0,
    "auto_bandwidth": False,
    "q_factor_min": 10.0,
    "start_freq": 1e3,
    "stop_freq": 1e6,
    "logscale": True,
}


def test_a_sweep_takes_the_time_of_its_points_and_averages():
    # 0.15 s a point, three times that for the first one
    assert expected_seconds(SETTINGS) == pytest.approx(0.15 * 103)
    assert expected_seconds({**SETTINGS, "trace_average": 10}) == pytest.approx(1.5 * 103)
    assert expected_seconds({**SETTINGS, "rbw": [1e5, 1e5]}) == pytest.approx(0.005 * 103)


def test_a_bandwidth_that_follows_the_frequency_takes_longer():
    low = {**SETTINGS, "rbw": 1000.0, "start_freq": 100.0, "stop_freq": 100.0}
    assert expected_seconds({**low, "auto_bandwidth": True}) == pytest.approx(0.15 * 103)
    assert expected_seconds({**low, "auto_bandwidth": False}) == pytest.approx(0.005 * 103)
