"""Bode plots in numbers."""

import numpy as np
import pytest

from pymodaq_plugins_pyrpl.hardware.instruments.bode import decibels, degrees
from pymodaq_plugins_pyrpl.hardware.instruments.bode_data import bode_data, frequency_axis


def test_a_low_pass_is_3_db_down_at_its_corner_with_a_lag_of_45_degrees():
    frequencies = np.array([1e2, 1e5, 1e7])
    magnitude, phase = bode_data(frequency_axis(frequencies), {"in1": 1 / (1 + 1j * frequencies / 1e5)})
    assert magnitude.data[0] == pytest.approx([0, -3.0103, -40], abs=1e-3)
    assert phase.data[0] == pytest.approx([-0.0573, -45, -89.427], abs=1e-3)
    assert (magnitude.labels, magnitude.units) == (["in1 (dB)"], "dB")
    assert (phase.labels, phase.units) == (["in1 (degree)"], "degree")
    assert (phase.axes[0].units, phase.axes[0].get_data().tolist()) == ("Hz", frequencies.tolist())


def test_nothing_is_no_infinity():
    with np.errstate(all="raise"):
        assert decibels(np.zeros(2, complex)).tolist() == [-300, -300]


def test_the_phase_of_a_delay_goes_on_where_it_is_unwrapped():
    frequencies = np.linspace(0, 1e7, 101)
    delay = np.exp(-2j * np.pi * frequencies * 256e-9)
    assert degrees(delay).min() >= -180
    assert degrees(delay, unwrap=True)[-1] == pytest.approx(-360 * 1e7 * 256e-9)
