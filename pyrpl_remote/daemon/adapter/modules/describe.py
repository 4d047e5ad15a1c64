"""Descriptions: what PyRPL declares about its modules, as the dataclasses of schema.py.

Everything is read from PyRPL's own descriptors, signatures and docstrings; nothing is typed in a second time.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import re
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
from pyrpl import Pyrpl, async_utils, attributes
from pyrpl.hardware_modules.pid import IValAttribute
from pyrpl.hardware_modules.scope import DurationProperty, SamplingTimeProperty
from pyrpl.memory import MemoryBranch
from pyrpl.module_attributes import ModuleDict, ModuleList
from pyrpl.redpitaya import RedPitaya
from qtpy import QtCore

from ....errors import NotTransferable
from ....schema import Attribute, Description, Method, ModuleType, Parameter
from ....wire import encode
from ..configuration.guarded_configuration import SETTABLE
from .assigned import assigned_from_outside, instance_names
from .former_names import former_names
from .not_remote import LOCAL_ONLY, PARTS, local_only_of
from .paths import MODULE_CLASSES, Paths, submodules
from .setup_values import sets_up
from .warned import name_in_client

KINDS = (
    (attributes.ModuleAttribute, "module"),
    (attributes.BasePropertyListProperty, "list"),
    (attributes.FilterProperty, "filter"),
    (attributes.SelectProperty, "select"),
    (attributes.BoolProperty, "bool"),
    (attributes.ComplexProperty, "complex"),
    (attributes.FloatProperty, "float"),
    (attributes.IntProperty, "int"),
    (attributes.NumberProperty, "float"),
    (attributes.StringProperty, "string"),
)
"""The kind of an attribute by its class. The first match counts: a list of floats is a float property too,
for example."""

UNITS = {"volts": "V", "v": "V", "hz": "Hz", "s": "s", "us": "us", "degrees": "degree", "cycles": "cycles"}
"""The symbol of each unit that PyRPL writes in brackets in its documentation."""

CLASS_UNITS = (
    (attributes.FrequencyProperty, "Hz"),
    (attributes.FilterProperty, "Hz"),
    (attributes.PhaseProperty, "degree"),
    (IValAttribute, "V"),
    (DurationProperty, "s"),
    (SamplingTimeProperty, "s"),
)
"""The unit of an attribute by its class. The first match counts."""

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
            found[name] = _declared(module, name, member)
        elif isinstance(member, property):
            found[name] = Attribute(name, doc=inspect.getdoc(member) or "", readonly=member.fset is None)
        elif callable(getattr(cls, name, None)) and not isinstance(getattr(cls, name), type):
            methods[name] = _method(name, getattr(cls, name))
        elif not isinstance(getattr(cls, name, None), type):
            found[name] = _undeclared(module, name)
    # PyRPL stores the options of an attribute under this name at the first use
    assigned |= {f"{name}_options" for name, a in found.items() if a.options is not None and a.kind != "bool"}
    for name in sorted(name for name in assigned if not name.startswith("_")):
        if name not in found and name not in methods and name not in described_elsewhere:
            if callable(vars(module).get(name)) and not isinstance(vars(module)[name], MODULE_CLASSES):
                methods[name] = _method(name, vars(module)[name], bound=True)
            else:
                found[name] = _undeclared(module, name)
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


def options_of(module: Any, name: str) -> list:
    """The values that a select or filter attribute accepts now."""
    with taking_no_iq(module):
        described = _declared(module, name, inspect.getattr_static(type(module), name))
    return described.options or []


@contextlib.contextmanager
def taking_no_iq(module: Any) -> Iterator[None]:
    """Within the block, reading the options of `module` does not make it the owner of an iq.

    A module that uses an iq, as the analyzers do, takes one when its `iq` is first read, even from another
    module. For the block it gets one that it does not own; all have the same options.
    """
    takes_one = isinstance(inspect.getattr_static(type(module), "iq", None), property)
    if not takes_one or getattr(module, "_iq", None) is not None:
        yield
        return
    before = dict(vars(module))
    iq = module._iq = module.pyrpl.rp.iq2  # noqa: SLF001 - PyRPL keeps it under this name
    # the network analyzer reads these options of its iq, which has them only after their first use
    type(iq).inputfilter.valid_frequencies(iq)
    try:
        yield
    finally:
        del module._iq  # noqa: SLF001
        if "_iq" in before:
            module._iq = before["_iq"]  # noqa: SLF001


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


def _declared(module: Any, name: str, member: attributes.BaseAttribute) -> Attribute:
    """The description of one of PyRPL's own descriptors."""
    if isinstance(member, attributes.ProxyProperty):
        # described as its target attribute; reading the proxy makes PyRPL set path_to_target
        getattr(module, name)
        parts = member.path_to_target.split(".")
        for part in parts[:-1]:
            module = getattr(module, part)
        member = inspect.getattr_static(type(module), parts[-1])
    # the __doc__ of a SelectProperty also lists the options; `doc` does not
    doc = vars(member).get("doc") or vars(member).get("__doc__")
    options = None
    if isinstance(member, attributes.FilterProperty):
        options = list(member.valid_frequencies(module))
    elif isinstance(member, attributes.SelectProperty):
        options = list(member.options(module))
    elif isinstance(member, attributes.BoolIgnoreProperty):
        options = [True, False, "ignore"]
    return Attribute(
        name=name,
        kind=next((kind for cls, kind in KINDS if isinstance(member, cls)), "data"),
        doc=inspect.cleandoc(doc or ""),
        minimum=_finite(getattr(member, "min", None)),
        maximum=_finite(getattr(member, "max", None)),
        increment=_finite(getattr(member, "increment", None)),
        unit=_unit(member, doc or ""),
        options=_plain(options),
        default=_plain(member.default),
    )


