"""What two cursors read: values with their units, differences, 1/dt, ratios in dB."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

import numpy as np
from pyqtgraph import siFormat

from .curves import Curves

NO_PREFIX = ("dB", "degree")
"""Units that take no SI prefix; nor do squares, of which 1 m(V^2) would be read as (mV)^2."""


def takes_prefix(unit: str) -> bool:
    """Whether a value in `unit` is shown with an SI prefix."""
    return not unit.startswith(NO_PREFIX) and "^2" not in unit


def shown(value: float, unit: str) -> str:
    """A value as text, as "1.2346 ms"; "" if there is none."""
    if not math.isfinite(value):
        return ""
    if takes_prefix(unit):
        text: str = siFormat(value, precision=6, suffix=unit)
        return text
    return f"{value:.6g} {unit}"


def ratio(first: float, second: float, unit: str) -> str:
    """`second` over `first` in dB, of values in `unit`; "" for decibels and angles, and for a ratio of 0."""
    if unit.startswith(NO_PREFIX) or not first or not second or not math.isfinite(first * second):
        return ""
    factor = 10 if "^2" in unit else 20
    return f"{factor * math.log10(abs(second / first)):.3f} dB"


def inverse(difference: float, unit: str) -> str:
    """1/difference: a frequency for a time, a time for a frequency; "" if the difference is 0."""
    other = {"s": "Hz", "Hz": "s"}.get(unit)
    return shown(1 / abs(difference), other) if other and difference else ""


@dataclass(frozen=True)
class Row:
    """One line of readings: at the first cursor, at the second, their difference, and 1/difference or dB."""

    name: str
    first: str
    second: str
    difference: str
    last: str = ""


def rows(curves: Curves, first: float, second: float, levels: list[tuple[float, float]]) -> list[Row]:
    """What the cursors read.

    `first` and `second`: where the vertical ones stand; `levels`: of each plot, where its horizontal ones
    stand.
    """
    unit = curves.x_unit
    difference = second - first
    found = [
        Row(
            curves.x_label,
            shown(first, unit),
            shown(second, unit),
            shown(difference, unit),
            inverse(difference, unit),
        )
    ]
    for trace in curves.traces:
        one, two = (value_at(curves.x, trace.values, x) for x in (first, second))
        found.append(_row(trace.label, one, two, trace.unit))
    for number, (traces, (one, two)) in enumerate(zip(curves.plots, levels)):
        name = "Levels" if number == 0 else f"Levels {number + 1}"
        found.append(_row(name, one, two, traces[0].unit if traces else ""))
    return found


def _row(name: str, one: float, two: float, unit: str) -> Row:
    return Row(name, shown(one, unit), shown(two, unit), shown(two - one, unit), ratio(one, two, unit))


def value_at(x: np.ndarray, values: np.ndarray, where: float) -> float:
    """The value of the measured point that is nearest to `where`; nan outside of what is measured."""
    if not len(x) or not x[0] <= where <= x[-1]:
        return math.nan
    right = int(np.searchsorted(x, where))
    left = max(right - 1, 0)
    nearest = left if where - x[left] <= x[right] - where else right
    return float(values[nearest])


def as_table(found: list[Row]) -> str:
    """The rows as a table in HTML, for a label."""
    head = "".join(
        f"<th align='right'>&nbsp;&nbsp;{text}</th>" for text in ("", "A", "B", "B - A", "1/Δ, dB")
    )
    lines = [f"<tr>{head}</tr>"]
    for row in found:
        cells = (row.first, row.second, row.difference, row.last)
        numbers = "".join(f"<td align='right'>&nbsp;&nbsp;{html.escape(cell)}</td>" for cell in cells)
        lines.append(f"<tr><td>{html.escape(row.name)}</td>{numbers}</tr>")
    return f"<table>{''.join(lines)}</table>"
