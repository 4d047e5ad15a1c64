"""Checks of values before they are written to PyRPL, and changes of its list attributes."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from pyrpl import attributes
from pyrpl.modules import Module

from ....errors import UnknownAttribute
from ....schema import ModuleType

LIST_OPERATIONS = {
    "insert",
    "append",
    "extend",
    "pop",
    "remove",
    "clear",
    "reverse",
    "__setitem__",
    "__delitem__",
}
"""The methods of a list that clients may call."""


def require_writable(kind: ModuleType, module: Any, path: str, name: str) -> None:
    """Raise AttributeError if the attribute `name` is read-only, or a module of Pyrpl or RedPitaya.

    `kind` is the description of `module`; `path` is used in the error message.
    """
    attribute = kind.attributes.get(name)
    if attribute is not None:
        readonly = attribute.readonly
    else:
        # assigning to a module sets it up, but in Pyrpl and RedPitaya it would replace it
        readonly = name in kind.submodules and not isinstance(module, Module)
    if readonly:
        raise AttributeError(f"{path or 'the board'}: {name!r} is read-only")


def require_number(module: Any, path: str, name: str, value: object) -> None:
    """Raise ValueError if `value` contains NaN and the attribute takes a number or samples.

    PyRPL would silently write an arbitrary value.
    """
    if _has_nan(value) and isinstance(
        inspect.getattr_static(type(module), name, None), (attributes.BaseAttribute, property)
    ):
        raise ValueError(f"{path}.{name} takes no NaN")


def edit_list(value: object, operation: str, args: list) -> Any:
    """Change the value of a list attribute in place, as PyRPL's own list does.

    Returns the result of the operation. Raises UnknownAttribute if `value` is no list attribute, or
    `operation` is not one of LIST_OPERATIONS.
    """
    if not isinstance(value, attributes.AttributeList) or operation not in LIST_OPERATIONS:
        raise UnknownAttribute(
            f"{operation!r} is no change of a list", f"there are {', '.join(sorted(LIST_OPERATIONS))}"
        )
    return getattr(value, operation)(*args)


def _has_nan(value: object) -> bool:
    if isinstance(value, (float, complex)):
        return value != value
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc" and bool(np.isnan(value).any())
