"""What may be entered as an attribute's value: PyRPL would silently take the nearest value that it can."""

from __future__ import annotations

from typing import Any

from pyrpl_remote.errors import BadValue
from pyrpl_remote.schema import Attribute
from pyrpl_remote.typed_values import value_for

from ...quantities import quantity


def entered(attribute: Attribute, text: str, options: list[Any], present: Any) -> Any:
    """The value that `text` means. Raises BadValue, also for one outside of PyRPL's limits.

    `options` are those that the attribute takes now, `present` its present value.
    """
    value = value_for(attribute, text, options, lambda: present)
    if attribute.kind in ("float", "int") and isinstance(value, (int, float)):
        require_inside(attribute, value)
    return value


def require_inside(attribute: Attribute, value: float) -> None:
    """Raise BadValue for a number outside of the limits by more than a step: 1 V is 0.99988 V at the most."""
    step = attribute.increment or 0
    low, high = attribute.minimum, attribute.maximum
    if (low is not None and value < low - step) or (high is not None and value > high + step):
        limit = "at least" if low is not None and value < low else "at most"
        most = quantity(low if limit == "at least" else high, attribute.unit)
        raise BadValue(
            f"{attribute.name} is {limit} {most}, not {quantity(value, attribute.unit)}; nothing was sent",
            "enter a value within the limits",
        )
