"""The IIR filter in any state, cycle by cycle.

Pipeline of a stage: operands, products, sum, accumulation, output. The numbers of the stages in the pipeline
are in stage0 ... stage4.
"""

from __future__ import annotations

import numpy as np

from .compiled import inner, span
from .saturate import saturate, wrap

IIRBITS = 32
IIRSHIFT = 29
IIRSTAGES = 14
SIGNALBITS = 14
SIGNALSHIFT = 3
"""Fraction bits that the input has below those of a signal."""

HALF = 1 << (IIRSHIFT - 1)
"""Added to a product before its lowest bits are dropped, for rounding."""

INPUT_SHIFT = IIRBITS - SIGNALBITS - SIGNALSHIFT - 1
OUTPUT_SHIFT = SIGNALBITS + SIGNALSHIFT


@inner
def step(s, source, target, p, n):
    """Compute n cycles one by one; works in any state.

    Reads the filtered input source[p:p+n], which has SIGNALSHIFT more bits; fills target[p+1:p+n+1].
    """
    p, n = span(p, n)
    on = s.on
    loops = s.loops
    shortcut = s.shortcut
    stage0 = s.stage0
    stage1 = s.stage1
    stage2 = s.stage2
    stage3 = s.stage3
    stage4 = s.stage4
    x0 = s.x0
    y1a = s.y1a
    y2a = s.y2a
    x0b = s.x0b
    x1b = s.x1b
    a1 = s.a1
    a2 = s.a2
    b0 = s.b0
    b1 = s.b1
    p_ay1 = s.p_ay1
    p_ay2 = s.p_ay2
    p_bx0 = s.p_bx0
    p_bx1 = s.p_bx1
    z0 = s.z0
    total = s.total
    signal = s.signal
    overflow = s.overflow
    if not on:
        for stage in range(IIRSTAGES):
            s.y1[stage] = 0
            s.y2[stage] = 0
            s.x0_kept[stage] = 0
            s.x1[stage] = 0
    for i in range(p, p + n):
        sample = np.int64(source[i])
        target[i + 1] = wrap(sample >> SIGNALSHIFT, SIGNALBITS) if shortcut else signal
        if on:
            ay1 = (y1a * a1 + HALF) >> IIRSHIFT
            ay2 = (y2a * a2 + HALF) >> IIRSHIFT
            bx0 = (x0b * b0 + HALF) >> IIRSHIFT
            bx1 = (x1b * b1 + HALF) >> IIRSHIFT
            y_sum = p_ay1 + p_ay2 + p_bx0 + p_bx1
            y_full = saturate(y_sum, 32)
            scaled = total >> OUTPUT_SHIFT
            output = saturate(scaled, SIGNALBITS)
            if ay1 != saturate(ay1, 32):
                overflow |= 1
            if ay2 != saturate(ay2, 32):
                overflow |= 2
            if y_sum != y_full:
                overflow |= 4
            if bx0 != saturate(bx0, 32):
                overflow |= 8
            if bx1 != saturate(bx1, 32):
                overflow |= 16
            if scaled != output:
                overflow |= 64
            if stage4 == 0:
                signal = output
            total = z0 if stage3 == loops - 1 or stage3 == IIRSTAGES - 1 else wrap(total + z0, 36)
            # a stage's memories are read before the stage two cycles ahead of it writes its own
            if stage0 < IIRSTAGES:
                y1a = s.y1[stage0]
                y2a = s.y2[stage0]
                x1b = s.x1[stage0]
            if stage2 < IIRSTAGES:
                s.y2[stage2] = s.y1[stage2]
                s.y1[stage2] = y_full
                s.x1[stage2] = s.x0_kept[stage2]
                z0 = y_full
            if stage1 < IIRSTAGES:
                p_ay1 = saturate(ay1, 32)
                p_ay2 = saturate(ay2, 32)
                p_bx0 = saturate(bx0, 32)
                p_bx1 = saturate(bx1, 32)
            if stage0 < IIRSTAGES:
                x0b = x0
                b0 = s.coefficients[stage0, 0]
                b1 = s.coefficients[stage0, 1]
                a1 = s.coefficients[stage0, 2]
                a2 = s.coefficients[stage0, 3]
                s.x0_kept[stage0] = x0
            following = (loops if stage0 == 0 else stage0) - 1 & 0x3FF
        else:
            overflow = 0
            y1a = 0
            y2a = 0
            x1b = 0
            a1 = 0
            a2 = 0
            b0 = 0
            b1 = 0
            p_ay1 = 0
            p_ay2 = 0
            p_bx0 = 0
            p_bx1 = 0
            z0 = 0
            signal = 0
            following = loops
        stage4 = stage3
        stage3 = stage2
        stage2 = stage1
        stage1 = stage0
        stage0 = following
        x0 = sample << INPUT_SHIFT
    s.stage0 = stage0
    s.stage1 = stage1
    s.stage2 = stage2
    s.stage3 = stage3
    s.stage4 = stage4
    s.x0 = x0
    s.y1a = y1a
    s.y2a = y2a
    s.x0b = x0b
    s.x1b = x1b
    s.a1 = a1
    s.a2 = a2
    s.b0 = b0
    s.b1 = b1
    s.p_ay1 = p_ay1
    s.p_ay2 = p_ay2
    s.p_bx0 = p_bx0
    s.p_bx1 = p_bx1
    s.z0 = z0
    s.total = total
    s.signal = signal
    s.overflow = overflow
    s.out = target[p + n]
