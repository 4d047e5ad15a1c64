"""The reference has every public name, and each of them says what it is, with its parameters and units."""

import ast
import builtins
import dataclasses
import functools
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrpl_remote
from pyrpl_remote import errors, lab

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"

UNIT = r"\b(s|Hz|V|volts?|seconds|degrees|cycles|counts|radians|bytes|percent|units|share|factor|gain)\b"
"""What says in which unit a number is, or that it has none."""

FREE = {"self", "cls", "arguments"}
"""Parameters that need no explanation."""


def named(target: str) -> Any:
    """The object that a directive names."""
    module, _, name = target.rpartition(".")
    try:
        return importlib.import_module(target)
    except ModuleNotFoundError:
        return getattr(importlib.import_module(module), name)


def members(thing: Any, wanted: str) -> Iterator[tuple[str, Any]]:
    """The members that `:members:` shows, with their names: those that are `wanted`, or all public ones."""
    if inspect.ismodule(thing):
        own = [name for name, one in vars(thing).items() if getattr(one, "__module__", "") == thing.__name__]
        every = getattr(thing, "__all__", own)
    else:
        every = vars(thing)
    for name in re.split(r",\s*", wanted) if wanted else every:
        if not name.startswith("_"):
            yield name, inspect.getattr_static(thing, name)


@functools.cache
def documented() -> dict[str, Any]:
    """What the reference shows, by its name there: functions, classes, and members of classes."""
    found: dict[str, Any] = {}
    directive = r"^\.\. auto(function|class|module):: (\S+)\n((?: +:.*\n)*)"
    for kind, target, options in re.findall(directive, PAGE.read_text("utf-8"), re.MULTILINE):
        thing = named(target)
        if kind != "module":
            found[target] = thing
        shown = re.search(r":members:[ ]*(.*)", options)
        if shown:
            found.update({f"{target}.{name}": one for name, one in members(thing, shown[1])})
    return found


def functions() -> Iterator[tuple[str, Any]]:
    """Functions and methods of the reference; a class for the parameters with which it is made."""
    for name, one in documented().items():
        plain = inspect.unwrap(getattr(one, "fget", None) or getattr(one, "__func__", one))
        if inspect.isfunction(plain):
            yield name, plain


def test_every_public_name_is_in_the_reference():
    public = [getattr(pyrpl_remote, name) for name in pyrpl_remote.__all__]
    public += [getattr(lab, name) for name in lab.__all__] + list(errors.OWN.values())
    shown = [id(one) for one in documented().values()]
    missing = [
        one for one in public if (inspect.isclass(one) or inspect.isfunction(one)) and id(one) not in shown
    ]
    assert not missing


def test_every_public_name_says_what_it_is():
    silent = [
        name
        for name, one in documented().items()
        if (inspect.isclass(one) or inspect.isroutine(one) or isinstance(one, property))
        and not (one.__doc__ or "").strip()
    ]
    assert not silent


def test_every_parameter_is_explained():
    missing = []
    for name, function in functions():
        for parameter in inspect.signature(function).parameters.values():
            if parameter.name not in FREE and not re.search(rf"\b{parameter.name}\b", function.__doc__ or ""):
                missing.append(f"{name}({parameter.name})")
    assert not missing


def test_every_field_of_a_record_is_explained():
    missing = []
    for name, one in documented().items():
        if inspect.isclass(one) and dataclasses.is_dataclass(one):
            missing += [
                f"{name}.{field.name}"
                for field in dataclasses.fields(one)
                if not re.search(rf"\b{field.name}\b", one.__doc__ or "")
            ]
    assert not missing


def test_every_number_has_a_unit():
    missing = []
    for name, function in functions():
        kinds = [str(kind) for kind in function.__annotations__.values()]
        if any(re.search(r"\bfloat\b", kind) for kind in kinds) and not re.search(
            UNIT, function.__doc__ or ""
        ):
            missing.append(name)
    for name, one in documented().items():
        if inspect.isclass(one) and dataclasses.is_dataclass(one):
            kinds = [str(field.type) for field in dataclasses.fields(one)]
            if any(re.search(r"\bfloat\b", kind) for kind in kinds) and not re.search(
                UNIT, one.__doc__ or ""
            ):
                missing.append(name)
    assert not missing


def test_every_plugin_says_in_which_units_its_values_are():
    files = sorted((PAGE.parents[1] / "pymodaq_plugins_pyrpl").glob("daq_*_plugins/**/daq_*.py"))
    assert len(files) > 11
    for file in files:
        (plugin,) = [one for one in ast.parse(file.read_text("utf-8")).body if isinstance(one, ast.ClassDef)]
        assert re.search(UNIT, ast.get_docstring(plugin) or ""), file.name


def test_every_array_has_its_shape():
    shape = r"\(\w+,[^)]*\)"
    missing = [
        name
        for name, function in functions()
        if "ndarray" in str(function.__annotations__.get("return")) and not re.search(shape, function.__doc__)
    ]
    assert not missing


def test_the_errors_that_are_named_exist():
    unknown = []
    for name, one in documented().items():
        text = re.sub(r"\s+", " ", getattr(one, "__doc__", None) or "")
        for sentence in re.findall(r"[Rr]aises ((?:[^.(]|\.\.\.)+)", text):
            kinds = re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", sentence)
            unknown += [
                f"{name}: {kind}"
                for kind in kinds
                if not hasattr(errors, kind) and not hasattr(builtins, kind) and not kind.startswith("PyRPL")
            ]
    assert not unknown
