"""The IIR plugin: a notch, as designed and as measured; filters that are refused."""

import numpy as np
import pytest
from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.utils.plugin_testing import grab_and_wait

from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_IIR import DAQ_1DViewer_PyRPL_IIR

from ..offscreen import Emitted, edit, in_qt_loop, qt_until

pytestmark = in_qt_loop

NOTCH = 50e3
ZERO, POLE = complex(-100, NOTCH), complex(-10e3, NOTCH)


@pytest.fixture
def iir(p, plugin):
    p.rp.iir.setup(
        zeros=[ZERO], poles=[POLE], loops=20, gain=1, input="in2", output_direct="off", inputfilter=0
    )
    p.networkanalyzer.setup(input="in1", points=1001, rbw=1000)
    for pid in (p.rp.pid0, p.rp.pid1):
        pid.input = "off"
    iir = plugin(DAQ_1DViewer_PyRPL_IIR)
    edit(iir, "response", "start_freq", value=10e3)
    edit(iir, "response", "stop_freq", value=250e3)
    edit(iir, "response", "points", value=41)
    return iir


def said(commands) -> list[str]:
    return [one.attribute for one in commands if one.command == ThreadStatus.UPDATE_STATUS]


def test_the_design_is_shown_without_a_measurement(iir, p):
    changes: list = []
    with p.rp.iir.on_change(changes.append):
        magnitude, phase = grab_and_wait(iir)
    assert changes == []
    assert (magnitude.labels, phase.labels) == (["Design (dB)"], ["Design (degree)"])
    frequencies = magnitude.axes[0].get_data()
    at = np.argmin(magnitude.data[0])
    assert frequencies[at] == pytest.approx(NOTCH, rel=0.01)
    assert magnitude.data[0][at] < -20


def test_the_measured_notch_is_at_the_designed_frequency_and_depth(iir, p):
    edit(iir, "response", "measure", value=True)
    temporary = Emitted(iir.dte_signal_temp)
    magnitude, phase = grab_and_wait(iir)
    assert magnitude.labels == ["Design (dB)", "Measured (dB)"]
    designed, measured = magnitude.data
    frequencies = magnitude.axes[0].get_data()
    assert frequencies[np.argmin(measured)] == pytest.approx(NOTCH, rel=0.05)
    assert measured.min() < -15
    # the sweep's filters do not settle at the bottom of the notch
    beside = np.abs(np.log(frequencies / NOTCH)) > 0.3
    beside[0] = False
    assert measured[beside] == pytest.approx(designed[beside], abs=0.1)
    assert phase.data[1][beside] == pytest.approx(phase.data[0][beside], abs=2)
    for growing in temporary:
        assert len(growing[0].data[0]) == len(growing[0].axes[0].get_data()) <= 41
    # everything is as it was before
    assert p.rp.iir.input == "in2"
    assert p.networkanalyzer.snapshot("input", "points") == {"input": "in1", "points": 1001}


def test_zeros_and_poles_are_written_together(iir, p):
    edit(iir, "zeros", value="-200-30000j, -200+30000j")
    edit(iir, "poles", value="-5e3+3e4j")
    assert p.rp.iir.zeros == [ZERO]
    edit(iir, "write", value=True)
    assert (p.rp.iir.zeros, p.rp.iir.poles) == ([-200 + 30000j], [-5000 + 30000j])
    assert (iir.settings["zeros"], iir.settings["poles"]) == ("-200+30000j", "-5000+30000j")
    assert not iir.settings["write"]
    magnitude, _ = grab_and_wait(iir)
    assert magnitude.axes[0].get_data()[np.argmin(magnitude.data[0])] == pytest.approx(30e3, rel=0.05)
    p.rp.iir.poles = [-7e3 + 3e4j]
    qt_until(lambda: iir.settings["poles"] == "-7000+30000j", what="the change")


@pytest.mark.parametrize(
    ("poles", "words"),
    [
        (", ".join(f"-{n}00+{n}e4j" for n in range(1, 16)), "needs 15 stages"),
        ("-1e3, -1e3", "two equal poles"),
        ("-1e3 Hz", "is no pole or zero"),
    ],
)
def test_a_filter_that_pyrpl_cannot_make_is_refused_before_anything_is_sent(
    iir, p, commands_of, poles, words
):
    commands = commands_of(iir)
    changes: list = []
    with p.rp.iir.on_change(changes.append):
        edit(iir, "poles", value=poles)
        edit(iir, "write", value=True)
        assert p.rp.iir.on
    assert words in said(commands)[-1]
    assert changes == []
    assert p.rp.iir.poles == [POLE]


def test_a_filter_in_a_loop_is_not_measured(iir, p, commands_of):
    edit(iir, "response", "measure", value=True)
    commands = commands_of(iir)
    p.rp.iir.output_direct = "out1"
    iir.grab_data(1)
    assert "drives out1" in said(commands)[-1]
    p.rp.iir.output_direct = "off"
    p.rp.pid0.input = "iir"
    iir.grab_data(1)
    assert "drives pid0" in said(commands)[-1]
    assert p.rp.iir.input == "in2"


def test_the_sweep_of_somebody_else_goes_on(iir, p, commands_of):
    edit(iir, "response", "measure", value=True)
    commands = commands_of(iir)
    p.networkanalyzer.setup(points=5001, trace_average=1)
    run = p.networkanalyzer.single_async()
    qt_until(lambda: p.networkanalyzer.running_state == "running_single", what="the sweep")
    iir.grab_data(1)
    assert "in use" in said(commands)[-1]
    assert p.networkanalyzer.running_state == "running_single"
    run.cancel()
