"""Paths: the names by which modules of PyRPL are known to clients.

A path is written as a user types it: "rp.scope", "lockbox.sequence[0]", or "" for the Pyrpl object itself. It
leads to modules only; no other object of PyRPL has a path. The indices in a list of modules change when one
is inserted or deleted, so the daemon sends a permanent path instead, such as "lockbox.sequence[#7]": it
refers to the same element as long as the element exists.
"""

from __future__ import annotations

import functools
import itertools
import re
import weakref
from collections.abc import Iterator
from typing import Any

from pyrpl import Pyrpl
from pyrpl.module_attributes import ModuleList
from pyrpl.modules import Module
from pyrpl.redpitaya import RedPitaya

from ....errors import UnknownAttribute

MODULE_CLASSES = (Module, RedPitaya, Pyrpl)
"""The classes of objects that have a path. Pyrpl and RedPitaya are not Modules, but contain modules."""

STEP = re.compile(r"([A-Za-z_]\w*)((?:\[#?\d+\])*)")
"""One name of a path, with its indices."""

MAX_PATH = 200
"""The longest path, in characters."""

INDEX = re.compile(r"\[(#?)(\d+)\]")
"""One index: permanent if it has a #."""


class Paths:
    """The modules of one Pyrpl instance, by path. To be used in the Qt thread only."""

    def __init__(self, pyrpl: Pyrpl):
        self.pyrpl = pyrpl
        self._numbers: weakref.WeakKeyDictionary[Module, int] = weakref.WeakKeyDictionary()
        self._next_number = itertools.count()
        self._latest: dict[str, Any] = {}

    def module(self, path: str) -> Any:
        """The module at `path`. Raises UnknownAttribute if there is none."""
        module: Any = self.pyrpl
        try:
            for name, indices in _steps(path):
                found = getattr(module, name)
                # a lockbox that PyRPL has removed is used on, as by a program that holds it
                module = self._latest.get(name) if found is None else found
                for permanent, number in indices:
                    module = self._element(module, number) if permanent else module[number]
                if not isinstance(module, MODULE_CLASSES):
                    raise TypeError(f"{name!r} is no module")
        except (AttributeError, IndexError, TypeError) as error:
            raise UnknownAttribute(
                f"there is no module {path!r:.80}: {error}", "p.modules lists the modules"
            ) from error
        return module

    def path(self, module: object, as_typed: bool = False) -> str | None:
        """The path of `module`, None for any object that is no module of this board.

        `as_typed`: with the present indices of list elements, not the permanent ones.
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

    def modules(self) -> Iterator[Any]:
        """All modules, each before those inside it."""
        return _walk(self.pyrpl)

    def top_level(self) -> list[str]:
        """The paths of the modules that have names of their own in the name server: rp.pid0, lockbox, ..."""
        names = submodules(self.pyrpl)
        return [n for n in names if n != "rp"] + [f"rp.{n}" for n in submodules(self.pyrpl.rp)]

    def shape(self) -> list[tuple[type, int]]:
        """The software modules as (type, id); it changes when modules are added, removed or replaced.

        The lockbox does this when its class or its list of stages changes.
        """
        self._latest.update((module.name, module) for module in self.pyrpl.software_modules)
        software = [module for top in self.pyrpl.software_modules for module in _walk(top)]
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


def submodules(module: Any) -> list[str]:
    """The names of the modules inside `module`."""
    if isinstance(module, Pyrpl):
        return ["rp"] + [m.name for m in module.software_modules]
    if isinstance(module, RedPitaya):
        return list(module.modules)
    declared = module._module_attributes  # noqa: SLF001 - PyRPL lists them nowhere else
    # without duplicates: a lockbox's stages share this list, and each new stage adds its outputs again
    return [name for name in dict.fromkeys(declared) if not name.startswith("_")]


def _walk(module: Any) -> Iterator[Any]:
    yield module
    for name in submodules(module):
        yield from _walk(getattr(module, name))
    if isinstance(module, ModuleList):
        for element in module:
            yield from _walk(element)


@functools.lru_cache(maxsize=1024)
def _steps(path: str) -> list[tuple[str, list[tuple[bool, int]]]]:
    """The names in a path, each with its indices as (is permanent, number).

    Raises AttributeError for a text that is no path.
    """
    if len(path) > MAX_PATH:
        raise AttributeError(f"a path has at most {MAX_PATH} characters")
    found = []
    for step in path.split(".") if path else ():
        match = STEP.fullmatch(step)
        if match is None or step.startswith("_"):
            raise AttributeError(step)
        found.append(
            (match[1], [(bool(permanent), int(number)) for permanent, number in INDEX.findall(match[2])])
        )
    return found
