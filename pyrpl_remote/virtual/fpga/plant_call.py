"""The call from the compiled loop into a plant, through the address of its compiled function.

The address makes the loop independent of the plant: one compiled loop works with every plant, a user's own
too.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils

from .compiled import intrinsic

SIGNATURE = types.void(
    types.CPointer(types.int32),
    types.CPointer(types.int32),
    types.CPointer(types.float32),
    types.CPointer(types.float32),
    types.int64,
    types.int64,
    types.int64,
    types.CPointer(types.float64),
    types.CPointer(types.float64),
)
"""Compiled signature of a plant.

Pointers to the words of out1 and out2 (int32) and to the levels of in1 and in2 in counts (float32) in the
first cycle, with one item for each cycle; earlier words of the outputs lie before their pointers. Then the
number of cycles, the first cycle, the seed, and pointers to parameters and state (float64).
"""


@intrinsic
def call_plant(typing_context, address, out1, out2, in1, in2, n, cycle, seed, parameters, plant_state):
    """Call the plant at `address`; all arguments are int64, arrays are passed as addresses of their data."""

    def generate(context, builder, signature, arguments):
        pointers = {1, 2, 3, 4, 8, 9}
        native = [
            ir.IntType(8).as_pointer() if i in pointers else ir.IntType(64) for i in range(1, len(arguments))
        ]
        function = builder.inttoptr(arguments[0], ir.FunctionType(ir.VoidType(), native).as_pointer())
        builder.call(
            function,
            [
                builder.inttoptr(argument, kind) if isinstance(kind, ir.PointerType) else argument
                for argument, kind in zip(arguments[1:], native)
            ],
        )
        return cgutils.get_null_value(ir.LiteralStructType([]).as_pointer())

    return types.none(*[types.int64] * 10), generate
