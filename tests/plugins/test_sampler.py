"""The sampler plugin: any of the signals, and their statistics."""

import time

import numpy as np
import pytest
from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.utils.plugin_testing import grab_and_wait

from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_0D.daq_0Dviewer_PyRPL_Sampler import (
    DAQ_0DViewer_PyRPL_Sampler,
)

from ..offscreen import edit, in_qt_loop

pytestmark = in_qt_loop

SINE = {"waveform": "sin", "frequency": 12345.0, "amplitude": 0.4, "offset": 0.1}


@pytest.fixture
def sampler(p, plugin):
    p.rp.asg0.setup(**SINE, output_direct="out1", trigger_source="immediately")
    p.rp.pid0.setup(input="off", output_direct="out2", p=0, i=0, ival=0.25, setpoint=0)
    return plugin(DAQ_0DViewer_PyRPL_Sampler)


def choose(sampler, group, *names):
    for child in sampler.settings.child(group).children():
        edit(sampler, group, child.name(), value=child.name() in names)


def test_all_sixteen_signals_can_be_chosen(sampler, p):
    names = [child.name() for child in sampler.settings.child("signals").children()]
    assert len(names) == 16
    choose(sampler, "signals", *names)
    (mean,) = grab_and_wait(sampler)
    assert mean.labels == [f"{name} (V)" for name in names]
    assert mean.units == "V"
    values = dict(zip(names, (value[0] for value in mean.data)))
    assert values["pid0"] == values["out2"] == pytest.approx(0.25, abs=2e-4)
    assert values["in2"] == pytest.approx(0.25, abs=2e-3)
    assert values["off"] == 0


def test_mean_and_deviation_of_a_square_wave_over_a_time(sampler, p):
    p.rp.asg0.waveform = "square"
    choose(sampler, "signals", "in1")
    choose(sampler, "quantities", "mean", "std", "min", "max")
    edit(sampler, "time", value=0.5)
    begin = time.monotonic()
    data = grab_and_wait(sampler)
    assert time.monotonic() - begin > 0.5
    values = {one.name: one.data[0][0] for one in data}
    assert values["Minimum"] == pytest.approx(-0.3, abs=0.01)
    assert values["Maximum"] == pytest.approx(0.5, abs=0.01)
    # a slow computer takes few samples: this holds for any number of them, whatever share of them is high
    mean, deviation = values["Mean"] - 0.1, values["Standard deviation"]
    assert -0.39 < mean < 0.39
    assert np.hypot(mean, deviation) == pytest.approx(0.4, abs=0.01)


def test_the_noise_of_a_constant_signal(sampler):
    choose(sampler, "signals", "in2")
    choose(sampler, "quantities", "mean", "std")
    edit(sampler, "time", value=0.3)
    mean, std = grab_and_wait(sampler)
    assert mean.data[0][0] == pytest.approx(0.25, abs=2e-4)
    # 1.5 counts of noise, and the rounding; of 20 samples within a half
    assert std.data[0][0] == pytest.approx(np.sqrt(1.5**2 + 1 / 12) / 8191, rel=0.5)


def test_signals_with_a_unit_of_their_own_have_a_viewer_of_their_own(sampler):
    choose(sampler, "signals", "in1", "in2")
    edit(sampler, "ranges", "in2", "factor", value=4.0)
    edit(sampler, "ranges", "in2", "unit", value="mW")
    volts, power = grab_and_wait(sampler)
    assert (volts.labels, power.labels, power.units) == (["in1 (V)"], ["in2 (mW)"], "mW")
    assert power.data[0][0] == pytest.approx(1.0, abs=0.01)


def test_a_time_that_a_scan_would_not_wait_for_is_refused(sampler, commands_of):
    commands = commands_of(sampler)
    edit(sampler, "time", value=30.0)
    sampler.grab_data(1)
    said = [one.attribute for one in commands if one.command == ThreadStatus.UPDATE_STATUS]
    assert "30.0 s" in said[-1] and "timeout" in said[-1]
    assert ThreadStatus.STOP in [one.command for one in commands]


def test_nothing_chosen_is_said(sampler, commands_of):
    choose(sampler, "signals")
    commands = commands_of(sampler)
    sampler.grab_data(1)
    said = [one.attribute for one in commands if one.command == ThreadStatus.UPDATE_STATUS]
    assert "no signals are chosen" in said[-1]
