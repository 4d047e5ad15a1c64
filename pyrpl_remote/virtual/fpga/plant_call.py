"""The call from the compiled loop into a plant, through the address of its compiled function.

Passing the address keeps the loop independent of the plant: one compiled loop serves every plant, a user's own too.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: compiled signature of a plant: pointers to the words of out1 and out2 (int32) and to the levels of in1 and in2 in counts
#: (float32) at the first cycle, one item a cycle; the outputs' past lies before the pointer. Then number of cycles, first
#: cycle, seed, parameters, state (float64)
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


@intrinsic
def call_plant(typing_context, address, out1, out2, in1, in2, n, cycle, seed, parameters, plant_state):
    """Call the plant at `address`; all arguments are int64, arrays by the address of their data."""

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
