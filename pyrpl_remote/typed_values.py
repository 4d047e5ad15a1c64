"""Values as a person types them: makes of a text the value that an attribute of PyRPL takes.

The schema says the kind, unit and options of each attribute. Nothing is evaluated, and a text that is no
value of the attribute is an error, before anything is sent.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from .errors import BadValue
from .schema import Attribute

TRUTH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
"""The words for a truth value, in lower case."""

PREFIXES = {"p": -12, "n": -9, "u": -6, "\N{MICRO SIGN}": -6, "\N{GREEK SMALL LETTER MU}": -6, "m": -3}
PREFIXES |= {"k": 3, "K": 3, "M": 6, "G": 9}
"""The powers of ten of the prefixes of units."""

SCALED = {"Hz": ("Hz", 0), "s": ("s", 0), "us": ("s", -6), "V": ("V", 0)}
"""For each unit of the schema that takes prefixes: its name without one, and its power of ten."""

SPELLINGS = {"degree": ("deg", "degree", "degrees", "\N{DEGREE SIGN}"), "cycles": ("cycle", "cycles")}
"""For each unit of the schema that takes no prefix: how it may be written."""

_DIGITS = r"(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"([+-]?{_DIGITS})\s*([^\W\d_]\w*|\N{{DEGREE SIGN}})?")
_IMAGINARY_FIRST = re.compile(rf"([+-]?{_DIGITS}j)([+-]{_DIGITS})")


def value_for(attribute: Attribute, text: str, options: list[Any], present: Callable[[], Any]) -> Any:
    """The value that `text` means for `attribute`. Raises BadValue.

    `options` are those that the attribute takes now. `present()` reads its present value, which says the type
    of an attribute for which PyRPL declares none.
    """
    text = text.strip()
    for option in options:
        word = TRUTH.get(text.lower()) is option if isinstance(option, bool) else text == str(option)
        if word:
            return option
    kind = attribute.kind if attribute.kind != "data" else _kind_of(present())
    if kind == "string" or (kind == "select" and not _all_numbers(options)):
        return _text(text)
    return _PARSERS.get(kind, _literal_of)(attribute, text.replace("\N{MINUS SIGN}", "-"))


def parse(text: str) -> Any:
    """The value of `text` where nothing says what is expected: a Python literal, else `text` itself.

    Complex numbers may have their parts in either order, and True and False any case. Raises BadValue for a
    number that is not finite.
    """
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        lower = text.strip().lower()
        if lower in ("true", "false"):
            return lower == "true"
        try:
            return _complex_number(text)
        except ValueError:
            return text
    if isinstance(value, (float, complex)) and not np.isfinite(value):
        raise BadValue(f"{text!r} is not finite", "a number of PyRPL is finite")
    return value


def _truth(attribute: Attribute, text: str) -> bool:
    if text.lower() not in TRUTH:
        raise _bad(
            attribute, text, "it is neither true nor false", "write true, false, yes, no, on, off, 1 or 0"
        )
    return TRUTH[text.lower()]


def _float(attribute: Attribute, text: str) -> float:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise _bad(attribute, text, "it is no finite number", _number_remedy(attribute))
    digits, unit = match.groups()
    exponent = _exponent(attribute, text, unit) if unit else 0
    number = float(Decimal(digits).scaleb(exponent))
    if not math.isfinite(number):
        raise _bad(attribute, text, "it is no finite number", _number_remedy(attribute))
    return number


def _whole(attribute: Attribute, text: str) -> int:
    try:
        return int(text, 0)  # also 0x1F and 0b101
    except ValueError:
        number = _float(attribute, text)
    if number != round(number):
        raise _bad(attribute, text, "it is no whole number", _number_remedy(attribute))
    return round(number)


def _number(attribute: Attribute, text: str) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        return _float(attribute, text)


def _complex(attribute: Attribute, text: str) -> Any:
    if text.startswith("[") or "," in text:  # PyRPL declares the poles of the IIR filter as complex
        return _list(attribute, text)
    try:
        return _complex_number(text)
    except ValueError:
        return _float(attribute, text)


def _complex_number(text: str) -> complex:
    """The complex number that `text` is, its parts in either order. Raises ValueError for anything else."""
    written = text.replace(" ", "")
    if written.startswith("(") and written.endswith(")"):
        written = written[1:-1]
    swapped = _IMAGINARY_FIRST.fullmatch(written)
    if swapped:
        imaginary = swapped[1] if swapped[1][0] in "+-" else f"+{swapped[1]}"
        written = swapped[2] + imaginary
    number = complex(written)
    if not np.isfinite(number):
        raise ValueError(f"{text!r} is not finite")
    return number


def _element(attribute: Attribute, text: str) -> Any:
    # real ones as float: a list of real numbers takes no complex ones
    return (_complex if text.endswith("j") or not _QUANTITY.fullmatch(text) else _float)(attribute, text)


def _list(attribute: Attribute, text: str) -> list[Any]:
    """The elements of a list, with or without its brackets."""
    inside = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return [_element(attribute, item.strip()) for item in inside.split(",")] if inside.strip() else []


def _filter(attribute: Attribute, text: str) -> Any:
    return (_list if text.startswith("[") or "," in text else _float)(attribute, text)


def _text(text: str) -> Any:
    """A text, which may stand in quotes; None is not a text."""
    if text[:1] in ("'", '"'):
        quoted = parse(text)
        return quoted if isinstance(quoted, str) else text
    return None if text == "None" else text


def _array(attribute: Attribute, text: str) -> Any:
    value = parse(text)
    if not isinstance(value, (list, tuple, int, float, complex)):
        raise _bad(attribute, text, "it is no array", "write a list of numbers, such as [0, 0.5, 1]")
    return value


def _literal_of(attribute: Attribute, text: str) -> Any:
    return parse(text)


_PARSERS: dict[str, Callable[[Attribute, str], Any]] = {
    "bool": _truth,
    "int": _whole,
    "float": _float,
    "number": _number,
    "complex": _complex,
    "select": _float,  # of numbers; PyRPL takes the nearest of some
    "filter": _filter,
    "list": _list,
    "array": _array,
}


def _kind_of(value: Any) -> str:
    """The kind of a value of an attribute for which PyRPL declares no type."""
    kinds = {bool: "bool", int: "number", float: "number", complex: "complex", str: "string"}
    return "array" if isinstance(value, np.ndarray) else kinds.get(type(value), "")


def _all_numbers(options: list[Any]) -> bool:
    return bool(options) and all(
        isinstance(option, (int, float)) and not isinstance(option, bool) for option in options
    )


def _exponent(attribute: Attribute, text: str, unit: str) -> int:
    """The power of ten that makes of a number in `unit` one in the attribute's unit. Raises BadValue."""
    declared = attribute.unit
    if unit in SPELLINGS.get(declared, ()):
        return 0
    base, own = SCALED.get(declared, ("", 0))
    prefix = unit.removesuffix(base) if base and unit.endswith(base) else None
    if prefix is None or prefix not in {"", *PREFIXES}:
        what = f"its unit is {declared}" if declared else "PyRPL declares no unit for it"
        raise _bad(attribute, text, what, _number_remedy(attribute))
    return PREFIXES.get(prefix, 0) - own


def _number_remedy(attribute: Attribute) -> str:
    unit = attribute.unit
    if unit in SCALED:
        base = SCALED[unit][0]
        return f"write a number in {unit}, such as 0.5 or 2e3, or with its unit, such as 3m{base} or 3k{base}"
    if unit in SPELLINGS:
        return f"write a number, such as 2, or with its unit, such as 2 {unit}"
    return "write a number without a unit, such as 0.5 or 2e3"


def _bad(attribute: Attribute, text: str, what: str, remedy: str) -> BadValue:
    return BadValue(f"{attribute.name} cannot be {text!r}: {what}; nothing was sent", remedy)
