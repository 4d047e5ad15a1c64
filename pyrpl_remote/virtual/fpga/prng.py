"""The generators' noise source: three nested xorshift words (red_pitaya_prng.v, red_pitaya_prng_xor).

In the gateware it runs from reset on; here it is computed only while a generator uses it. A step is linear
over single bits, so any number of skipped steps is made up for by a power of the step's matrix (`catch_up`).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .compiled import inner, span

STATE = np.dtype([("x1", np.int64), ("x2", np.int64), ("x3", np.int64), ("left_out", np.int64)])

RESET = {"x1": 1, "x2": 2, "x3": 3}

_BITS = 32
_MASK = (1 << _BITS) - 1


@inner
def run(s, target, p, n):
    """Compute n steps: fills target[p:p+n] with the table address of each cycle, 0 ... 16383."""
    p, n = span(p, n)
    x1, x2, x3 = s.x1, s.x2, s.x3
    for i in range(p, p + n):
        target[i] = x3 >> 18
        x1, x2, x3 = x3 ^ (x3 >> 13), (x1 ^ (x1 << 17)) & _MASK, x2 ^ (x2 >> 5)
    s.x1, s.x2, s.x3 = x1, x2, x3


def _step(words: int) -> int:
    """One step of the three words, packed into one number of 96 bits."""
    x1, x2, x3 = words & _MASK, words >> _BITS & _MASK, words >> 2 * _BITS
    return x3 ^ x3 >> 13 | ((x1 ^ x1 << 17) & _MASK) << _BITS | (x2 ^ x2 >> 5) << 2 * _BITS


def _apply(matrix: tuple[int, ...], words: int) -> int:
    """A matrix, given by its product with each single bit, times the packed words."""
    product = 0
    while words:
        lowest = words & -words
        product ^= matrix[lowest.bit_length() - 1]
        words ^= lowest
    return product


@cache
def _power(exponent: int) -> tuple[int, ...]:
    """The matrix of 2**exponent steps."""
    if exponent == 0:
        return tuple(_step(1 << bit) for bit in range(3 * _BITS))
    half = _power(exponent - 1)
    return tuple(_apply(half, column) for column in half)


def catch_up(record: np.void) -> None:
    """Compute the steps that were skipped."""
    words = int(record["x1"]) | int(record["x2"]) << _BITS | int(record["x3"]) << 2 * _BITS
    steps = int(record["left_out"])
    for exponent in range(steps.bit_length()):
        if steps >> exponent & 1:
            words = _apply(_power(exponent), words)
    record["x1"], record["x2"], record["x3"] = words & _MASK, words >> _BITS & _MASK, words >> 2 * _BITS
    record["left_out"] = 0
