"""Checks the values of a module's setup before PyRPL sets the first one: a name that it ignores is an error.

PyRPL sets up a module by `setup(name=value, ...)`, by `set_setup_attributes`, and by assigning a dict to
`setup_attributes`, to a module inside another one, or to an element of a list of modules.
"""

# PyRPL lists the setup attributes of a class in a name with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pyrpl.module_attributes import ModuleDict, ModuleList, ModuleListProperty, ModuleProperty
from pyrpl.modules import Module
from pyrpl.software_modules.lockbox import Lockbox

from ....errors import UnknownAttribute
from ....schema import ModuleType
from ....setup_names import refusal
from .former_names import former_names

LIST_METHODS = {"append": 0, "insert": 1, "__setitem__": 1, "extend": 0}
"""The methods of a list of modules that set up elements, each with the position of that argument."""


def sets_up(function: Any) -> bool:
    """Whether a method is one of PyRPL's own that take the setup attributes as keywords."""
    return getattr(function, "__module__", "") == Module.__module__ and getattr(function, "__name__", "") in (
        "setup",
        "set_setup_attributes",
    )


def beside_setup(module: Any, kind: ModuleType, name: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the keywords of the method `name` that PyRPL's setup would ignore, although they can be set.

    `ival` of a PID is one: PyRPL does not save it. `kind` describes the module.
    """
    if not kwargs or name not in kind.methods or not kind.methods[name].sets_up:
        return {}
    known = module._setup_attributes
    return {
        name: value
        for name, value in kwargs.items()
        if name not in known and name in kind.attributes and not kind.attributes[name].readonly
    }


def require_call(module: Any, path: str, name: str, args: list[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise UnknownAttribute if PyRPL would ignore a name in the arguments of the method `name`."""
    if isinstance(module, ModuleList) and name in LIST_METHODS:
        for value in args[LIST_METHODS[name] :][:1]:
            elements = value if name == "extend" and isinstance(value, list) else [value]
            for element in elements:
                _require(module.element_cls, f"{path}[...]", element)
    elif kwargs and isinstance(module, Module) and sets_up(getattr(type(module), name, None)):
        _require(type(module), path, kwargs)
    elif kwargs and name in ("lock", "lock_async") and _is_pyrpls_lock(module):
        # PyRPL documents more keywords than these, but ignores them
        for keyword in kwargs:
            if keyword not in ("timeout", "retry_times"):
                raise UnknownAttribute(
                    f"{path}: PyRPL's {name}() ignores {keyword!r}; nothing was started",
                    "set the attributes of the stages, as in lockbox.sequence[-1].input = ...",
                )


def _is_pyrpls_lock(module: Any) -> bool:
    """Whether `module` is a lockbox, not one of its outputs, and locks as PyRPL's own class does."""
    return isinstance(module, Lockbox) and type(module)._lock_async is Lockbox._lock_async


def require_value(module: Any, path: str, name: str, value: Any) -> None:
    """Raise UnknownAttribute if PyRPL would ignore a name in `value`, the new value of an attribute."""
    if not isinstance(module, Module):
        return
    if name == "setup_attributes" and isinstance(module, ModuleList):
        _require_elements(module.element_cls, path, value)
    elif name == "setup_attributes":
        _require(type(module), path, value)
    else:
        _require_inside(type(module), path, name, value)


def _require(cls: type, path: str, values: Any) -> None:
    """Check the names in `values`, a dict for a module of class `cls`, and in the dicts inside it."""
    if not isinstance(values, Mapping) or not sets_up(getattr(cls, "setup", None)):
        return
    known = cls._setup_attributes  # type: ignore[attr-defined]  # every Module has it
    # a lockbox adds the names of its outputs to each stage when it makes it
    if issubclass(cls, ModuleDict) and not known:
        return
    for name, value in values.items():
        if name not in known:
            if not _is_readonly(cls, str(name)):
                raise refusal(str(name), f"{path} ({cls.__name__})", known, former_names(cls))
        else:
            _require_inside(cls, path, name, value)


def _require_inside(cls: type, path: str, name: str, value: Any) -> None:
    declared = inspect.getattr_static(cls, name, None)
    if isinstance(declared, ModuleListProperty):
        _require_elements(declared.element_cls, f"{path}.{name}", value)
    elif isinstance(declared, ModuleProperty):
        _require(declared.module_cls, f"{path}.{name}", value)


def _require_elements(element_cls: type, path: str, values: Any) -> None:
    elements = values.values() if isinstance(values, Mapping) else values
    for index, element in enumerate(elements if isinstance(elements, (list, tuple)) else list(elements)):
        _require(element_cls, f"{path}[{index}]", element)


def _is_readonly(cls: type, name: str) -> bool:
    """Whether it is an attribute that cannot be set, as `running_state`: PyRPL warns that it ignores it."""
    member = inspect.getattr_static(cls, name, None)
    return isinstance(member, property) and member.fset is None
