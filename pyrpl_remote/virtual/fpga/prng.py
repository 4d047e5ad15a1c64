"""The generators' noise source: three nested xorshift words (red_pitaya_prng.v, red_pitaya_prng_xor)."""
import numpy as np

from .compiled import inner

STATE = np.dtype([("x1", np.int64), ("x2", np.int64), ("x3", np.int64)])

RESET = {"x1": 1, "x2": 2, "x3": 3}

_MASK = 0xFFFFFFFF


@inner
def run(s, target, p, n):
    """n steps; target[p:p+n] gets the table address of each cycle, 0 ... 16383."""
    x1, x2, x3 = s.x1, s.x2, s.x3
    for i in range(p, p + n):
        target[i] = x3 >> 18
        x1, x2, x3 = x3 ^ (x3 >> 13), (x1 ^ (x1 << 17)) & _MASK, x2 ^ (x2 >> 5)
    s.x1, s.x2, s.x3 = x1, x2, x3
