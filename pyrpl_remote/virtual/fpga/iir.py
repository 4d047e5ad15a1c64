"""The infinite-impulse-response filter without its input filter: 14 biquads in parallel, one a cycle (red_pitaya_iir_block.v).

Pipeline of a stage: operands, products, sum, accumulation, output. The stage numbers travel along in stage0 ... stage4.
"""
import numpy as np

from . import lpf
from .compiled import hot, inner, span
from .registers import Packed, ReadOnly, Register
from .saturate import saturate, wrap

IIRBITS = 32
IIRSHIFT = 29
IIRSTAGES = 14
SIGNALBITS = 14
#: bits that the input is over-represented by
SIGNALSHIFT = 3
LOOPBITS = 10
FILTERSTAGES = 1
FILTERSHIFTBITS = 3
FILTERMINBW = 1000
FILTER = lpf.Kind(FILTERSHIFTBITS, SIGNALBITS + SIGNALSHIFT, max_shift=17)

#: offset of the write-only coefficients, 8 words a stage, of which the even ones hold b0, b1, a1, a2
COEFFICIENTS = 0x8000

STATE = np.dtype([(name, np.int64) for name in (
    "loops", "on", "shortcut", "filter", "overflow",
    "stage0", "stage1", "stage2", "stage3", "stage4",
    "x0", "y1a", "y2a", "x0b", "x1b", "a1", "a2", "b0", "b1", "p_ay1", "p_ay2", "p_bx0", "p_bx1", "z0", "total",
    "signal", "out",
)] + [(name, np.int64, (IIRSTAGES,)) for name in ("y1", "y2", "x1", "x0_kept")]
    + [("coefficients", np.int64, (IIRSTAGES, 4)), ("filter_memory", np.int64, (FILTERSTAGES, 2))])

RESET = {}

REGISTERS = {
    0x100: Register("loops", LOOPBITS),
    0x104: Packed(Register("on", 1), Register("shortcut", 1, shift=1)),
    0x108: ReadOnly(lambda record: int(record["overflow"])),
    0x120: Register("filter", 32),
    0x200: ReadOnly(IIRBITS),
    0x204: ReadOnly(IIRSHIFT),
    0x208: ReadOnly(IIRSTAGES),
    0x220: ReadOnly(FILTERSTAGES),
    0x224: ReadOnly(FILTERSHIFTBITS),
    0x228: ReadOnly(FILTERMINBW),
}

_HALF = 1 << (IIRSHIFT - 1)
_HIGH = (1 << 31) - 1
_OUTPUT_SHIFT = SIGNALBITS + SIGNALSHIFT


@hot
def run(s, source, target, p, n):
    """n cycles: reads the filtered, over-represented input source[p:p+n], writes target[p+1:p+n+1]."""
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
            ay1 = (y1a * a1 + _HALF) >> IIRSHIFT
            ay2 = (y2a * a2 + _HALF) >> IIRSHIFT
            bx0 = (x0b * b0 + _HALF) >> IIRSHIFT
            bx1 = (x1b * b1 + _HALF) >> IIRSHIFT
            y_sum = p_ay1 + p_ay2 + p_bx0 + p_bx1
            y_full = saturate(y_sum, 32)
            scaled = total >> _OUTPUT_SHIFT
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
            if stage3 == loops - 1 or stage3 == IIRSTAGES - 1:
                total = z0
            else:
                total = wrap(total + z0, 36)
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
        x0 = sample << (32 - SIGNALBITS - SIGNALSHIFT - 1)
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


@inner
def is_dormant(s):
    """Whether the filter is off and its output stands still."""
    return s.on == 0 and s.shortcut == 0 and s.signal == 0 and s.out == 0
