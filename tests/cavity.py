"""A lockbox that locks the virtual board's cavity, and pushes that it cannot follow."""

from __future__ import annotations

from typing import Any

from pyrpl_remote.virtual.control import BoardControl

RANGE_VOLTS, FINESSE, BANDWIDTH = 0.7, 20, 200e3
"""Of the plant `cavity`: V from one resonance to the next, finesse, half linewidth in Hz."""

OFFSET = 0.1
"""The plant's piezo voltage of a resonance."""

DEPTH = 0.8
"""The share of the reflection that is missing on resonance; 0 with misaligned mirrors."""

PUSH = RANGE_VOLTS / 2
"""Half of the way to the next resonance, where the error signal is zero: no loop follows."""


def set_up(p: Any, duration: float = 0.05, unity_gain_hertz: float = 500) -> None:
    """Set up the lockbox of `p` for the cavity, and calibrate it; each stage lasts `duration` s."""
    p.lockbox.classname = "FabryPerot"
    lockbox, piezo = p.lockbox, p.lockbox.outputs.piezo
    lockbox.setup(finesse=FINESSE, round_trip_length=2.998e8 / (2 * FINESSE * BANDWIDTH))
    lockbox.inputs.reflection.input_signal = "in1"
    lockbox.inputs.transmission.input_signal = "in2"
    lockbox.inputs.pdh.setup(
        input_signal="in1",
        mod_freq=5e6,
        mod_amp=0.5,
        mod_phase=150,
        mod_output="out2",
        bandwidth=[1e5, 1e5],
        quadrature_factor=4,
    )
    piezo.setup(
        output_channel="out1",
        unit="m/V",
        dc_gain=-lockbox.wavelength / 2 / RANGE_VOLTS,
        desired_unity_gain_frequency=unity_gain_hertz,
        analog_filter_cutoff=0,
        sweep_amplitude=0.5,
        sweep_offset=OFFSET,
        sweep_frequency=50,
        sweep_waveform="ramp",
    )
    lockbox.calibrate_all(timeout_min=20)
    lockbox.sequence = [
        {"input": "reflection", "setpoint": 1.5, "duration": duration},
        {"input": "pdh", "setpoint": 0, "duration": duration},
    ]
    lockbox.sequence[0].outputs.piezo.setup(lock_on=True, reset_offset=True, offset=0.3)
    lockbox.sequence[1].outputs.piezo.setup(lock_on=True, reset_offset=False)
    lockbox.unlock()


class Pusher:
    """Pushes the cavity of a virtual board out of lock."""

    def __init__(self, control: BoardControl) -> None:
        self._control = control
        self._pushed = False

    def push(self, **parameters: float) -> None:
        """Move the resonance by PUSH, and the next time back; set other parameters of the plant with it."""
        self._pushed = not self._pushed
        offset = OFFSET + (PUSH if self._pushed else 0.0)
        self._control.plant_parameters(offset=offset, **parameters)
