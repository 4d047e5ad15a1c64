"""The call from the compiled loop into a plant, through the address of its compiled function.

The address makes the loop independent of the plant: one compiled loop works with every plant, a user's own
too.
"""

from __future__ import annotations

from numba import types

from .parts import caller

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

call_plant = caller(SIGNATURE)
"""Call the plant at an address: call_plant(address, arguments), see `caller`."""
