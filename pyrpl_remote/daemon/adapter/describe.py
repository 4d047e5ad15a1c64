"""What PyRPL offers, seen from outside: modules by path, and their description from PyRPL's own declarations.

Paths are those that a user types: "rp.scope", "lockbox.sequence[0]", "" for the Pyrpl object itself. A path leads
from module to module only; nothing else of PyRPL can be reached. The elements of a list are renumbered when one is inserted or
deleted: what is handed out is "lockbox.sequence[#7]", which means one and the same element for as long as it exists.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import itertools
import re
import weakref
from collections.abc import Iterator
from types import FunctionType

import numpy as np
from pyrpl import Pyrpl, attributes
from pyrpl.async_utils import ensure_future
from pyrpl.hardware_modules.pid import IValAttribute
from pyrpl.hardware_modules.scope import DurationProperty, SamplingTimeProperty
from pyrpl.memory import MemoryBranch
from pyrpl.module_attributes import ModuleDict, ModuleList
from pyrpl.modules import Module
from pyrpl.redpitaya import RedPitaya

from ...errors import NotTransferable, UnknownAttribute
from ...schema import Attribute, Description, Method, ModuleType, Parameter
from ...wire import encode
from .assigned import instance_names
from .not_remote import LOCAL_ONLY

MODULE_CLASSES = (Module, RedPitaya, Pyrpl)

KINDS = (
    # the first match counts: registers are properties too, and a filter's or a list's elements are numbers
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

UNITS = {"volts": "V", "v": "V", "hz": "Hz", "s": "s", "us": "us", "degrees": "degree", "cycles": "cycles"}
"""Units as PyRPL writes them in brackets in its documentation, and their symbols."""

CLASS_UNITS = (
    (attributes.FrequencyProperty, "Hz"),
    (attributes.FilterProperty, "Hz"),
    (attributes.PhaseProperty, "degree"),
    (IValAttribute, "V"),
    (DurationProperty, "s"),
    (SamplingTimeProperty, "s"),
)

STEP = re.compile(r"([A-Za-z_]\w*)((?:\[#?\d+\])*)")
INDEX = re.compile(r"\[(#?)(\d+)\]")


class Exports:
    """The modules of one Pyrpl instance. To be used in the hardware thread only."""

    def __init__(self, pyrpl: Pyrpl):
        self.pyrpl = pyrpl
        self._keys: dict[type, str] = {}
        self._types: dict[type, ModuleType] = {}
        self._numbers: weakref.WeakKeyDictionary[Module, int] = weakref.WeakKeyDictionary()
        self._next_number = itertools.count()

    def module(self, path: str) -> Module | RedPitaya | Pyrpl:
        """The module at `path`. Raises UnknownAttribute where there is none."""
        module = self.pyrpl
        try:
            for name, indices in _steps(path):
                module = getattr(module, name)
                for lasting, number in indices:
                    module = self._element(module, number) if lasting else module[number]
                if type(module) not in self._types and not isinstance(module, MODULE_CLASSES):
                    raise TypeError(f"{name!r} is none")
        except (AttributeError, IndexError, TypeError) as error:
            raise UnknownAttribute(
                f"there is no module {path!r}: {error}", "see p.modules for those there are"
            ) from error
        return module

    def path(self, module: object, as_typed: bool = False) -> str | None:
        """The path of `module`, None for anything that is no module of this board.

        `as_typed`: with the present numbers of list elements, for people to read.
        """
        if module is self.pyrpl:
            return ""
        if isinstance(module, RedPitaya):
            return "rp"
        if not isinstance(module, Module):
            return None
        above = self.path(module.parent, as_typed)
        if isinstance(module.parent, ModuleList):
            return f"{above}[{module.name}]" if as_typed else f"{above}[#{self._number(module)}]"
        return f"{above}.{module.name}" if above else str(module.name)

    def top_level(self) -> list[str]:
        """The paths of the modules that have a name of their own under the name server: rp.pid0, lockbox, ..."""
        names = submodules(self.pyrpl)
        return [n for n in names if n != "rp"] + [f"rp.{n}" for n in submodules(self.pyrpl.rp)]

    def describe(self) -> Description:
        """All modules with their types."""
        types: dict[str, ModuleType] = {}
        modules: dict[str, str] = {}
        for module in self.modules():
            key = self.type_key(module)
            modules[self.path(module)] = key
            types[key] = self.module_type(module)
        return Description(types, modules)

    def modules(self) -> Iterator:
        """All modules, each before those inside it."""
        return self._walk(self.pyrpl)

    def module_type(self, module) -> ModuleType:
        """The description of the class of `module`, as it was when first asked for."""
        cls = type(module)
        # PyRPL puts the modules that are added to a dict of modules into its class
        if cls not in self._types or self._types[cls].submodules != submodules(module):
            self._types[cls] = describe_type(module)
        return self._types[cls]

    def require_writable(self, module, path: str, name: str) -> None:
        """Raise AttributeError for what PyRPL only reads, and for the modules that the board itself is made of."""
        kind = self.module_type(module)
        attribute = kind.attributes.get(name)  # none for names that only private clients reach
        if (
            attribute.readonly
            if attribute is not None
            else name in kind.submodules and not isinstance(module, Module)
        ):
            raise AttributeError(f"{path or 'the board'}: {name!r} is read-only")

    def require_number(self, module, path: str, name: str, value: object) -> None:
        """Raise ValueError for NaN where a number or samples go to the board; PyRPL would take some in silence, as anything."""
        numbers = value if isinstance(value, (float, complex, np.ndarray)) else 0.0
        if np.isscalar(numbers):
            found = numbers != numbers
        else:
            found = numbers.dtype.kind in "fc" and bool(np.isnan(numbers).any())
        if found and isinstance(
            inspect.getattr_static(type(module), name, None), (attributes.BaseAttribute, property)
        ):
            raise ValueError(f"{path}.{name} takes no NaN")

    def type_key(self, module) -> str:
        """A unique name for a module's class; PyRPL has several classes of one name (asg0's, asg1's)."""
        cls = type(module)
        if cls not in self._keys:
            same = sum(known.__name__ == cls.__name__ for known in self._keys)
            self._keys[cls] = f"{cls.__name__}#{same + 1}" if same else cls.__name__
        return self._keys[cls]

    def shape(self) -> list:
        """What changes when a software module is replaced, or gets or loses modules, as a lockbox can."""
        software = [module for top in self.pyrpl.software_modules for module in self._walk(top)]
        return [(type(module), id(module)) for module in software]

    def _number(self, element: Module) -> int:
        if element not in self._numbers:
            self._numbers[element] = next(self._next_number)
        return self._numbers[element]

    def _element(self, modules: ModuleList, number: int) -> Module:
        for element in modules:
            if self._numbers.get(element) == number:
                return element
        raise IndexError(f"element #{number} was deleted")

    def _walk(self, module):
        yield module
        for name in submodules(module):
            yield from self._walk(getattr(module, name))
        if isinstance(module, ModuleList):
            for element in module:
                yield from self._walk(element)