def _undeclared(module: Any, name: str) -> Attribute:
    # PyRPL's internal objects are read-only: replacing one would break the board for all clients
    readonly = name == "name" or _is_structure(vars(module).get(name))
    if isinstance(module, (RedPitaya, Pyrpl)):  # its parameters say what runs on the board
        readonly = name not in SETTABLE
    return Attribute(name, readonly=readonly)


def _is_structure(value: object) -> bool:
    if isinstance(value, (*MODULE_CLASSES, MemoryBranch)):
        return True
    values = (
        list(value.values() if isinstance(value, dict) else value) if isinstance(value, (dict, list)) else []
    )
    return bool(values) and all(isinstance(item, MODULE_CLASSES) for item in values)


def _has_undeclared(cls: type, name: str) -> bool:
    # a user's own module may declare an attribute of that name, which clients may use
    return hasattr(cls, name) and not isinstance(inspect.getattr_static(cls, name), attributes.BaseAttribute)


def _method(name: str, function: Any, bound: bool = False) -> Method:
    doc = inspect.getdoc(function) or ""
    if sets_up(function):
        return Method(name, doc, [Parameter("kwds", "VAR_KEYWORD")], sets_up=True)
    try:
        signature = inspect.signature(function)
    except ValueError:  # some built-in methods of list have none
        return Method(name, doc, [Parameter("args", "VAR_POSITIONAL")])
    parameters = list(signature.parameters.values())
    if not bound and (isinstance(function, FunctionType) or inspect.ismethoddescriptor(function)):
        parameters = parameters[1:]  # without self
    return Method(name, doc, [_parameter(p) for p in parameters], waits=_waits(function))


def _waits(function: Any) -> bool:
    """Whether a method calls PyRPL's `wait` or `sleep`."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not isinstance(function, FunctionType):
        return False
    used = (function.__globals__.get(name) for name in function.__code__.co_names)
    return any(value is async_utils.wait or value is async_utils.sleep for value in used)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    has_default = parameter.default is not parameter.empty
    default = _plain(parameter.default) if has_default else None
    return Parameter(parameter.name, parameter.kind.name, has_default, default)


def _unit(member: attributes.BaseAttribute, doc: str) -> str:
    for cls, unit in CLASS_UNITS:
        if isinstance(member, cls):
            return unit
    return next((UNITS[text.lower()] for text in re.findall(r"\[(\w+)\]", doc) if text.lower() in UNITS), "")


def _finite(limit: Any) -> int | float | None:
    """A limit as a number, None for no limit."""
    if isinstance(limit, (int, float, np.number)) and np.isfinite(limit):
        return limit if isinstance(limit, (int, float)) else limit.item()
    return None


def _plain(value: Any) -> Any:
    """`value` as plain data, None if it cannot be encoded: a default value is not essential."""
    try:
        return encode(value)
    except NotTransferable:
        return None
