"""Bode plots as PyMoDAQ's data, in two viewers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import Axis

from .bode import decibels, degrees


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
