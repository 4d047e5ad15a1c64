"""How the block functions are compiled: only into the loop of engine.py, so without an entry from Python of their own."""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.numpy_support import from_dtype

#: decorator of a function that other compiled functions call
inner = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
#: the same for what is run in every turn, however short: becoming part of its caller saves handing over its arrays
hot = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy", forceinline=True)
#: the same for a function that is called in one place only, before types are known: it is optimised just once
single = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy", inline="always")


@inner
def span(p, n):
    """p and n, columns of the signal buffer. The compiler learns that neither is negative: it drops its checks for indices
    from the end, and can work on several columns at a time.
    """
    return p & 0xFFFF, n & 0xFFFF


@hot
def at(index):
    """An index that is not negative: without the compiler's check for one from the end, which keeps it from working on
    several columns at a time wherever it cannot tell by itself.
    """
    return np.uint64(index)


def record_reader(dtype: np.dtype):
    """A compiled function: record_reader(dtype)(words, first) is the record that starts at word `first` of an int64 array.

    It refers to the array's memory, so assigning to its fields changes the array.
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
    """The same array without its reference count, for the time that somebody else holds it.

    Counting the rows that are taken from the signal buffer would cost more than running short chunks of cycles.
    """

    def generate(context, builder, signature, arguments):
        kind = signature.args[0]
        view = context.make_array(kind)(context, builder, arguments[0])
        view.meminfo = ir.Constant(view.meminfo.type, None)
        view.parent = ir.Constant(view.parent.type, None)
        return view._getvalue()

    return array(array), generate
