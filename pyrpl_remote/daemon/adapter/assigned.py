"""Finds the attributes that the methods of a class assign to self.

PyRPL declares most attributes, but not these; some, such as `data_avg`, do not exist until a method assigns
them. They are found in the bytecode of the methods.
"""

from __future__ import annotations

import dis
from functools import cache
from itertools import pairwise
from types import FunctionType


def instance_names(cls: type) -> set[str]:
    """The public attributes that the methods of `cls` and of its base classes assign to self."""
    names: set[str] = set()
    return names.union(*map(_assigned_in, cls.__mro__))


@cache
def _assigned_in(cls: type) -> frozenset[str]:
    """As `instance_names`, for the methods of `cls` without its base classes."""
    names = set()
    for member in vars(cls).values():
        functions = (member.fget, member.fset) if isinstance(member, property) else (member,)
        for function in functions:
            if isinstance(function, FunctionType):
                names |= {
                    store.argval
                    for load, store in pairwise(dis.get_instructions(function))
                    if store.opname == "STORE_ATTR" and _loads_self(load)
                }
    return frozenset(name for name in names if not name.startswith("_"))


def _loads_self(instruction: dis.Instruction) -> bool:
    # from Python 3.13 on, one instruction may load two variables
    loaded = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
    return instruction.opname.startswith("LOAD_FAST") and loaded[-1] == "self"
