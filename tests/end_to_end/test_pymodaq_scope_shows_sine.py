"""The main use: two of PyMoDAQ's modules set a sine, a third one shows it, without hardware."""

import numpy as np
import pytest

from ..offscreen import Emitted, actuator, dashboard, detector, in_qt_loop, set_setting

pytestmark = in_qt_loop

FREQUENCY = 1234.0
AMPLITUDE = 0.7


@pytest.fixture(scope="module")
def modules(own_pyrpl_folder):
    """Two actuators that share one connection, and a detector with its own."""
    group = [
        actuator("Frequency", "PyRPL_ASG", 1, "frequency"),
        actuator("Amplitude", "PyRPL_ASG", 1, "amplitude", master=False),
    ]
    with dashboard(group, [detector("Scope", "PyRPL_Scope", 2)]) as (window, modules):
        yield window, modules


def fitted_sine(time: np.ndarray, volts: np.ndarray) -> tuple[float, float]:
    """Frequency in Hz and amplitude in V of the strongest line of the spectrum."""
    time, volts = time[::16], volts[::16] * np.hanning(len(volts[::16]))
    bins = np.fft.rfftfreq(len(volts), time[1] - time[0])
    highest = np.argmax(np.abs(np.fft.rfft(volts))[1:]) + 1
    frequencies = np.linspace(bins[highest - 1], bins[highest + 1], 2001)
    # a Hann window halves the mean
    lines = 4 * np.abs(np.exp(-2j * np.pi * np.outer(frequencies, time)) @ volts) / len(volts)
    return frequencies[np.argmax(lines)], lines.max()


def test_a_real_scope_shows_the_sine_that_real_moves_set(modules, tmp_path):
    window, modules = modules
    scope = modules["Scope"]
    assert all(module.initialized_state for module in modules.values())
    set_setting(modules["Frequency"], "asg0", "output_direct", value="out1")
    for name, value in (("Frequency", FREQUENCY), ("Amplitude", AMPLITUDE)):
        done = Emitted(modules[name].move_done_signal)
        modules[name].move_abs(value)
        assert done.wait(what=f"the move of {name}").value() == pytest.approx(value, abs=0.06)
    durations = scope.settings.child("detector_settings", "scope", "duration").opts["limits"]
    set_setting(scope, "scope", "duration", value=durations["8.38861 ms"])
    set_setting(scope, "scope", "trigger_source", value="asg0")

    shown = Emitted(scope.grab_done_signal)
    scope.snap()
    voltage = shown.wait(what="a trace")[0]

    time = voltage.axes[0]
    assert (time.units, voltage.units, voltage.labels) == ("s", "V", ["Ch1 (in1) (V)", "Ch2 (in2) (V)"])
    frequency, amplitude = fitted_sine(time.get_data(), voltage.data[0])
    assert frequency == pytest.approx(FREQUENCY, rel=0.01)
    assert amplitude == pytest.approx(AMPLITUDE, rel=0.01)
    assert np.std(voltage.data[1]) < 0.01
    picture = tmp_path / "pymodaq.png"
    window.shared_ui.mainwindow.resize(1500, 800)
    assert window.shared_ui.mainwindow.grab().save(str(picture))
    print(f"picture: {picture}")
    assert picture.stat().st_size > 10_000


def test_pymodaqs_process_never_imports_pyrpl(run_python):
    found = run_python(
        """
        import os, sys
        from tests.offscreen import actuator, dashboard, detector
        group = [actuator("Frequency", "PyRPL_ASG", 1, "frequency")]
        with dashboard(group, [detector("Scope", "PyRPL_Scope", 2)]) as (window, modules):
            report(
                initialized=[module.initialized_state for module in modules.values()],
                loaded="pyrpl" in sys.modules,
            )
        os._exit(0)
        """
    )
    assert found == {"initialized": [True, True], "loaded": False}
