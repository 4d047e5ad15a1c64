"""Arithmetic of all blocks: wrapping to a width, saturation, rounding product; copying and filling rows.

Saturation and product are red_pitaya_saturate.v and red_pitaya_product_sat.v of the gateware.
"""

from __future__ import annotations

from .compiled import at, inner


@inner
def wrap(value, bits):
    """The low `bits` bits of `value` as a signed number: what a signed register of that width keeps."""
    return (value << (64 - bits)) >> (64 - bits)


@inner
def saturate(value, bits):
    """`value` limited to the range of a signed word of `bits` bits."""
    high = (1 << (bits - 1)) - 1
    return min(max(value, -high - 1), high)


@inner
def product_saturate(factor1, factor2, shift, bits):
    """The product, rounded half up before `shift` bits are dropped, then saturated to `bits` bits."""
    return saturate((factor1 * factor2 + (1 << (shift - 1))) >> shift, bits)


@inner
def copy(source, target, first, end):
    """Do target[first:end] = source[first:end]; a plain loop compiles in a fraction of the time."""
    for i in range(first, end):
        target[at(i)] = source[at(i)]


@inner
def fill(target, first, end, value):
    """Do target[first:end] = value."""
    for i in range(first, end):
        target[at(i)] = value
