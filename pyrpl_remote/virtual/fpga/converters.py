"""The board's analogue-to-digital converters behind the plant: noise, rounding, saturation to 14 bits."""

from __future__ import annotations

import numpy as np
from numba import njit

from .compiled import at, hot, span


@njit
def noise(seed, cycle, channel):
    """Noise of unit variance, nearly Gaussian and white in time: a pure function of seed, cycle and channel.

    It is the sum of the four bytes of a hash of the three (`lowbias32`, a 32-bit finaliser by C. Wellons).
    """
    key = np.uint32(np.uint32(seed * 4 + channel) * np.uint32(0x9E3779B1))
    key = np.uint32(key ^ np.uint32(np.uint32(cycle >> 32) * np.uint32(0x85EBCA6B)))
    bits = np.uint32(np.uint32(cycle) ^ key)
    bits = np.uint32(bits ^ (bits >> np.uint32(16)))
    bits = np.uint32(bits * np.uint32(0x7FEB352D))
    bits = np.uint32(bits ^ (bits >> np.uint32(15)))
    bits = np.uint32(bits * np.uint32(0x846CA68B))
    bits = np.uint32(bits ^ (bits >> np.uint32(16)))
    total = np.int32(
        (bits & np.uint32(0xFF))
        + ((bits >> np.uint32(8)) & np.uint32(0xFF))
        + ((bits >> np.uint32(16)) & np.uint32(0xFF))
        + (bits >> np.uint32(24))
    )
    # four uniform bytes: mean 510, variance 4 (2^16 - 1) / 12
    return (np.float32(total) - np.float32(510.0)) * np.float32(1 / 147.80)


@hot
def add_noise(levels, seed, cycle, rms, p, n):
    """Fill the noise that both converters add in n cycles, from column p on, which is that of `cycle`.

    levels: float32 (4, size), two rows with the plant's levels of both inputs in counts, then two with the
    noise, which is computed ahead for many cycles.
    """
    p, n = span(p, n)
    for channel in range(2):
        row = levels[2 + channel]
        for i in range(n):
            row[at(p + i)] = np.float32(rms) * noise(seed, cycle + i, channel)


@hot
def convert(levels, channel, target, p, n):
    """Fill target[p:p+n] with the words of one input, from its level and its noise."""
    p, n = span(p, n)
    level = levels[channel]
    added = levels[2 + channel]
    for i in range(p, p + n):
        limited = min(max(level[at(i)] + added[at(i)], np.float32(-8192.0)), np.float32(8191.0))
        target[at(i)] = np.int32(np.floor(limited + np.float32(0.5)))
