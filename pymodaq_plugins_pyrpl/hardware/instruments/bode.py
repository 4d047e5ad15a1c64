"""Bode plots: a complex response as decibels and degrees. The panel uses it without PyMoDAQ."""

from __future__ import annotations

import numpy as np

SMALLEST = 1e-15
"""The magnitude that decibels are computed for in place of a smaller one."""


def decibels(response: np.ndarray) -> np.ndarray:
    """The magnitude of a complex response, in dB: 0 dB is a magnitude of 1; -300 dB stands for less."""
    return 20 * np.log10(np.maximum(np.abs(response), SMALLEST))


def degrees(response: np.ndarray, unwrap: bool = False) -> np.ndarray:
    """The phase of a complex response, in degrees: -180 to 180, or without jumps if `unwrap`.

    The phase of a delay is negative. Without jumps it is right where it changes by less than 180 degrees from
    point to point.
    """
    phase = np.angle(response)
    return np.degrees(np.unwrap(phase) if unwrap else phase)
