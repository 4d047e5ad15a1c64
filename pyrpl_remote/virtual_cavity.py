"""A lock to try without hardware: a virtual Red Pitaya with a Fabry-Perot cavity, and PyRPL's lockbox for it.

`open_cavity` starts the board, `set_up` configures the lockbox, `push` pushes it out of lock. All else is
PyRPL's: `p.lockbox.sweep()`, `calibrate_all()`, `lock()`. The command `pyrpl-remote demo --lock` and the
panel use it. Every function makes remote calls.
"""

from __future__ import annotations

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


def set_up(p: Any) -> None:
    """Configure the lockbox of the board `p`: reflection, transmission and Pound-Drever-Hall signal, piezo.

    It has two stages. The first stage locks to the side of the reflection's dip, the second one to its middle
    by the Pound-Drever-Hall signal. Nothing moves yet: it is unlocked afterwards.
    """
    p.lockbox.unlock()
    p.lockbox.classname = "FabryPerot"
    lockbox = p.lockbox
    lockbox.setup(
        finesse=FINESSE,
        round_trip_length=SPEED_OF_LIGHT / (2 * FINESSE * BANDWIDTH_HERTZ),
        setpoint_unit="bandwidth",
        lockstatus_interval=STATUS_SECONDS,
        auto_lock=False,
    )
    lockbox.inputs.reflection.input_signal = "in1"
    lockbox.inputs.transmission.input_signal = "in2"
    lockbox.inputs.pdh.setup(
        input_signal="in1",
        # its sidebands are nearer than the middle between two resonances: pushed there, it stays there
        mod_freq=2e6,
        mod_amp=0.5,
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
        desired_unity_gain_frequency=500,
        analog_filter_cutoff=0,
        sweep_amplitude=0.5,
        sweep_offset=0.1,
        sweep_frequency=50,
        sweep_waveform="ramp",
    )
    lockbox.sequence = [
        {"input": "reflection", "setpoint": 1.5, "duration": 0.2},
        {"input": "pdh", "setpoint": 0, "duration": 0.2},
    ]
    lockbox.sequence[0].outputs.piezo.setup(lock_on=True, reset_offset=True, offset=0.3)
    lockbox.sequence[1].outputs.piezo.setup(lock_on=True, reset_offset=False)


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
