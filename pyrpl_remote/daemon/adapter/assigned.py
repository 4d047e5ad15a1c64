"""Which attributes a class gives its instances, also those that it assigns only later (`data_avg` of a running average).

PyRPL declares most attributes, but some come into being in its methods; they are found by reading the methods' bytecode.
"""

from __future__ import annotations

import dis
from functools import cache
from types import FunctionType


def instance_names(cls: type) -> set[str]:
    """Public attributes that the methods of `cls` assign to self, some of them only later (data_avg)."""
    return set().union(*map(_assigned_in, cls.__mro__))


@cache
def _assigned_in(cls: type) -> frozenset[str]:
    """The same for the methods written in `cls` itself, read off their bytecode."""
    names = set()
    for member in vars(cls).values():
        functions = (member.fget, member.fset) if isinstance(member, property) else (member,)
        for function in functions:
            if isinstance(function, FunctionType):
                code = list(dis.get_instructions(function))
                names |= {
                    store.argval
                    for load, store in zip(code, code[1:])
                    if store.opname == "STORE_ATTR" and _loads_self(load)
                }
    return frozenset(name for name in names if not name.startswith("_"))


def _loads_self(instruction: dis.Instruction) -> bool:
    # from Python 3.13 on, one instruction may load two variables
    loaded = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
    return instruction.opname.startswith("LOAD_FAST") and loaded[-1] == "self"
