"""The values of a demodulator in numbers."""

import math

import pytest

from pymodaq_plugins_pyrpl.hardware.instruments.iq_values import (
    IqValues,
    clipped,
    in_phase,
    quadrature,
    settling_seconds,
)


@pytest.mark.parametrize("factor", [1.0, 3.0, -2.0])
@pytest.mark.parametrize("lag", [0.0, 100.8, -150.0])
def test_amplitude_and_phase_of_a_delayed_sine(factor, lag):
    # what PyRPL's signals are for 0.2 V cos(wt - lag)
    iq2 = factor * 0.2 / 2 * math.cos(math.radians(lag))
    iq2_2 = -factor * 0.2 / 2 * math.sin(math.radians(lag))
    values = IqValues(in_phase(iq2, factor), quadrature(iq2_2, factor))
    assert values.amplitude == pytest.approx(0.2)
    assert values.phase == pytest.approx(lag)


def test_signals_at_the_end_of_the_range_are_clipped():
    assert clipped(0.1, 1.0)
    assert clipped(-1.0, 0.0)
    assert not clipped(-0.99, 0.99)


def test_a_filter_settles_in_ten_of_its_time_constants():
    assert settling_seconds([0.0, 0.0]) == 0
    assert settling_seconds([1000.0, 0.0]) == pytest.approx(10 / (2 * math.pi * 1000))
    assert settling_seconds([1000.0, -500.0]) == pytest.approx(30 / (2 * math.pi * 1000))
