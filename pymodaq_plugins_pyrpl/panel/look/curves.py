"""`Curves`: what one frame of an acquisition shows, with its units and the settings it was taken with."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...hardware.instruments.spectrum import converted, is_density
from .reduction import XY, Reduction


class Trace:
    """One curve of a plot.

    `label` names it, `unit` is that of its `values`, of shape (n,), which are nan where nothing is measured
    yet.
    """

    def __init__(self, label: str, unit: str, values: np.ndarray):
        self.label, self.unit = label, unit
        self._values = values

    @property
    def values(self) -> np.ndarray:
        """All of its points."""
        return self._values

    def reduced(self, reduction: Reduction) -> XY:
        """What a plot draws of it: abscissa and values."""
        return reduction.envelope(self._values)


class SpectrumTrace(Trace):
    """A spectrum, whose values are computed where they are needed: it has up to 262,144 points."""

    def __init__(self, label: str, unit: str, power: np.ndarray, rbw: float):
        """`power`: in Vpk^2, shape (n,); `unit`: one of spectrum.UNITS; `rbw`: resolution bandwidth in Hz."""
        super().__init__(label, unit, power)
        self._rbw = rbw

    @functools.cached_property
    def _converted(self) -> np.ndarray:
        return converted(self._values, self.unit, self._rbw)

    @property
    def values(self) -> np.ndarray:
        """All of its points, in `unit`."""
        return self._converted

    def reduced(self, reduction: Reduction) -> XY:
        """The highest of each group for lines, the mean of the powers for a density: that of noise."""
        x, power = (reduction.mean if is_density(self.unit) else reduction.highest)(self._values)
        return x, converted(power, self.unit, self._rbw)


@dataclass(frozen=True, eq=False)
class Curves:
    """What one frame of an acquisition shows.

    `x`: the abscissa, shape (n,), ascending, in `x_unit`; `plots`: the traces of each plot, one plot above
    the other; `settings`: those of the module when the frame was taken; `taken`: when it came, in s since the
    epoch; `extra`: columns that a file has beside the traces, by name; `note`: what the status line says of
    it.
    """

    x: np.ndarray
    x_label: str
    x_unit: str
    plots: tuple[tuple[Trace, ...], ...]
    settings: Mapping[str, Any]
    taken: float
    extra: Mapping[str, np.ndarray] = field(default_factory=dict)
    note: str = ""

    @property
    def traces(self) -> list[Trace]:
        """The traces of all plots."""
        return [trace for plot in self.plots for trace in plot]