@functools.lru_cache(maxsize=1024)
def _steps(path: str) -> list[tuple[str, list[tuple[bool, int]]]]:
    """The names on the way to a module, each with the indices behind it. Raises AttributeError for what is no path."""
    found = []
    for step in path.split(".") if path else ():
        match = STEP.fullmatch(step)
        if match is None or step.startswith("_"):
            raise AttributeError(step)
        found.append(
            (match[1], [(bool(lasting), int(number)) for lasting, number in INDEX.findall(match[2])])
        )
    return found


def submodules(module) -> list[str]:
    """Names of the modules that live in `module`."""
    if isinstance(module, Pyrpl):
        return ["rp"] + [m.name for m in module.software_modules]
    if isinstance(module, RedPitaya):
        return list(module.modules)
    return [name for name in module._module_attributes if not name.startswith("_")]


def describe_type(module) -> ModuleType:
    """The description of the class of `module`; limits and options are read off this instance."""
    cls = type(module)
    found: dict[str, Attribute] = {}
    methods: dict[str, Method] = {}
    inside = submodules(module)
    assigned = instance_names(cls) | set(vars(module))
    local_only = {
        name: way for name, way in LOCAL_ONLY.items() if _has_undeclared(cls, name) or name in assigned
    }
    for name in dir(cls):
        if (name.startswith("_") and name not in CONTAINER_METHODS) or name in inside or name in local_only:
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
    # where PyRPL remembers the options of an attribute, once it was asked for them
    assigned |= {f"{name}_options" for name, attribute in found.items() if attribute.options is not None}
    for name in sorted(name for name in assigned if not name.startswith("_")):
        if name not in found and name not in methods and name not in inside and name not in local_only:
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
        setup_attributes=[n for n in getattr(module, "_setup_attributes", []) if not n.startswith("_")],
        container="list"
        if isinstance(module, ModuleList)
        else "dict"
        if isinstance(module, ModuleDict)
        else "",
        local_only=local_only,
    )


