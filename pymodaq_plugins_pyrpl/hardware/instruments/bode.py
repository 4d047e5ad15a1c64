"""Bode plots: a complex response as decibels and degrees, in two viewers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import Axis

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


def bode_data(axis: Axis, responses: Mapping[str, np.ndarray], unwrap: bool = False) -> list[DataFromPlugins]:
    """Magnitude and phase of complex `responses`, by label, over `axis`."""

    def data(name: str, unit: str, values: list[np.ndarray]) -> DataFromPlugins:
        labels = [f"{label} ({unit})" for label in responses]
        return DataFromPlugins(name=name, data=values, dim="Data1D", labels=labels, units=unit, axes=[axis])

    return [
        data("Magnitude", "dB", [decibels(response) for response in responses.values()]),
        data("Phase", "degree", [degrees(response, unwrap) for response in responses.values()]),
    ]


def frequency_axis(frequencies: np.ndarray) -> Axis:
    """The axis of a response, in Hz."""
    return Axis(label="Frequency", units="Hz", data=frequencies, index=0)


def time_axis(times: np.ndarray) -> Axis:
    """The axis of a response at one frequency, in s."""
    return Axis(label="Time", units="s", data=times, index=0)
