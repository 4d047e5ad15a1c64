"""The network analyser plugin: a filter's corner, a growing curve, Stop, and sweeps that last too long."""

import threading
import time

import numpy as np
import pytest
from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.utils.plugin_testing import grab_and_wait

from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_NetworkAnalyzer import (
    DAQ_1DViewer_PyRPL_NetworkAnalyzer,
)
from pyrpl_remote import connect

from ..boards import running_board
from ..offscreen import Emitted, edit, in_qt_loop, qt_until
from ..processes import wait_until

pytestmark = in_qt_loop

CORNER = 80e3

SWEEP = {
    "input": "in1",
    "output_direct": "out1",
    "start_freq": 10e3,
    "stop_freq": 1e6,
    "points": 41,
    "logscale": True,
    "rbw": 1000,
    "amplitude": 0.5,
    "average_per_point": 1,
    "trace_average": 1,
    "acbandwidth": 0,
    "auto_bandwidth": False,
    "auto_amplitude": False,
}


@pytest.fixture(scope="module")
def p(own_pyrpl_folder):
    """A board with a low-pass filter between out1 and in1."""
    with running_board() as board:
        board.control.plant("lowpass", cutoff=CORNER)
        with connect(
            "bench",
            hostname=board.host,
            sshport=board.ssh_port,
            port=board.monitor_port,
            reloadfpga=False,
        ) as p:
            yield p


@pytest.fixture
def analyzer(p, lone_plugin):
    p.networkanalyzer.stop()
    p.networkanalyzer.setup(**SWEEP)
    return lone_plugin(DAQ_1DViewer_PyRPL_NetworkAnalyzer, board="bench")


def said(commands) -> list[str]:
    return [one.attribute for one in commands if one.command == ThreadStatus.UPDATE_STATUS]


def test_a_filters_corner_is_3_db_down_at_a_lag_of_45_degrees_and_its_delay(analyzer):
    magnitude, phase = grab_and_wait(analyzer)
    assert (magnitude.name, magnitude.units, magnitude.labels) == ("Magnitude", "dB", ["in1 / out1 (dB)"])
    assert (phase.name, phase.units, phase.labels) == ("Phase", "degree", ["in1 / out1 (degree)"])
    frequencies = magnitude.axes[0].get_data()
    assert (len(frequencies), magnitude.axes[0].units) == (41, "Hz")
    falling = -magnitude.data[0][1:]
    corner = np.exp(np.interp(10 * np.log10(2), falling, np.log(frequencies[1:])))
    assert corner == pytest.approx(CORNER, rel=0.05)
    delay = 32 * 8e-9 * corner * 360
    assert np.interp(corner, frequencies, phase.data[0]) == pytest.approx(-45 - delay, abs=2)


def test_the_curves_grow_with_measured_points_only_and_five_times_a_second_at_most(analyzer):
    edit(analyzer, "networkanalyzer", "points", value=201)
    growing = Emitted(analyzer.dte_signal_temp)
    begin = time.monotonic()
    grab_and_wait(analyzer)
    took = time.monotonic() - begin
    assert 2 <= len(growing) <= took / 0.2
    sizes = [len(data[0].data[0]) for data in growing]
    assert sizes == sorted(sizes)
    assert 0 < sizes[0] < 201
    for data in growing:
        # nothing that is not measured yet, which would be -300 dB
        assert min(data[0].data[0]) > -60
        assert len(data[0].axes[0].get_data()) == len(data[1].data[0]) == len(data[0].data[0])


def test_stop_keeps_what_is_measured_and_ends_the_sweep(analyzer, p):
    edit(analyzer, "networkanalyzer", "points", value=1001)
    kept, growing = Emitted(analyzer.dte_signal), Emitted(analyzer.dte_signal_temp)
    growing_once = threading.Event()
    analyzer.dte_signal_temp.connect(lambda _: (growing_once.set(), analyzer.stop()))
    analyzer.grab_data(1)
    assert growing_once.is_set()
    (data,) = kept
    assert len(growing[0][0].data[0]) <= len(data[0].data[0]) < 1001
    assert p.networkanalyzer.running_state == "stopped"
    assert p.rp.iq2.amplitude == 0


def test_closing_the_viewer_ends_its_sweep(analyzer, p):
    edit(analyzer, "networkanalyzer", "points", value=1001)
    analyzer.dte_signal_temp.connect(lambda _: analyzer.close())
    analyzer.grab_data(1)
    wait_until(lambda: p.networkanalyzer.running_state == "stopped", 2.0, "its end")
    assert p.rp.iq2.amplitude == 0


def test_a_setting_that_is_changed_begins_the_sweep_again(analyzer, p):
    edit(analyzer, "networkanalyzer", "points", value=201)
    once = []

    def change(_):
        if not once:
            once.append(edit(analyzer, "networkanalyzer", "points", value=31))

    analyzer.dte_signal_temp.connect(change)
    assert len(grab_and_wait(analyzer)[0].data[0]) == 31


def test_the_expected_time_is_shown_and_what_a_scan_would_not_wait_for_is_refused(analyzer, p, commands_of):
    commands = commands_of(analyzer)
    p.networkanalyzer.points = 201
    qt_until(lambda: analyzer.settings["expected"] == pytest.approx(1.0, rel=0.1), what="the time")
    analyzer.grab_data(10)  # each average counts
    assert "it would take 10" in said(commands)[-1] and "waits 10 s for a viewer" in said(commands)[-1]
    assert ThreadStatus.STOP in [one.command for one in commands]
    assert p.networkanalyzer.running_state == "stopped"
    # what the user allows is started
    p.networkanalyzer.rbw = 1.2
    edit(analyzer, "long", value=True)
    threading.Timer(0.5, lambda: setattr(analyzer, "stopped", True)).start()
    commands.clear()
    analyzer.grab_data(1)
    assert said(commands) == []


def test_a_span_of_zero_is_over_the_time(analyzer, p):
    p.networkanalyzer.setup(start_freq=100e3, stop_freq=100e3, points=21)
    magnitude, _ = grab_and_wait(analyzer)
    axis = magnitude.axes[0]
    assert (axis.label, axis.units, axis.get_data()[0]) == ("Time", "s", 0)
    assert np.all(np.diff(axis.get_data()) > 0)
    assert magnitude.data[0][1:] == pytest.approx(-10 * np.log10(1 + (100e3 / CORNER) ** 2), abs=0.1)


def test_sweeps_that_somebody_else_runs_go_on(analyzer, p, commands_of):
    commands = commands_of(analyzer)
    p.networkanalyzer.continuous()
    shown = Emitted(analyzer.dte_signal)
    analyzer.grab_data(1, live=True)
    assert len(shown[0][0].data[0]) > 0
    analyzer.grab_data(1)
    assert "another program runs the network analyser" in said(commands)[-1]
    assert p.networkanalyzer.running_state == "running_continuous"
    p.networkanalyzer.stop()


def test_an_input_with_jumpers_and_units_of_its_own(analyzer):
    whole = grab_and_wait(analyzer)[0].data[0]
    edit(analyzer, "ranges", "in1", "range", value="HV (±20 V)")
    scaled = grab_and_wait(analyzer)[0]
    assert scaled.data[0][1:] == pytest.approx(whole[1:] + 20 * np.log10(20), abs=0.1)
    edit(analyzer, "ranges", "in1", "unit", value="mW")
    assert grab_and_wait(analyzer)[0].labels == ["in1 / out1, mW/V (dB)"]
