"""A damped resonance, cycle by cycle: in an electric circuit, or of a mirror on its piezo."""

from __future__ import annotations

import math

from numba import njit

from .plant import CYCLE

RESONANCE_HERTZ = (1e-3, 5e6)
"""The limits of the frequency of a resonance, in Hz. With those of its quality, `second_order` is stable."""

QUALITY = (0.2, 1e9)
"""The limits of the quality factor of a resonance."""


@njit
def second_order(position, velocity, target, frequency, quality):
    """Compute one cycle of a damped resonance driven to `target`; returns position and velocity (per cycle).

    frequency in Hz; quality: its quality factor.
    """
    omega = 2 * math.pi * frequency * CYCLE
    velocity += omega * omega * (target - position) - omega / quality * velocity
    return position + velocity, velocity