def _undeclared(module, name: str) -> Attribute:
    # what holds PyRPL together is read-only: a client that replaced it would end the board for everyone
    return Attribute(name, readonly=name == "name" or _is_structure(vars(module).get(name)))


def _is_structure(value: object) -> bool:
    if isinstance(value, (*MODULE_CLASSES, MemoryBranch)):
        return True
    values = (
        list(value.values() if isinstance(value, dict) else value) if isinstance(value, (dict, list)) else []
    )
    return bool(values) and all(isinstance(item, MODULE_CLASSES) for item in values)


def _has_undeclared(cls: type, name: str) -> bool:
    # a user's own module may declare an attribute of such a name, which travels as any other
    return hasattr(cls, name) and not isinstance(inspect.getattr_static(cls, name), attributes.BaseAttribute)


CONTAINER_METHODS = {"__getitem__", "__setitem__", "__delitem__", "__len__", "__contains__"}


def _declared(module, name: str, member: attributes.BaseAttribute) -> Attribute:
    """The description of one of PyRPL's own descriptors."""
    if isinstance(member, attributes.ProxyProperty):
        # it answers for the attribute that it stands for, once it knows on which module
        getattr(module, name)
        parts = member.path_to_target.split(".")
        for part in parts[:-1]:
            module = getattr(module, part)
        member = inspect.getattr_static(type(module), parts[-1])
    # a SelectProperty's __doc__ appends the options, which may need the module; `doc` is without them
    doc = vars(member).get("doc") or vars(member).get("__doc__")
    options = None
    if isinstance(member, attributes.FilterProperty):
        options = list(member.valid_frequencies(module))
    elif isinstance(member, attributes.SelectProperty):
        options = list(member.options(module))
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


def run(awaitable) -> asyncio.Future:
    """PyRPL's future, begun in its event loop where it is a coroutine."""
    return ensure_future(awaitable)


def options_of(module, name: str) -> list:
    """The values that a select or filter attribute takes now."""
    described = _declared(module, name, inspect.getattr_static(type(module), name))
    return described.options or []


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


def edit_list(value: object, operation: str, args: list):
    """Change the value of a list attribute in place, as PyRPL's own list does; gives what the operation returns."""
    if not isinstance(value, attributes.AttributeList) or operation not in LIST_OPERATIONS:
        raise UnknownAttribute(
            f"{operation!r} is no change of a list", f"there are {', '.join(sorted(LIST_OPERATIONS))}"
        )
    return getattr(value, operation)(*args)


def _unit(member, doc: str) -> str:
    for cls, unit in CLASS_UNITS:
        if isinstance(member, cls):
            return unit
    return next((UNITS[text.lower()] for text in re.findall(r"\[(\w+)\]", doc) if text.lower() in UNITS), "")


def _finite(limit):
    """A limit as a number, None for none."""
    if isinstance(limit, (int, float, np.number)) and np.isfinite(limit):
        return limit if isinstance(limit, (int, float)) else limit.item()
    return None


def _plain(value):
    """`value`, or None where it cannot travel: a default is a help, not worth an error."""
    try:
        return encode(value)
    except NotTransferable:
        return None


def _method(name: str, function, bound: bool = False) -> Method:
    try:
        signature = inspect.signature(function)
    except ValueError:  # some built-in methods of list have none
        return Method(name, inspect.getdoc(function) or "", [Parameter("args", "VAR_POSITIONAL")])
    parameters = list(signature.parameters.values())
    if (not bound and isinstance(function, FunctionType)) or (
        not bound and inspect.ismethoddescriptor(function)
    ):
        parameters = parameters[1:]
    return Method(
        name,
        inspect.getdoc(function) or "",
        [
            Parameter(
                p.name,
                p.kind.name,
                p.default is not p.empty,
                None if p.default is p.empty else _plain(p.default),
            )
            for p in parameters
        ],
    )
