"""A lockbox that locks the virtual board's cavity, and pushes that it cannot follow."""

from __future__ import annotations

from typing import Any

from pyrpl_remote import virtual_cavity
from pyrpl_remote.virtual.control import BoardControl

DEPTH = 0.8
"""The share of the reflection that is missing on resonance; 0 with misaligned mirrors."""

PUSH = virtual_cavity.RANGE_VOLTS / 2
"""Half of the way to the next resonance, where the error signal is zero: no loop follows."""


def set_up(p: Any, duration: float = 0.05, unity_gain_hertz: float = 500) -> None:
    """Set up the lockbox of `p` for the cavity, and calibrate it; each stage lasts `duration` s."""
    virtual_cavity.set_up(
        p,
        stage_seconds=duration,
        unity_gain_hertz=unity_gain_hertz,
        status_seconds=1.0,  # PyRPL's own interval
    )
    p.lockbox.calibrate_all(timeout_min=20)
    p.lockbox.unlock()


class Pusher:
    """Pushes the cavity of a virtual board out of lock."""

    def __init__(self, control: BoardControl) -> None:
        self._control = control
        self._pushed = False

    def push(self, **parameters: float) -> None:
        """Move the resonance by PUSH, and the next time back; set other parameters of the plant with it."""
        self._pushed = not self._pushed
        offset = virtual_cavity.OFFSET + (PUSH if self._pushed else 0.0)
        self._control.plant_parameters(offset=offset, **parameters)
