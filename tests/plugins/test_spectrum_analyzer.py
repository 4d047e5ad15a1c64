"""The spectrum analyser plugin: the heights of lines, the level of noise, and who shares the scope."""

import numpy as np
import pytest
from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq.utils.plugin_testing import grab_and_wait

from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_SpectrumAnalyzer import (
    DAQ_1DViewer_PyRPL_SpectrumAnalyzer,
)
from pymodaq_plugins_pyrpl.hardware.instruments.scope_users import note
from pymodaq_plugins_pyrpl.hardware.instruments.spectrum import UNITS
from pyrpl_remote.virtual.plants import CYCLE, DELAY

from ..offscreen import Emitted, edit, in_qt_loop, qt_until

pytestmark = in_qt_loop

AMPLITUDE = 0.5
FREQUENCY = 1e6

NOISE = np.sqrt(1.5**2 + 1 / 12) / 8192 * np.sqrt(2 / 125e6)
"""The density of the virtual board's noise of 1.5 counts, and of its rounding, in V/sqrt(Hz)."""


@pytest.fixture
def analyzer(p, plugin):
    p.rp.asg0.setup(
        waveform="sin",
        frequency=FREQUENCY,
        amplitude=AMPLITUDE,
        offset=0,
        output_direct="out1",
        trigger_source="immediately",
    )
    p.spectrumanalyzer.setup(
        baseband=True,
        input1_baseband="in1",
        input2_baseband="in2",
        span=125e6,
        window="blackman",
        trace_average=1,
    )
    return plugin(DAQ_1DViewer_PyRPL_SpectrumAnalyzer)


def test_the_units_are_those_that_pyrpl_has(p):
    assert set(UNITS) == set(p.spectrumanalyzer.options_of("display_unit"))


@pytest.mark.parametrize(
    ("unit", "units", "height"),
    [
        ("Vpk", "V", AMPLITUDE),
        ("Vrms", "V", AMPLITUDE / np.sqrt(2)),
        ("dB(Vrms^2)", "dB", 10 * np.log10(AMPLITUDE**2 / 2)),
    ],
)
def test_a_sine_is_a_line_of_its_height_at_its_frequency(analyzer, unit, units, height):
    edit(analyzer, "unit", value=unit)
    spectrum = grab_and_wait(analyzer)[0]
    assert (spectrum.units, spectrum.labels) == (units, [f"Ch1 in1 ({unit})", f"Ch2 in2 ({unit})"])
    frequencies = spectrum.axes[0].get_data()
    assert (spectrum.axes[0].label, spectrum.axes[0].units) == ("Frequency", "Hz")
    assert len(frequencies) == len(spectrum.data[0]) == 8193
    at = np.argmax(spectrum.data[0])
    assert spectrum.data[0][at] == pytest.approx(height, rel=0.01)
    assert frequencies[at] == pytest.approx(FREQUENCY, abs=frequencies[1])


@pytest.mark.parametrize("window", ["blackman", "flattop"])
def test_noise_has_its_density_in_volts_per_root_of_hertz(analyzer, window):
    edit(analyzer, "spectrumanalyzer", "window", value=window)
    edit(analyzer, "unit", value="Vrms/sqrt(Hz)")
    spectrum, cross, _ = grab_and_wait(analyzer)
    assert spectrum.units == "V/Hz**0.5"
    noise = spectrum.data[1][1000:]
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(NOISE, rel=0.05)
    # the noise of the two inputs has nothing in common
    assert np.median(cross.data[0]) < NOISE


def test_the_cross_spectrum_has_the_phase_between_the_inputs(analyzer, p):
    edit(analyzer, "unit", value="Vpk")
    edit(analyzer, "spectrumanalyzer", "input1_baseband", value="out1")
    edit(analyzer, "spectrumanalyzer", "input2_baseband", value="in1")
    spectrum, cross, phase = grab_and_wait(analyzer)
    assert (cross.labels, phase.labels) == (["out1 x in1 (Vpk)"], ["out1 x in1 (degree)"])
    at = np.argmax(spectrum.data[0])
    assert cross.data[0][at] == pytest.approx(AMPLITUDE, rel=0.01)
    assert phase.data[0][at] == pytest.approx(-DELAY * CYCLE * FREQUENCY * 360, abs=1)
    edit(analyzer, "cross", value=False)
    assert [data.name for data in grab_and_wait(analyzer)] == ["Spectrum"]


def test_a_spectrum_around_a_centre_shows_the_line_beside_it(analyzer):
    edit(analyzer, "spectrumanalyzer", "span", "stage_1", value=analyzer.module.options_of("span")[10])
    edit(analyzer, "spectrumanalyzer", "baseband", value=False)
    edit(analyzer, "spectrumanalyzer", "center", value=FREQUENCY - 10e3)
    edit(analyzer, "unit", value="Vpk")
    (spectrum,) = grab_and_wait(analyzer)
    frequencies = spectrum.axes[0].get_data()
    at = np.argmax(spectrum.data[0])
    assert (spectrum.labels, len(frequencies)) == (["in1 (Vpk)"], 8192)
    assert frequencies[at] == pytest.approx(FREQUENCY, abs=20)
    assert spectrum.data[0][at] == pytest.approx(AMPLITUDE, rel=0.01)


def test_jumpers_and_own_units_scale_the_spectrum(analyzer):
    edit(analyzer, "unit", value="Vpk")
    edit(analyzer, "ranges", "in1", "range", value="HV (±20 V)")
    edit(analyzer, "ranges", "in2", "unit", value="mW")
    first, second, cross, _ = grab_and_wait(analyzer)
    assert max(first.data[0]) == pytest.approx(20 * AMPLITUDE, rel=0.01)
    assert (first.labels, second.labels) == (["Ch1 in1 (Vpk)"], ["Ch2 in2 (mWpk)"])
    assert (first.units, second.units, cross.units) == ("V", "mW", "(V*mW)**0.5")


def test_a_grab_runs_on_the_analysers_continuous_acquisition_and_ends_its_own(analyzer, p):
    shown = Emitted(analyzer.dte_signal)
    for _ in range(3):
        analyzer.grab_data(1, live=True)
    assert len(shown) == 3
    assert p.spectrumanalyzer.running_state == "running_continuous"
    edit(analyzer, "spectrumanalyzer", "window", value="flattop")
    edit(analyzer, "unit", value="Vrms/sqrt(Hz)")
    analyzer.grab_data(1, live=True)
    assert np.sqrt(np.mean(shown[-1][0].data[1][1000:] ** 2)) == pytest.approx(NOISE, rel=0.05)
    analyzer.stop()
    qt_until(lambda: p.spectrumanalyzer.running_state == "stopped", what="its end")


def test_a_note_says_who_else_uses_the_scope(analyzer, p, commands_of):
    commands = commands_of(analyzer)
    assert p.rp.scope.input1
    grab_and_wait(analyzer)
    qt_until(lambda: analyzer.settings["scope"], what="the note")
    assert "each spectrum changes its settings" in analyzer.settings["scope"]
    said = [one.attribute for one in commands if one.command == ThreadStatus.UPDATE_STATUS]
    assert any("The scope is also used by" in text for text in said)
    assert note([]) == ""
