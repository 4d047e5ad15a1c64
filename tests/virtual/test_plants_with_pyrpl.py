"""PyRPL's network analyser and lockbox measure the response of the plants on a running board."""

from __future__ import annotations

import numpy as np
import pytest


def transfer(
    launch_board, run_pyrpl, plant: str, start: float, stop: float, points: int
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies in Hz, and absolute transfer function from out1 to in1, from PyRPL's network analyser."""
    seen = run_pyrpl(
        launch_board("--plant", plant),
        f"""
        na = p.networkanalyzer
        na.sleeptimes = 3  # else its filters have not settled after a point on resonance
        na.setup(start_freq={start}, stop_freq={stop}, points={points}, logscale=True, rbw=1000,
                 average_per_point=1, trace_average=1, amplitude=0.1, input="in1", output_direct="out1",
                 acbandwidth=0)
        curve = na.single(timeout=60)
        report(frequencies=na.frequencies.tolist(), size=np.abs(curve).tolist())
        """,
    )
    return np.array(seen["frequencies"]), np.array(seen["size"])


def test_the_low_pass_falls_above_its_cutoff(launch_board, run_pyrpl):
    frequencies, size = transfer(launch_board, run_pyrpl, "lowpass", 1e4, 1e6, 9)
    assert size == pytest.approx(1 / np.sqrt(1 + (frequencies / 100e3) ** 2), rel=0.03)


def test_the_resonator_resonates_at_its_frequency_with_its_quality(launch_board, run_pyrpl):
    frequencies, size = transfer(launch_board, run_pyrpl, "resonator", 20e3, 125e3, 9)
    relative = frequencies / 50e3
    assert frequencies[4] == pytest.approx(50e3, rel=1e-3)
    assert size == pytest.approx(0.1 / np.abs(1 - relative**2 + 1j * relative / 20), rel=0.05)


def test_the_lockbox_locks_the_interferometer_at_any_phase(launch_board, run_pyrpl):
    seen = run_pyrpl(
        launch_board("--plant", "interferometer"),
        """
        p.lockbox.classname = "Interferometer"
        lockbox = p.lockbox
        lockbox.inputs.port1.input_signal = "in1"
        lockbox.inputs.port2.input_signal = "in2"
        piezo = lockbox.outputs.piezo
        piezo.setup(output_channel="out1", unit="m/V", dc_gain=-lockbox.wavelength / 2 / 0.7,
                    desired_unity_gain_frequency=500, analog_filter_cutoff=0,
                    sweep_amplitude=0.6, sweep_offset=0, sweep_frequency=50, sweep_waveform="ramp")
        lockbox.calibrate_all(timeout_min=20)
        lockbox.sequence = [{"input": "port1", "setpoint": 0, "duration": 0.1}]
        lockbox.sequence[0].outputs.piezo.setup(lock_on=True, reset_offset=True, offset=0.1)
        ports = {}
        for phase in (0, 40, -40):
            lockbox.sequence[0].setpoint = phase
            locked = lockbox.lock()
            ports[phase] = [locked, lockbox.inputs.port1.mean, lockbox.inputs.port2.mean]
        report(ports=ports)
        """,
    )
    for phase, (locked, port1, port2) in seen["ports"].items():
        swing = 0.9 * np.sin(np.radians(int(phase)))
        assert locked
        assert [port1, port2] == pytest.approx([0.4 * (1 + swing), 0.4 * (1 - swing)], abs=0.02)
