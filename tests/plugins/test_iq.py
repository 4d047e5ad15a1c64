"""The iq plugin: amplitude and phase of a demodulated sine, and what it says about doubtful values."""

import pytest
from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.utils.plugin_testing import grab_and_wait

from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_0D.daq_0Dviewer_PyRPL_IQ import DAQ_0DViewer_PyRPL_IQ

from ..offscreen import edit, in_qt_loop, qt_until
from ..processes import wait_until

pytestmark = in_qt_loop

AMPLITUDE, FREQUENCY = 0.5, 1e6

LAG = 35 * 8e-9 * FREQUENCY * 360
"""The delay of modulator, converters and demodulator is 35 cycles of 8 ns; in degrees."""

DEMODULATION = {
    "input": "in1",
    "output_signal": "quadrature",
    "frequency": FREQUENCY,
    "bandwidth": [1e3, 1e3],
    "phase": 0,
    "quadrature_factor": 1,
    "gain": 0,
    "acbandwidth": 0,
}


@pytest.fixture
def iq(p, plugin):
    for name in ("iq0", "iq1", "iq2"):
        getattr(p.rp, name).setup(**DEMODULATION, amplitude=0, output_direct="off")
    p.rp.iq2.setup(amplitude=AMPLITUDE, output_direct="out1")
    p.rp.iq2.owner = None
    for pid in (p.rp.pid0, p.rp.pid1):
        pid.input = "off"
    return plugin(DAQ_0DViewer_PyRPL_IQ)


def values(data) -> dict[str, float]:
    return {label: value[0] for one in data for label, value in zip(one.labels, one.data)}


def said(commands) -> list[str]:
    return [one.attribute for one in commands if one.command == ThreadStatus.UPDATE_STATUS]


@pytest.mark.parametrize("factor", [1, 3])
def test_amplitude_and_phase_of_the_own_modulation_behind_a_cable(iq, factor):
    edit(iq, "iq2", "quadrature_factor", value=factor)
    data = grab_and_wait(iq)
    assert [(one.name, one.units) for one in data] == [("Quadratures", "V"), ("Phase", "degree")]
    found = values(data)
    assert list(found) == ["I (V)", "Q (V)", "Amplitude (V)", "Phase (degree)"]
    assert found["Amplitude (V)"] == pytest.approx(AMPLITUDE, rel=0.01)
    assert found["Phase (degree)"] == pytest.approx(LAG, abs=0.5)
    assert iq.settings["warning"] == ""


def test_jumpers_and_an_own_unit_scale_the_values(iq):
    before = values(grab_and_wait(iq))
    edit(iq, "ranges", "in1", "factor", value=-2.0)
    edit(iq, "ranges", "in1", "unit", value="mW")
    found = values(grab_and_wait(iq))
    assert found["Amplitude (mW)"] == pytest.approx(2 * AMPLITUDE, rel=0.01)
    assert found["I (mW)"] == pytest.approx(-2 * before["I (V)"], abs=2e-3)
    assert found["Phase (degree)"] == pytest.approx(LAG - 180, abs=0.5)


def test_the_phase_is_the_one_that_has_to_be_added_to_the_iqs(iq, p):
    lag = values(grab_and_wait(iq))["Phase (degree)"]
    edit(iq, "iq2", "phase", value=lag)
    found = values(grab_and_wait(iq))
    assert found["I (V)"] == pytest.approx(AMPLITUDE, rel=0.01)
    assert found["Q (V)"] == pytest.approx(0, abs=2e-3)


def test_the_other_iqs_have_one_quadrature_and_the_second_on_request(iq, p):
    both = values(grab_and_wait(iq))
    edit(iq, "module", value="iq0")
    assert values(grab_and_wait(iq)) == {"I (V)": pytest.approx(both["I (V)"], abs=2e-3)}
    edit(iq, "turn", value=True)
    found = values(grab_and_wait(iq))
    assert found == {name: pytest.approx(value, rel=0.03, abs=1e-3) for name, value in both.items()}
    assert p.rp.iq0.phase == 0
    wait_until(lambda: abs(p.rp.sampler.iq0 - both["I (V)"] / 2) < 1e-3, what="the filter's end")


def test_the_phase_of_an_iq_in_a_loop_is_not_turned(iq, p, commands_of):
    p.rp.pid1.input = "iq1"
    edit(iq, "module", value="iq1")
    edit(iq, "turn", value=True)
    with p.rp.iq1.on_change(lambda change: changes.append(change.name)):
        changes: list[str] = []
        commands = commands_of(iq)
        iq.grab_data(1)
        assert "iq1 is the input of pid1" in said(commands)[-1]
        assert "phase" not in changes
    edit(iq, "turn", value=False)
    assert list(values(grab_and_wait(iq))) == ["I (V)"]


def test_a_clipped_signal_is_said(iq, p, commands_of):
    commands = commands_of(iq)
    p.rp.iq2.setup(phase=LAG, quadrature_factor=10)
    grab_and_wait(iq)
    assert "clipped" in iq.settings["warning"]
    assert any("clipped" in text for text in said(commands))
    edit(iq, "iq2", "quadrature_factor", value=1)
    assert values(grab_and_wait(iq))["Amplitude (V)"] == pytest.approx(AMPLITUDE, rel=0.01)
    assert iq.settings["warning"] == ""


def test_the_owner_is_shown_and_warned_of(iq, p):
    p.rp.iq2.owner = "networkanalyzer"
    qt_until(lambda: iq.settings["owner"] == "networkanalyzer", what="the owner")
    grab_and_wait(iq)
    assert "it belongs to networkanalyzer" in iq.settings["warning"]
    p.rp.iq2.owner = None
    qt_until(lambda: iq.settings["owner"] == "nobody", what="no owner")


def test_a_signal_that_is_no_quadrature_has_no_values(iq, p, commands_of):
    commands = commands_of(iq)
    p.rp.iq2.output_signal = "output_direct"
    iq.grab_data(1)
    assert "no quadrature" in said(commands)[-1]
    assert ThreadStatus.STOP in [one.command for one in commands]
