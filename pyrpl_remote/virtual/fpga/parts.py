"""Functions that are compiled each by itself, in any process, and are called through their addresses.

A change of the way in which one of them is computed leaves the compiled code of the others as it is, and
several processes can compile them at the same time. The blocks of the FPGA and the plants are such functions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils

from ..code_cache import kept
from .compiled import intrinsic

_cfunc: Any = numba.cfunc
"""Without numba's own annotations, which lack the options used here."""


class Part:
    """A function of a fixed signature, which is compiled, or loaded, when its address is first needed."""

    def __init__(self, function: Callable[..., Any], signature: Any):
        self.function = function
        self._signature = signature

    @property
    def address(self) -> int:
        """Address of the compiled function."""
        return self.compiled.address

    def prepare(self) -> None:
        """Compile it, or load its code."""
        _ = self.compiled

    @functools.cached_property
    def compiled(self) -> Any:
        """The compiled function, a `cfunc`."""
        return kept(_cfunc, self._signature, error_model="numpy")(self.function)


def part(signature: Any) -> Callable[[Callable[..., Any]], Part]:
    """A decorator that makes a `Part` of a function, whose arguments are int64 or pointers."""
    return lambda function: Part(function, signature)


def caller(signature: Any) -> Any:
    """A compiled function f(address, arguments) that calls a part of this signature at its address.

    arguments: a tuple of int64; where the signature has a pointer, the address of an array's data.
    """
    native = [
        ir.IntType(8).as_pointer() if isinstance(kind, types.CPointer) else ir.IntType(64)
        for kind in signature.args
    ]
    function_type = ir.FunctionType(ir.VoidType(), native)

    @intrinsic
    def call(typing_context, address, arguments):
        def generate(context, builder, call_signature, values):
            function = builder.inttoptr(values[0], function_type.as_pointer())
            passed = [
                builder.inttoptr(value, kind) if isinstance(kind, ir.PointerType) else value
                for value, kind in zip(cgutils.unpack_tuple(builder, values[1]), native)
            ]
            builder.call(function, passed)
            return context.get_dummy_value()

        return types.none(types.int64, types.UniTuple(types.int64, len(native))), generate

    return call
