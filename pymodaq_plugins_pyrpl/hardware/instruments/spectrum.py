"""The mathematics of spectra: units, fewer points, the cross spectrum.

PyRPL's spectrum analyser returns powers in Vpk^2: a sine of amplitude A is a peak of the height A^2. Its
resolution bandwidth `rbw` is the equivalent noise bandwidth of the window, so that white noise with the
one-sided density S, in Vrms^2/Hz, has the power 2 S rbw.
"""

from __future__ import annotations

import numpy as np

from ..schema_file import attribute

UNITS: tuple[str, ...] = tuple(attribute("spectrumanalyzer", "display_unit")["options"])
"""What a spectrum can be shown in, with PyRPL's names."""

SMALLEST = 1e-30
"""The power that decibels are computed for in place of a smaller one."""


def is_density(unit: str) -> bool:
    """Whether `unit` (of UNITS) is per bandwidth, as it is used for noise."""
    return "Hz" in unit


def converted(power: np.ndarray, unit: str, rbw: float) -> np.ndarray:
    """`power`, in Vpk^2, in `unit` (of UNITS); `rbw` in Hz.

    PyRPL's own "Vrms/sqrt(Hz)" divides by rbw, where this divides by its root.
    """
    if "rms" in unit:
        power = power / 2
    if is_density(unit):
        power = power / rbw
    if unit.startswith("dB"):
        return 10 * np.log10(np.maximum(power, SMALLEST))
    return power if "^2" in unit else np.sqrt(power)


def physical_unit(unit: str, volt: str = "V") -> str:
    """The unit that PyMoDAQ's data have for `unit` (of UNITS), of a signal that is measured in `volt`."""
    if unit.startswith("dB"):
        return "dB"
    one = volt if volt.isidentifier() else f"({volt})"
    if "^2" in unit:
        return f"{one}**2/Hz" if is_density(unit) else f"{one}**2"
    return f"{one}/Hz**0.5" if is_density(unit) else volt


def labelled(unit: str, volt: str = "V") -> str:
    """The name of `unit` (of UNITS) for a label, of a signal that is measured in `volt`."""
    return unit.replace("V", volt, 1)


class Groups:
    """Groups of neighbouring points of a spectrum, each of which becomes one point.

    The zero-padded spectra of PyRPL have up to 262,144 points. A group is centred on its frequency; the
    number of points in it is a power of two, so that the frequency 0, or the centre, is that of a group.
    """

    def __init__(self, length: int, most: int):
        """`length` of the spectrum, of which at most about `most` points shall remain."""
        size = 1
        while (length - 1) / size > max(most, 1):
            size *= 2
        self._centres = np.arange(0, length, size)
        self._starts = np.maximum(self._centres - size // 2, 0)
        self._counts = np.diff(np.append(self._starts, length))

    def centres(self, frequencies: np.ndarray) -> np.ndarray:
        """The frequency of each group."""
        return frequencies[self._centres]

    def highest(self, spectrum: np.ndarray) -> np.ndarray:
        """Peak hold: of each group the value whose magnitude is the highest. `spectrum` may be complex."""
        size = np.abs(spectrum)
        highest = np.repeat(np.maximum.reduceat(size, self._starts), self._counts)
        at = np.flatnonzero(size == highest)
        _, first = np.unique(np.searchsorted(self._starts, at, side="right"), return_index=True)
        return spectrum[at[first]]

    def mean(self, spectrum: np.ndarray) -> np.ndarray:
        """The mean of each group. For powers: the level of noise, which peak hold would show too high."""
        return np.add.reduceat(spectrum, self._starts) / self._counts


def thinned(spectrum: np.ndarray, groups: Groups, unit: str) -> np.ndarray:
    """One value for each of `groups` of powers, or of a complex cross spectrum.

    It is the highest of the group for a line; for a density, which is that of noise, it is the mean.
    """
    return groups.mean(spectrum) if is_density(unit) else groups.highest(spectrum)
