"""Makes PyMoDAQ's settings from the schema.

A plugin lists the names of the attributes that it shows. Types, limits, steps, units, options and
documentation come from the board's description.
"""

from __future__ import annotations

import ast
from typing import Any

from pymodaq_gui.parameter import Parameter

from ..quantities import labelled

TYPES = {
    "float": "float",
    "int": "int",
    "bool": "bool",
    "select": "list",
    "string": "str",
    "filter": "group",
    "list": "str",
    "complex": "str",
}
"""PyMoDAQ's parameter type for each kind of attribute; the other kinds have no editor.

A filter is a group with a choice for each of its stages. A list and a complex number are texts, as in Python.
"""


def module_group(module, names: tuple[str, ...]) -> dict:
    """A parameter group, as a dict, with the attributes `names` of `module` at their present values.

    The group has the module's name in PyRPL. Raises KeyError if the module has no such attribute, or if
    its kind has no editor.
    """
    name = module.name
    attributes = module.description().attributes
    values = module.snapshot(*names)
    children = [parameter(attributes[n], values[n], options(module, attributes[n])) for n in names]
    return {"title": f"Settings of {name}:", "name": name, "type": "group", "children": children}


def parameter(attribute, value: Any, options: list | None = None) -> dict:
    """The parameter, as a dict, that edits `attribute` (a pyrpl_remote schema.Attribute) and shows `value`.

    `options` are the present options of a select or filter attribute; by default those of the description.
    Raises KeyError if the attribute's kind has no editor.
    """
    kind = TYPES[attribute.kind]
    described = {
        "title": f"{title(attribute)}:",
        "name": attribute.name,
        "type": kind,
        "readonly": attribute.readonly,
        "tip": attribute.doc,
    }
    offered = options or attribute.options
    if attribute.kind == "filter":
        stages = value if isinstance(value, list) else [value]
        children = [
            {
                "title": f"Stage {number}:" if len(stages) > 1 else "Frequency:",
                "name": f"stage_{number}",
                "type": "list",
                "limits": labelled(sorted({*offered, stage}), attribute.unit),
                "value": stage,
                "tip": attribute.doc,
            }
            for number, stage in enumerate(stages, 1)
        ]
        return described | {"children": children, "value": value}
    if attribute.kind == "select":
        described["limits"] = labelled(offered, attribute.unit)
    if attribute.minimum is not None:
        described["min"] = attribute.minimum
    if attribute.maximum is not None:
        described["max"] = attribute.maximum
    if attribute.kind == "float":
        described |= {"siPrefix": bool(attribute.unit), "suffix": attribute.unit, "decimals": 6}
        if attribute.increment:
            described["step"] = attribute.increment
    return described | {"value": as_shown(attribute.kind, value)}


def title(attribute) -> str:
    """The attribute's name as a title; the unit of one that has no editor with a unit stands in it."""
    words = attribute.name.replace("_", " ").capitalize()
    with_unit = attribute.unit and attribute.kind in ("int", "list", "complex", "filter")
    return f"{words} ({attribute.unit})" if with_unit else words


def as_shown(kind: str, value: Any) -> Any:
    """The value of the parameter that shows `value`, of an attribute of this kind."""
    return repr(value) if kind in ("list", "complex") else value


def value_of(setting: Parameter, kind: str) -> Any:
    """The value of an attribute of this kind in its `setting`. Raises ValueError for a text that is none."""
    if kind == "filter":
        stages = [stage.value() for stage in setting.children()]
        return stages if len(stages) > 1 else stages[0]
    if kind in ("list", "complex"):
        try:
            value = ast.literal_eval(setting.value())
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"{setting.value()!r} is no value of {setting.name()}") from error
        return complex(value) if kind == "complex" else list(value)
    return setting.value()


def show(setting: Parameter, kind: str, value: Any) -> None:
    """Show `value` of an attribute of this kind in its `setting`."""
    if kind == "filter":
        stages = value if isinstance(value, list) else [value]
        for child, stage in zip(setting.children(), stages):
            offer(child, stage)
            child.setValue(stage)
        setting.setValue(value)
    else:
        if kind == "select":
            offer(setting, value)
        setting.setValue(as_shown(kind, value))


def offer(setting: Parameter, value: Any) -> None:
    """Add `value` to the choices of a list, if it is not among them: another one would be shown."""
    limits = setting.opts["limits"]
    known = limits.values() if isinstance(limits, dict) else limits
    if value not in known:
        setting.setLimits({**limits, str(value): value} if isinstance(limits, dict) else [*limits, value])


def options(module, attribute) -> list | None:
    """The present options of an attribute that has some."""
    return module.options_of(attribute.name) if attribute.kind in ("select", "filter") else None
