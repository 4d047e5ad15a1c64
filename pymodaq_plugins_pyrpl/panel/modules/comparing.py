"""What differs between two states of a module."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ABSENT: Any = object()
"""The value of a setting that one of two states does not have."""


@dataclass(frozen=True)
class Setting:
    """One setting of two states: its name, as "inputs.reflection.input_signal", and its values."""

    name: str
    first: Any
    second: Any

    @property
    def differs(self) -> bool:
        """Whether the values are different."""
        return not same(self.first, self.second)


def settings(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Setting]:
    """The settings of two states, those of modules inside too, in the order of the first one."""
    one, other = dict(_flat("", first)), dict(_flat("", second))
    names = dict.fromkeys([*one, *other])
    return [Setting(name, one.get(name, ABSENT), other.get(name, ABSENT)) for name in names]


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inside)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, inside in enumerate(value):
            yield from _flat(f"{name}[{number}]", inside)
    else:
        yield name, value


def same(first: Any, second: Any) -> bool:
    """Whether two values are equal; a file may have the last digit of a number otherwise."""
    if first is ABSENT or second is ABSENT:
        return first is second
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(map(same, first, second))
    numbers = (int, float)
    if isinstance(first, numbers) and isinstance(second, numbers):
        return first == second or math.isclose(first, second, rel_tol=1e-12)
    return bool(first == second)
