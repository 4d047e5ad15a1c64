"""How a board's modules are described, as plain data.

The daemon makes the description from PyRPL's own descriptors and signatures (daemon/adapter/modules/).
The client makes classes from it (client/proxies/), the plugins make settings trees. Nothing that PyRPL
declares is typed in a second time.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar


@dataclass(frozen=True)
class Attribute:
    """One attribute of a module: its `name`, and PyRPL's documentation, `doc`.

    `readonly`: it cannot be set; `default`: PyRPL's, None if it declares none. `kind` is one of float, int,
    complex, bool, select, filter, string, list, module, data (a Python property or a plain instance
    attribute, for which PyRPL declares no type). `minimum`, `maximum` and `increment` are in `unit`, and None
    if PyRPL declares none. `options` are those at the time of the description; `RemoteModule.options_of`
    returns the present ones.
    """

    name: str
    kind: str = "data"
    doc: str = ""
    readonly: bool = False
    minimum: Any = None
    maximum: Any = None
    increment: Any = None
    unit: str = ""
    options: list[Any] | None = None
    default: Any = None

    def limits(self) -> str:
        """The limits as text, such as "-1 to 0.999878"; "" if there are none."""
        if self.minimum is None and self.maximum is None:
            return ""
        low = "-inf" if self.minimum is None else f"{self.minimum:g}"
        high = "inf" if self.maximum is None else f"{self.maximum:g}"
        return f"{low} to {high}"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method.

    `kind` is the name of its `inspect.Parameter` kind; `default` is its default, where `has_default` says
    that it has one.
    """

    name: str
    kind: str
    has_default: bool = False
    default: Any = None


@dataclass(frozen=True)
class Method:
    """One method of a module: its `name`, PyRPL's `doc`, and its `parameters` without self.

    `sets_up`: it takes the module's setup attributes as keywords, as `setup` does. `waits`: it calls PyRPL's
    `wait` or `sleep`, which run PyRPL's event loop meanwhile.
    """

    name: str
    doc: str = ""
    parameters: list[Parameter] = field(default_factory=list)
    sets_up: bool = False
    waits: bool = False

    def signature(self) -> inspect.Signature:
        """The signature as seen on an instance."""
        return inspect.Signature(
            [
                inspect.Parameter(
                    p.name,
                    getattr(inspect.Parameter, p.kind),
                    default=p.default if p.has_default else inspect.Parameter.empty,
                )
                for p in self.parameters
            ]
        )


@dataclass(frozen=True)
class ModuleType:
    """What all modules of one PyRPL class have in common: the class's `name`, and PyRPL's `doc`.

    `attributes` and `methods` are those that a client may use, by name; `submodules` the names of the modules
    inside. `setup_attributes` are the names that PyRPL saves, in its order; `container` is "list", "dict" or
    "". `local_only` are the members that exist in the daemon only, and `former_names` the names that earlier
    releases of PyRPL had, each with the text that says what to use instead. `loggers` are the attributes that
    are loggers, each with the name of the logger: in a client they are loggers of its own process, to which
    PyRPL's warnings come. `signals` are the names of the Qt signals of the module's `_signal_launcher`;
    `parts` those of attributes that are plain objects of Python, which a client may use with connect(...,
    private=True). `classes` are PyRPL's class of the module and its base classes, as "module.Name", as far as
    they can be imported.
    """

    name: str
    doc: str = ""
    attributes: dict[str, Attribute] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    submodules: list[str] = field(default_factory=list)
    setup_attributes: list[str] = field(default_factory=list)
    container: str = ""
    local_only: dict[str, str] = field(default_factory=dict)
    former_names: dict[str, str] = field(default_factory=dict)
    loggers: dict[str, str] = field(default_factory=dict)
    signals: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Description:
    """A board: its module types, and the type of each module by path ("" is the Pyrpl object itself)."""

    types: dict[str, ModuleType]
    modules: dict[str, str]


def to_data(described: Any) -> dict[str, Any]:
    """A description or a status (board_status.py), or a part of it, as dicts and lists."""
    return dataclasses.asdict(described)


Made = TypeVar("Made")


def from_data(kind: type[Made], data: Mapping[str, Any]) -> Made:
    """The object of the dataclass `kind` for the data that `to_data` returned.

    Fields that `kind` does not have are left out, and those that are missing have their defaults: a daemon of
    another release may send more or fewer.
    """
    hashable: Any = kind  # to mypy, a type variable is none
    names = _field_names(hashable)
    return kind(**{name: value for name, value in data.items() if name in names})


@functools.cache
def _field_names(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(kind))


def description_from_data(data: dict[str, Any]) -> Description:
    """The Description for the data that `to_data` returned."""
    return Description({key: _module_type(kind) for key, kind in data["types"].items()}, data["modules"])


def _module_type(data: dict[str, Any]) -> ModuleType:
    methods = {
        name: from_data(Method, {**m, "parameters": [from_data(Parameter, p) for p in m["parameters"]]})
        for name, m in data["methods"].items()
    }
    attributes = {name: from_data(Attribute, a) for name, a in data["attributes"].items()}
    return from_data(ModuleType, {**data, "methods": methods, "attributes": attributes})
