"""What is checked on the way into PyRPL: writes that it must not get, and changes of its list attributes."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from pyrpl import attributes
from pyrpl.modules import Module

from ...errors import UnknownAttribute
from ...schema import ModuleType

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


def require_writable(kind: ModuleType, module: Any, path: str, name: str) -> None:
    """Raise AttributeError for what PyRPL only reads, and for the modules that the board itself is made of.

    `kind` is the description of `module`, and `path` names it in the error.
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
    """Raise ValueError for NaN where PyRPL takes a number or samples.

    PyRPL would silently write an arbitrary value.
    """
    if _has_nan(value) and isinstance(
        inspect.getattr_static(type(module), name, None), (attributes.BaseAttribute, property)
    ):
        raise ValueError(f"{path}.{name} takes no NaN")


def edit_list(value: object, operation: str, args: list) -> Any:
    """Change the value of a list attribute in place, as PyRPL's own list does.

    Returns what the operation returns. Raises UnknownAttribute where `value` is no list attribute, or
    `operation` none of LIST_OPERATIONS.
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
