"""How the functions of the blocks are compiled: into the loop of engine.py, without an entry from Python."""

from __future__ import annotations

from typing import Any

import numba
import numba.extending
import numpy as np
from llvmlite import ir
from numba import types
from numba.np.numpy_support import from_dtype

_njit: Any = numba.njit
"""Without numba's own annotations, which lack the options used here."""

intrinsic: Any = numba.extending.intrinsic
"""Without numba's own annotations, which want the typing context as an argument of every call."""

functions: set[Any] = set()
"""The functions that are compiled one by one, as Python knows them: what `counted` decorates."""


def counted(compile_function: Any) -> Any:
    """A decorator that does what the given one does, and counts the function among `functions`."""

    def decorate(function: Any) -> Any:
        functions.add(function)
        return compile_function(function)

    return decorate


inner = counted(_njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy"))
"""Decorator of a function that other compiled functions call."""

hot = counted(_njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy", forceinline=True))
"""As `inner`, for a function called in every turn, however short: inlined, it saves passing its arrays."""

single = _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy", inline="always")
"""As `inner`, for a function called in one place: inlined before types are inferred, it is optimised only
once."""


@inner
def span(p, n):
    """The arguments, a column and a number of columns of the signal buffer, made non-negative.

    The compiler then drops its checks for indices that count from the end, and vectorises loops over columns.
    """
    return p & 0xFFFF, n & 0xFFFF


@hot
def at(index):
    """The index, made non-negative, for places where the compiler cannot infer it.

    A check for an index that counts from the end would keep the compiler from vectorising the loop.
    """
    return np.uint64(index)


def record_reader(dtype: np.dtype) -> Any:
    """A compiled function f(words, first): the record of `dtype` at word `first` of an int64 array.

    The record refers to the array's memory, so assigning to its fields changes the array.
    """
    record = from_dtype(dtype)

    @intrinsic
    def read(typing_context, words, first):
        def generate(context, builder, signature, arguments):
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            place = builder.gep(array.data, [arguments[1]])
            return builder.bitcast(place, context.get_value_type(record))

        return record(words, types.intp), generate

    return read


@intrinsic
def borrowed(typing_context, array):
    """The same array without reference counting; its owner must outlive the use.

    Counting references to the rows of the signal buffer would cost more than computing a short chunk of
    cycles.
    """

    def generate(context, builder, signature, arguments):
        kind = signature.args[0]
        view = context.make_array(kind)(context, builder, arguments[0])
        view.meminfo = ir.Constant(view.meminfo.type, None)
        view.parent = ir.Constant(view.parent.type, None)
        return view._getvalue()  # noqa: SLF001 - numba has no public way to make a value of its struct proxies

    return array(array), generate
