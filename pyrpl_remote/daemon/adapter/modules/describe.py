"""Descriptions: what PyRPL declares about its modules, as the dataclasses of schema.py.

Everything is read from PyRPL's own descriptors, signatures and docstrings; nothing is typed in a second time.
"""

from __future__ import annotations

import inspect
import logging
import sys
from typing import Any

from pyrpl import Pyrpl, attributes
from pyrpl.module_attributes import ModuleDict, ModuleList
from qtpy import QtCore

from ....schema import Attribute, Description, Method, ModuleType
from .assigned import assigned_from_outside, instance_names
from .describe_attribute import declared, taking_no_iq, undeclared
from .describe_method import described_method
from .former_names import former_names
from .not_remote import LOCAL_ONLY, PARTS, local_only_of
from .paths import MODULE_CLASSES, Paths, submodules
from .warned import name_in_client

CONTAINER_METHODS = {"__getitem__", "__setitem__", "__delitem__", "__len__", "__contains__"}
"""The methods with underscores that are described: those of lists and dicts of modules."""


class Descriptions(Paths):
    """The modules of one Pyrpl instance, and their descriptions. To be used in the Qt thread only."""

    def __init__(self, pyrpl: Pyrpl):
        super().__init__(pyrpl)
        self._keys: dict[type, str] = {}
        self._types: dict[type, ModuleType] = {}

    def describe(self) -> Description:
        """All modules with their types."""
        types: dict[str, ModuleType] = {}
        modules: dict[str, str] = {}
        for module in self.modules():
            key = self.type_key(module)
            modules[self.path(module) or ""] = key
            types[key] = self.module_type(module)
        return Description(types, modules)

    def module_type(self, module: Any) -> ModuleType:
        """The description of the class of `module`, made once for each class."""
        cls = type(module)
        known = self._types.get(cls)
        # PyRPL adds the modules of a dict of modules to its class: then the description is made again
        if known is None or (known.container == "dict" and known.submodules != submodules(module)):
            known = self._types[cls] = describe_type(module)
        return known

    def type_key(self, module: Any) -> str:
        """A unique name for a module's class; PyRPL has several classes of one name (asg0's, asg1's)."""
        cls = type(module)
        if cls not in self._keys:
            same = sum(known.__name__ == cls.__name__ for known in self._keys)
            self._keys[cls] = f"{cls.__name__}#{same + 1}" if same else cls.__name__
        return self._keys[cls]


def describe_type(module: Any) -> ModuleType:
    """The description of the class of `module`; limits and options are those of this instance."""
    with taking_no_iq(module):
        return _describe_type(module)


def _describe_type(module: Any) -> ModuleType:
    cls = type(module)
    found: dict[str, Attribute] = {}
    methods: dict[str, Method] = {}
    inside = submodules(module)
    assigned = instance_names(cls) | set(vars(module)) | assigned_from_outside(module)
    local_only = {
        name: way for name, way in LOCAL_ONLY.items() if _has_undeclared(cls, name) or name in assigned
    }
    local_only |= {name: way for name, way in local_only_of(cls).items() if name not in LOCAL_ONLY}
    loggers = _loggers(module)
    described_elsewhere = {*inside, *local_only, *loggers}
    for name in dir(cls):
        if (name.startswith("_") and name not in CONTAINER_METHODS) or name in described_elsewhere:
            continue
        member = inspect.getattr_static(cls, name)
        if isinstance(member, attributes.BaseAttribute):
            found[name] = declared(module, name, member)
        elif isinstance(member, property):
            found[name] = Attribute(name, doc=inspect.getdoc(member) or "", readonly=member.fset is None)
        elif callable(getattr(cls, name, None)) and not isinstance(getattr(cls, name), type):
            methods[name] = described_method(name, getattr(cls, name))
        elif not isinstance(getattr(cls, name, None), type):
            found[name] = undeclared(module, name)
    # PyRPL stores the options of an attribute under this name at the first use
    assigned |= {f"{name}_options" for name, a in found.items() if a.options is not None and a.kind != "bool"}
    for name in sorted(name for name in assigned if not name.startswith("_")):
        if name not in found and name not in methods and name not in described_elsewhere:
            if callable(vars(module).get(name)) and not isinstance(vars(module)[name], MODULE_CLASSES):
                methods[name] = described_method(name, vars(module)[name], bound=True)
            else:
                found[name] = undeclared(module, name)
    return ModuleType(
        name=cls.__name__,
        doc=inspect.getdoc(cls) or "",
        attributes=found,
        methods=methods,
        submodules=inside,
        # without duplicates: each new stage of a lockbox adds its outputs to the list of their class
        setup_attributes=[
            n for n in dict.fromkeys(getattr(module, "_setup_attributes", [])) if not n.startswith("_")
        ],
        container=_container(module),
        local_only=local_only,
        former_names=former_names(cls),
        loggers=loggers,
        signals=_signals(module),
        parts=sorted(PARTS & local_only.keys()),
        classes=[name for base in cls.__mro__ if base is not object and (name := _importable(base))],
    )


def _loggers(module: Any) -> dict[str, str]:
    """The attributes of `module` that are loggers, each with the logger's name in a client."""
    members = [item for cls in reversed(type(module).__mro__) for item in vars(cls).items()]
    members += vars(module).items()
    return {name: name_in_client(value.name) for name, value in members if isinstance(value, logging.Logger)}


def _importable(cls: type) -> str:
    """The name by which `cls` can be imported, as "module.Name"; "" if there is none.

    PyRPL makes some classes in functions: their own name is not the one that their module has for them.
    """
    known = vars(sys.modules[cls.__module__]).items()
    return next((f"{cls.__module__}.{name}" for name, value in known if value is cls), "")


def _signals(module: Any) -> list[str]:
    """The names of the signals by which PyRPL's window follows `module`."""
    launcher = type(getattr(module, "_signal_launcher", None))
    signals = [name for name in dir(launcher) if isinstance(getattr(launcher, name, None), QtCore.Signal)]
    return [name for name in signals if not hasattr(QtCore.QObject, name)]


def _container(module: Any) -> str:
    if isinstance(module, ModuleList):
        return "list"
    return "dict" if isinstance(module, ModuleDict) else ""


def _has_undeclared(cls: type, name: str) -> bool:
    # a user's own module may declare an attribute of that name, which clients may use
    return hasattr(cls, name) and not isinstance(inspect.getattr_static(cls, name), attributes.BaseAttribute)
