"""What PyRPL declares about the attributes of its modules: kind, limits, unit, options, default."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from pyrpl import Pyrpl, attributes
from pyrpl.hardware_modules.pid import IValAttribute
from pyrpl.hardware_modules.scope import DurationProperty, SamplingTimeProperty
from pyrpl.memory import MemoryBranch
from pyrpl.redpitaya import RedPitaya

from ....errors import NotTransferable
from ....schema import Attribute
from ....wire import encode
from ..configuration.guarded_configuration import SETTABLE
from .paths import MODULE_CLASSES

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


def options_of(module: Any, name: str) -> list:
    """The values that a select or filter attribute accepts now."""
    with taking_no_iq(module):
        described = declared(module, name, inspect.getattr_static(type(module), name))
    return described.options or []


@contextlib.contextmanager
def taking_no_iq(module: Any) -> Iterator[None]:
    """Within the block, reading the options of `module` does not make it the owner of an iq.

    A module that uses an iq, as the analysers do, takes one when its `iq` is first read, even from another
    module. For the block it gets one that it does not own; all have the same options.
    """
    takes_one = isinstance(inspect.getattr_static(type(module), "iq", None), property)
    if not takes_one or getattr(module, "_iq", None) is not None:
        yield
        return
    before = dict(vars(module))
    iq = module._iq = module.pyrpl.rp.iq2  # noqa: SLF001 - PyRPL keeps it under this name
    # the network analyser reads these options of its iq, which has them only after their first use
    type(iq).inputfilter.valid_frequencies(iq)
    try:
        yield
    finally:
        del module._iq  # noqa: SLF001
        if "_iq" in before:
            module._iq = before["_iq"]  # noqa: SLF001


def declared(module: Any, name: str, member: attributes.BaseAttribute) -> Attribute:
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
        options=plain(options),
        default=plain(member.default),
    )


def undeclared(module: Any, name: str) -> Attribute:
    """The description of an attribute without a descriptor of PyRPL's."""
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


def plain(value: Any) -> Any:
    """`value` as plain data, None if it cannot be encoded: a default value is not essential."""
    try:
        return encode(value)
    except NotTransferable:
        return None
