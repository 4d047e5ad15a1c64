"""Finds the attributes that the methods of a class assign to self, or to a module inside self.

PyRPL declares most attributes, but not these; some, such as `data_avg`, do not exist until a method assigns
them. They are found in the bytecode of the methods.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any

from pyrpl.modules import Module


def instance_names(cls: type) -> set[str]:
    """The public attributes that the methods of `cls` and of its base classes assign to self."""
    names: set[str] = set()
    return names.union(*(_assigned_in(base).get("", ()) for base in cls.__mro__))


def assigned_from_outside(module: Any) -> set[str]:
    """The public attributes that methods of other modules assign to `module`.

    In them it is `self.<name of module>`: a lockbox's inputs assign `self.calibration_data.curve`.
    """
    names: set[str] = set()
    for cls in _subclasses(Module):
        names |= _assigned_in(cls).get(str(getattr(module, "name", "")), frozenset())
    return names


def _subclasses(cls: type) -> Iterator[type]:
    derived: type
    for derived in cls.__subclasses__():
        yield derived
        yield from _subclasses(derived)


@cache
def _assigned_in(cls: type) -> dict[str, frozenset[str]]:
    """The public attributes that the methods of `cls` itself assign.

    The key "" has those of self, the key `name` those of `self.name`.
    """
    found: dict[str, frozenset[str]] = {}
    for member in vars(cls).values():
        functions = (member.fget, member.fset) if isinstance(member, property) else (member,)
        for function in functions:
            if isinstance(function, FunctionType):
                for owner, names in _assigned(function).items():
                    found[owner] = found.get(owner, frozenset()) | names
    return found


def assigned_by(function: FunctionType) -> frozenset[str]:
    """The public attributes that a method assigns to self."""
    return _assigned(function).get("", frozenset())


@cache
def _assigned(function: FunctionType) -> dict[str, frozenset[str]]:
    """As `_assigned_in`, for one method."""
    found: dict[str, set[str]] = {}
    instructions = list(dis.get_instructions(function))
    for before, load, store in zip([None, *instructions], instructions, instructions[1:]):
        if store.opname != "STORE_ATTR" or store.argval.startswith("_"):
            continue
        if _loads_self(load):
            found.setdefault("", set()).add(store.argval)
        elif load.opname == "LOAD_ATTR" and before is not None and _loads_self(before):
            found.setdefault(load.argval, set()).add(store.argval)
    return {name: frozenset(names) for name, names in found.items()}


def _loads_self(instruction: dis.Instruction) -> bool:
    # from Python 3.13 on, one instruction may load two variables
    loaded = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
    return instruction.opname.startswith("LOAD_FAST") and loaded[-1] == "self"
