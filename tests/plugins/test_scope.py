"""The scope plugin emits both channels, with their times."""

import numpy as np
import pytest
from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.utils.plugin_testing import assert_units, grab_and_wait

from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_Scope import (
    DAQ_1DViewer_PyRPL_Scope,
)

from ..offscreen import edit, in_qt_loop

pytestmark = in_qt_loop


@pytest.fixture
def scope(p, plugin):
    p.rp.asg0.setup(
        waveform="square",
        frequency=10e3,
        amplitude=0.5,
        offset=0,
        output_direct="off",
        trigger_source="immediately",
    )
    p.rp.scope.setup(
        input1="asg0",
        input2="in2",
        trigger_source="immediately",
        threshold=0,
        trigger_delay=0,
        trace_average=1,
    )
    scope = plugin(DAQ_1DViewer_PyRPL_Scope)
    edit(scope, "scope", "duration", value=5e-4)
    return scope


def test_both_channels_come_in_volts_over_seconds(scope, p):
    data = grab_and_wait(scope)
    assert_units(data, "V")
    (voltage,) = data
    assert voltage.labels == ["Ch1 (asg0) (V)", "Ch2 (in2) (V)"]
    assert [len(channel) for channel in voltage.data] == [2**14, 2**14]
    assert np.abs(voltage.data[0]).max() == pytest.approx(0.5, abs=1e-3)
    (time,) = voltage.axes
    assert (time.label, time.units) == ("Time", "s")
    assert time.get_data() == pytest.approx(np.arange(2**14) * p.rp.scope.duration / 2**14)


def test_settings_reach_the_board_and_the_trace(scope, p):
    edit(scope, "scope", "trigger_source", value="ch1_positive_edge")
    edit(scope, "scope", "threshold", value=0.1)
    edit(scope, "scope", "trigger_delay", value=1e-4)
    edit(scope, "scope", "input2", value="asg0")
    edit(scope, "scope", "trace_average", value=2)
    assert p.rp.scope.trace_average == 2
    (voltage,) = grab_and_wait(scope)
    time = voltage.axes[0].get_data()
    duration = p.rp.scope.duration
    assert time[0] == pytest.approx(1e-4 - duration / 2)
    assert voltage.labels[1] == "Ch2 (asg0) (V)"
    edge = np.argmin(np.abs(time))
    assert voltage.data[0][edge - 100] < 0 < voltage.data[0][edge + 100]


def test_any_duration_becomes_one_that_the_board_has(scope, p):
    edit(scope, "scope", "duration", value=1e-3)
    assert scope.settings["scope", "duration"] == p.rp.scope.duration == pytest.approx(1.048576e-3)


def test_rolling_mode_shows_what_came_last(scope, p):
    p.rp.asg0.setup(waveform="dc", offset=0.25)
    edit(scope, "scope", "duration", value=0.131)
    edit(scope, "scope", "rolling_mode", value=True)
    try:
        for offset in (0.25, -0.25):
            p.rp.asg0.offset = offset
            # the newest sample is at 0; the first curves may have been taken before
            for _ in range(50):
                (voltage,) = grab_and_wait(scope, live=True)
                if abs(voltage.data[0][-1] - offset) < 1e-3:
                    break
            (time,) = voltage.axes
            assert voltage.data[0][-1] == pytest.approx(offset, abs=1e-3)
            assert time.get_data()[-1] == 0
            assert time.get_data()[0] == pytest.approx(-p.rp.scope.duration, rel=1e-3)
        assert p.rp.scope.running_state == "running_continuous"
    finally:
        scope.stop()
        p.rp.scope.rolling_mode = False


def test_a_snap_whose_trigger_does_not_come_is_reported_and_ended(scope, p, commands_of):
    commands = commands_of(scope)
    edit(scope, "scope", "trigger_source", value="ch2_positive_edge")
    scope.settings.child("patience").setValue(0.2)
    data: list = []
    scope.dte_signal.connect(data.append)
    scope.grab_data(live=False)
    assert data == []
    assert [command.command for command in commands][-2:] == [ThreadStatus.UPDATE_STATUS, ThreadStatus.STOP]
    assert commands[-2].attribute == "no trigger within 0.2 s (ch2 positive edge, 0 V)"
