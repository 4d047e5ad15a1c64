"""A lock to try without hardware: a virtual Red Pitaya with a Fabry-Perot cavity, and PyRPL's lockbox for it.

`open_cavity` starts the board, `set_up` configures the lockbox, `push` pushes it out of lock. All else is
PyRPL's: `p.lockbox.sweep()`, `calibrate_all()`, `lock()`. The command `pyrpl-remote demo --lock` and the
panel use it. Every function makes remote calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import settings

if TYPE_CHECKING:
    from .client.proxies.board_types import Pyrpl

NAME = "virtual_cavity"
"""The name of the board, and of its PyRPL configuration."""

RANGE_VOLTS = 0.7
"""Of the plant `cavity`: the piezo voltage from one resonance to the next."""

FINESSE = 20
BANDWIDTH_HERTZ = 200e3
"""Of the same plant: finesse, and half linewidth."""

OFFSET = 0.1
"""Of the same plant: the piezo voltage of a resonance."""

SPEED_OF_LIGHT = 2.998e8
"""In m/s, with the digits that PyRPL's lockbox uses."""

STATUS_SECONDS = 0.1
"""How often PyRPL looks whether the lock is held."""


def open_cavity(name: str = NAME, **options: Any) -> Pyrpl:
    """Connect to the virtual board with the cavity, which is started if it does not run.

    `name` is that of the board, and of its configuration; `options` are those of `connect`. Returns the
    board's proxy. Raises the errors of `connect`.
    """
    from . import connect  # not at the top: the package has it from its first use on

    return connect(name, hostname=settings.VIRTUAL, plant="cavity", **options)


PDH = 0.5
"""The amplitude of the phase modulation for the Pound-Drever-Hall signal, in V."""

STAGES = ("reflection", 1.5), ("pdh", 0.0)
"""Input and set point, in bandwidths, of the stages: the side of the reflection's dip, then its middle."""


def set_up(
    p: Any,
    *,
    stages: Sequence[tuple[str, float]] = STAGES,
    stage_seconds: float = 0.2,
    modulation: float = PDH,
    unity_gain_hertz: float = 500.0,
    status_seconds: float = STATUS_SECONDS,
) -> None:
    """Configure the lockbox of `p`: reflection, transmission, Pound-Drever-Hall signal, piezo, the stages.

    Nothing moves yet: it is unlocked afterwards, and not calibrated. `stages`: input and set point of each;
    `stage_seconds`: the duration of each; `modulation`: the amplitude at "out2" for the Pound-Drever-Hall
    signal, in V; with 0 there is none, and its input is left as it is; `unity_gain_hertz`: of the loop;
    `status_seconds`: how often PyRPL looks whether the lock is held.
    """
    p.lockbox.unlock()
    p.lockbox.classname = "FabryPerot"
    lockbox = p.lockbox
    lockbox.setup(
        finesse=FINESSE,
        round_trip_length=SPEED_OF_LIGHT / (2 * FINESSE * BANDWIDTH_HERTZ),
        setpoint_unit="bandwidth",
        lockstatus_interval=status_seconds,
        auto_lock=False,
    )
    lockbox.inputs.reflection.input_signal = "in1"
    lockbox.inputs.transmission.input_signal = "in2"
    if modulation:
        lockbox.inputs.pdh.setup(
            input_signal="in1",
            # its sidebands are nearer than the middle between two resonances: pushed there, it stays there
            mod_freq=2e6,
            mod_amp=modulation,
            mod_phase=233,
            mod_output="out2",
            bandwidth=[1e5, 1e5],
            quadrature_factor=4,
        )
    lockbox.outputs.piezo.setup(
        output_channel="out1",
        unit="m/V",
        # negative: a higher voltage shortens the cavity
        dc_gain=-lockbox.wavelength / 2 / RANGE_VOLTS,
        desired_unity_gain_frequency=unity_gain_hertz,
        analog_filter_cutoff=0,
        sweep_amplitude=0.5,
        sweep_offset=OFFSET,
        sweep_frequency=50,
        sweep_waveform="ramp",
    )
    lockbox.sequence = [
        {"input": name, "setpoint": setpoint, "duration": stage_seconds} for name, setpoint in stages
    ]
    for number, stage in enumerate(lockbox.sequence):
        stage.outputs.piezo.setup(lock_on=True, reset_offset=number == 0, offset=0.3)


def push(p: Any) -> None:
    """Push the cavity of the board `p` out of lock: kick its piezo half the way to the next resonance.

    That is RANGE_VOLTS / 2 at out1. There the error signal is zero, and the loop stays there. Whether the
    lock is lost is PyRPL's to see.
    """
    pid = p.lockbox.outputs.piezo.pid
    volts = pid.ival
    # towards the middle of the output's range
    pid.ival = volts - RANGE_VOLTS / 2 if volts > 0 else volts + RANGE_VOLTS / 2


def resonant(p: Any) -> bool:
    """Whether the cavity of the board `p` is on resonance, which must be calibrated.

    It is if it transmits more than the middle of the calibrated range.
    """
    transmission = p.lockbox.inputs.transmission
    low, high = (getattr(transmission.calibration_data, name) for name in ("min", "max"))
    return bool(transmission.mean > (low + high) / 2)
