"""Poles and zeros of PyRPL's IIR filter as text, and how many stages of the FPGA a filter needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..refused import Refused

STAGES = 14
"""The second-order stages that PyRPL's FPGA image has (its register IIRSTAGES)."""

Numbers = Sequence[complex]


def parsed(text: str) -> list[complex | float]:
    """The poles or zeros in `text`, in Hz, such as "-100+50000j, -1e4"; real ones as float.

    Of a complex number and its conjugate only the one with the positive imaginary part is returned: PyRPL
    adds the other. Raises Refused for anything else than numbers.
    """
    numbers: list[complex | float] = []
    unpaired: list[complex] = []
    for word in filter(str.strip, text.replace(";", ",").split(",")):
        number = _number(word)
        if not number.imag:
            numbers.append(number.real)
        elif number.conjugate() in unpaired:
            unpaired.remove(number.conjugate())
        else:
            unpaired.append(number)
            numbers.append(complex(number.real, abs(number.imag)))
    return numbers


def text_of(numbers: Iterable[complex]) -> str:
    """Poles or zeros as text that `parsed` reads."""
    return ", ".join(
        f"{number.real:.10g}{number.imag:+.10g}j" if number.imag else f"{number.real:.10g}"
        for number in map(complex, numbers)
    )


def stages(zeros: Numbers, poles: Numbers) -> int:
    """How many second-order stages PyRPL needs for a filter (`IirFilter.proper_sys`).

    A complex pole stands for itself and its conjugate, a real one takes half a stage. PyRPL adds real poles
    until there are more poles than zeros.
    """
    order = _order(poles)
    return math.ceil((order + max(0, _order(zeros) - order + 1)) / 2)


def require_possible(zeros: Numbers, poles: Numbers) -> None:
    """Raise Refused for a filter that PyRPL cannot make.

    PyRPL switches the present filter off before it finds out.
    """
    if (needed := stages(zeros, poles)) > STAGES:
        raise Refused(
            f"the filter needs {needed} stages of second order, and the FPGA has {STAGES}; nothing was sent",
            "a pair of complex poles takes one stage, a real pole half of one",
        )
    if len(set(poles)) < len(poles):
        raise Refused(
            "PyRPL cannot make a filter with two equal poles; nothing was sent", "move one a little"
        )


def _number(word: str) -> complex:
    try:
        number = complex("".join(word.split()).replace("i", "j"))
    except ValueError:
        number = complex(math.nan)
    if not (math.isfinite(number.real) and math.isfinite(number.imag)):
        raise Refused(
            f"{word.strip()!r} is no pole or zero; nothing was sent", "write them as in -100+50000j, -1e4"
        )
    return number


def _order(numbers: Numbers) -> int:
    return sum(2 if complex(number).imag else 1 for number in numbers)
