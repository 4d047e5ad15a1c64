"""Makes PyMoDAQ's settings from the schema.

A plugin lists the names of the attributes that it shows. Types, limits, steps, units, options and
documentation come from the board's description.
"""

from __future__ import annotations

from typing import Any

from pyqtgraph import siFormat

TYPES = {"float": "float", "int": "int", "bool": "bool", "select": "list", "string": "str"}
"""PyMoDAQ's parameter type for each kind of attribute; the other kinds have no editor."""


def module_group(module, names: tuple[str, ...]) -> dict:
    """A parameter group, as a dict, with the attributes `names` of `module` at their present values.

    The group has the module's name in PyRPL. Raises KeyError if the module has no such attribute, or if
    its kind has no editor.
    """
    name = module.name
    attributes = module.description().attributes
    children = [parameter(attributes[n], getattr(module, n), _options(module, attributes[n])) for n in names]
    return {"title": f"Settings of {name}:", "name": name, "type": "group", "children": children}


def parameter(attribute, value: Any, options: list | None = None) -> dict:
    """The parameter, as a dict, that edits `attribute` (a pyrpl_remote schema.Attribute) and shows `value`.

    `options` are the present options of a select attribute; by default those of the description. Raises
    KeyError if the attribute's kind has no editor.
    """
    described = {
        "title": f"{attribute.name.replace('_', ' ').capitalize()}:",
        "name": attribute.name,
        "type": TYPES[attribute.kind],
        "readonly": attribute.readonly,
        "tip": attribute.doc,
    }
    if attribute.kind == "select":
        described["limits"] = labelled(options or attribute.options, attribute.unit)
    if attribute.minimum is not None:
        described["min"] = attribute.minimum
    if attribute.maximum is not None:
        described["max"] = attribute.maximum
    if attribute.kind == "float":
        described |= {"siPrefix": bool(attribute.unit), "suffix": attribute.unit, "decimals": 6}
        if attribute.increment:
            described["step"] = attribute.increment
    return described | {"value": value}


def labelled(options: list, unit: str) -> list | dict:
    """`options` as the limits of a list parameter.

    Numbers with a unit get labels, as in {"131.072 µs": 0.000131072}; other options are returned unchanged.
    """
    if not unit:
        return options
    return {siFormat(option, precision=6, suffix=unit): option for option in options}


def _options(module, attribute) -> list | None:
    return module.options_of(attribute.name) if attribute.kind == "select" else None
