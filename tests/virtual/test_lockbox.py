"""PyRPL's lockbox locks the virtual cavity, loses the lock by a disturbance, and locks again.

The traces are plotted in `lock.png` in the test's temporary folder.
"""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
from matplotlib import pyplot as plt

FAR, LOCKED = 0.5, 0.15
"""Volts of the reflection far from resonance, and in lock, where the power of the sidebands is still
reflected."""

_LOCKBOX = """
    from pyrpl.async_utils import wait

    RANGE_VOLTS, FINESSE, BANDWIDTH = 0.7, 20, 200e3     # of the plant
    p.lockbox.classname = "FabryPerot"
    lockbox = p.lockbox
    lockbox.finesse = FINESSE
    lockbox.round_trip_length = 2.998e8 / (2 * FINESSE * BANDWIDTH)
    lockbox.inputs.reflection.input_signal = "in1"
    lockbox.inputs.transmission.input_signal = "in2"
    lockbox.inputs.pdh.setup(input_signal="in1", mod_freq=5e6, mod_amp=0.5, mod_phase=150, mod_output="out2",
                             bandwidth=[1e5, 1e5], quadrature_factor=4)
    piezo = lockbox.outputs.piezo
    piezo.setup(output_channel="out1", unit="m/V", dc_gain=-lockbox.wavelength / 2 / RANGE_VOLTS,
                desired_unity_gain_frequency=500, analog_filter_cutoff=0,
                sweep_amplitude=0.5, sweep_offset=0.1, sweep_frequency=50, sweep_waveform="ramp")
    lockbox.calibrate_all(timeout_min=20)
    reflection = lockbox.inputs.reflection.calibration_data
    pdh = lockbox.inputs.pdh.calibration_data
    report(reflection=[reflection.min, reflection.max], pdh=[pdh.min, pdh.max])

    lockbox.sequence = [{"input": "reflection", "setpoint": 1.5, "duration": 0.2},
                        {"input": "pdh", "setpoint": 0, "duration": 0.2}]
    lockbox.sequence[0].outputs.piezo.setup(lock_on=True, reset_offset=True, offset=0.3)
    lockbox.sequence[1].outputs.piezo.setup(lock_on=True, reset_offset=False)
    lockbox.lockstatus_interval = 0.05

    def trace(name, act):
        p.rp.scope.setup(input1="in1", input2=piezo.pid.name, duration=0.5, trigger_source="immediately",
                         trigger_delay=0.25, average=True, rolling_mode=False)
        running = p.rp.scope.single_async()
        act()
        curves = wait(running, timeout=60)
        report(**{name: {"time": p.rp.scope.times.tolist(), "reflection": curves[0].tolist(),
                         "piezo": curves[1].tolist()}})

    trace("acquisition", lambda: report(locked=lockbox.lock()))

    # half a free spectral range away: there the error signal is zero
    report(stayed=lockbox.sleep_while_locked(0.5))
    control.plant_parameters(offset=0.1 + RANGE_VOLTS / 2)
    report(stayed_when_pushed=lockbox.sleep_while_locked(10))

    lockbox.auto_lock = True
    control.plant_parameters(offset=0.1)
    lockbox.lock()
    trace("relock", lambda: control.plant_parameters(offset=0.1 + RANGE_VOLTS / 2))
    report(locked_again=lockbox.is_locked())
"""


@pytest.fixture
def lock(launch_board, run_pyrpl):
    return run_pyrpl(launch_board("--plant", "cavity"), _LOCKBOX)


def test_the_lockbox_locks_the_cavity_and_locks_it_again_after_a_disturbance(lock, tmp_path):
    traces = {
        name: {row: np.array(values) for row, values in lock[name].items()}
        for name in ("acquisition", "relock")
    }
    figure, axes = plt.subplots(2, 1, figsize=(9, 7), layout="constrained")
    for panel, (name, trace) in zip(axes, traces.items()):
        panel.plot(trace["time"] * 1e3, trace["reflection"], label="reflection")
        panel.plot(trace["time"] * 1e3, trace["piezo"], label="piezo")
        panel.set(title=name, xlabel="time (ms)", ylabel="V", xlim=(0, 100))
        panel.legend()
    figure.savefig(tmp_path / "lock.png")

    assert lock["reflection"] == pytest.approx([LOCKED, FAR], abs=0.03)
    assert lock["pdh"][1] > 0.2 and lock["pdh"][0] < -0.2

    assert lock["locked"] is True
    assert traces["acquisition"]["reflection"].max() > FAR - 0.05
    assert traces["acquisition"]["reflection"][-1000:] == pytest.approx(LOCKED, abs=0.03)

    assert lock["stayed"] is True
    assert lock["stayed_when_pushed"] is False

    relock = traces["relock"]
    assert relock["reflection"].max() > FAR - 0.05, "the disturbance did not push it out of lock"
    assert relock["piezo"].max() == pytest.approx(0.3, abs=0.02), "the sequence did not start again"
    assert relock["reflection"][-1000:] == pytest.approx(LOCKED, abs=0.03)
    assert lock["locked_again"] is True
