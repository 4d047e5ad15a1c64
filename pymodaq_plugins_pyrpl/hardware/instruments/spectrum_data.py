"""Spectra of PyRPL's spectrum analyser as PyMoDAQ's data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pymodaq.utils.data import DataFromPlugins
from pymodaq_data.data import Axis

from .bode import degrees
from .bode_data import frequency_axis
from .scope_users import NOTE_PARAM
from .spectrum import UNITS, Groups, converted, labelled, physical_unit, thinned

DEPENDS = (
    "baseband",
    "input",
    "input1_baseband",
    "input2_baseband",
    "rbw",
    "span",
    "window",
    "center",
    "trace_average",
    "duration",
)
"""The attributes of the analyser on which a spectrum depends."""

NOISE_UNIT = "Vrms/sqrt(Hz)"

SPECTRUM_PARAMS = [
    {"title": "Unit:", "name": "unit", "type": "list", "limits": list(UNITS), "value": NOISE_UNIT},
    {
        "title": "Points:",
        "name": "points",
        "type": "int",
        "value": 8192,
        "min": 2,
        "tip": "About how many points are shown and saved, of up to 262,144. Each shows the highest of its "
        "neighbours or, in a unit per bandwidth, the mean of their powers.",
    },
    {"title": "Cross spectrum:", "name": "cross", "type": "bool", "value": True},
    {
        "title": "Wait for the scope:",
        "name": "patience",
        "type": "float",
        "value": 5.0,
        "min": 0.0,
        "suffix": "s",
        "tip": "How long a Snap waits for its turn, in addition to the duration of its curves.",
    },
    NOTE_PARAM,
]
"""The settings of the plugin itself."""

Scale = Callable[[str, float], tuple[float, str]]


def spectrum_data(
    analyser: Mapping[str, Any],
    frequencies: np.ndarray,
    powers: np.ndarray,
    scale: Scale,
    unit: str,
    points: int,
    cross: bool,
) -> list[DataFromPlugins]:
    """Data for the viewers from a curve of the analyser, whose attributes DEPENDS are in `analyser`.

    `powers` as PyRPL has them, in Vpk^2: of shape (4, n) in baseband, with the real and the imaginary part of
    the cross spectrum, else (n,). `scale(signal, volts)` returns the value of a signal and its unit. `unit`
    is one of spectrum.UNITS; about `points` points are left. `cross`: with the cross spectrum.
    """
    groups = Groups(powers.shape[-1], points)
    axis = frequency_axis(groups.centres(frequencies))
    rbw = float(np.ravel(analyser["rbw"])[0])
    if not analyser["baseband"]:
        return _spectra({"": (analyser["input"], powers)}, groups, axis, scale, unit, rbw)
    inputs = analyser["input1_baseband"], analyser["input2_baseband"]
    channels = {"Ch1 ": (inputs[0], powers[0]), "Ch2 ": (inputs[1], powers[1])}
    data = _spectra(channels, groups, axis, scale, unit, rbw)
    if cross:
        (factor1, volt1), (factor2, volt2) = (scale(name, 1.0) for name in inputs)
        volt = volt1 if volt1 == volt2 else f"({volt1}*{volt2})**0.5"
        both = thinned((powers[2] + 1j * powers[3]) * factor1 * factor2, groups, unit)
        label = " x ".join(inputs)
        size = converted(np.abs(both), unit, rbw)
        data.append(_data("Cross spectrum", [size], [f"{label} ({labelled(unit, volt)})"], unit, volt, axis))
        phase = DataFromPlugins(
            name="Cross phase",
            data=[degrees(both)],
            dim="Data1D",
            labels=[f"{label} (degree)"],
            units="degree",
            axes=[axis],
        )
        data.append(phase)
    return data


def _spectra(
    channels: Mapping[str, tuple[str, np.ndarray]],
    groups: Groups,
    axis: Axis,
    scale: Scale,
    unit: str,
    rbw: float,
) -> list[DataFromPlugins]:
    """The spectra of inputs with their powers. Inputs with different units have viewers of their own."""
    viewers: dict[str, tuple[list[np.ndarray], list[str]]] = {}
    for title, (name, power) in channels.items():
        factor, volt = scale(name, 1.0)
        values, labels = viewers.setdefault(volt, ([], []))
        values.append(converted(thinned(power * factor**2, groups, unit), unit, rbw))
        labels.append(f"{title}{name} ({labelled(unit, volt)})")
    return [
        _data(f"Spectrum {number}" if number > 1 else "Spectrum", values, labels, unit, volt, axis)
        for number, (volt, (values, labels)) in enumerate(viewers.items(), 1)
    ]


def _data(
    name: str, values: list[np.ndarray], labels: list[str], unit: str, volt: str, axis: Axis
) -> DataFromPlugins:
    units = physical_unit(unit, volt)
    return DataFromPlugins(name=name, data=values, dim="Data1D", labels=labels, units=units, axes=[axis])
