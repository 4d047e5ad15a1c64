"""Values with their units as a person reads and types them, in PyMoDAQ's settings and in the panel.

What these functions write, `pyrpl_remote.typed_values` reads.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pyrpl_remote.typed_values import SCALED

PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
"""The prefixes of units by their powers of ten."""

SYMBOLS = {"degree": "°"}
"""Units that are shown by a symbol of their own."""

DIGITS = 6
"""How many significant digits of a number are shown."""


def quantity(value: float, unit: str, digits: int | None = DIGITS) -> str:
    """A number with its unit, as "131.072 µs"; `digits` None: with all its digits."""
    number = Decimal(repr(value))
    if not number.is_finite():
        return f"{value} {SYMBOLS.get(unit, unit)}".rstrip()
    if unit not in SCALED:
        return f"{_plain(number, digits)} {SYMBOLS.get(unit, unit)}".rstrip()
    base, own = SCALED[unit]
    number = rounded(number, digits).scaleb(own)
    power = min(max(number.adjusted() // 3 * 3, min(PREFIXES)), max(PREFIXES)) if number else 0
    return f"{_plain(number.scaleb(-power), digits)} {PREFIXES[power]}{base}"


def rounded(number: Decimal, digits: int | None) -> Decimal:
    """The number with so many significant digits."""
    return number if digits is None else Decimal(f"{number:.{digits - 1}e}")


def _plain(number: Decimal, digits: int | None) -> str:
    """The number without a power of ten where that can be read."""
    number = rounded(number, digits)
    if number and not -6 <= number.adjusted() < 15:
        return str(number.normalize()).lower()
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def labelled(options: list[Any], unit: str) -> list[Any] | dict[str, Any]:
    """`options` with their labels, as in {"131.072 µs": 0.000131072}, if they are numbers with a unit.

    Other options are returned unchanged.
    """
    if not unit:
        return options
    return {quantity(option, unit): option for option in options}
