"""The infinite-impulse-response filter without its input filter (red_pitaya_iir_block.v).

It has up to 14 biquad stages in parallel, which share one multiplier: one stage enters the pipeline in each
cycle.
"""

from __future__ import annotations

import numpy as np

from . import iir_sweep, lpf
from .compiled import inner
from .iir_step import IIRBITS, IIRSHIFT, IIRSTAGES, SIGNALBITS, SIGNALSHIFT, step
from .registers import BusWord, Packed, ReadOnly, Register

LOOPBITS = 10
FILTERSTAGES = 1
FILTERSHIFTBITS = 3
FILTERMINBW = 1000
FILTER = lpf.Kind(FILTERSHIFTBITS, SIGNALBITS + SIGNALSHIFT, max_shift=17)

COEFFICIENTS = 0x8000
"""Offset of the write-only coefficients: 8 words for each stage, of which the even ones hold b0, b1, a1,
a2."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "loops",
            "on",
            "shortcut",
            "filter",
            "overflow",
            "stage0",
            "stage1",
            "stage2",
            "stage3",
            "stage4",
            "x0",
            "y1a",
            "y2a",
            "x0b",
            "x1b",
            "a1",
            "a2",
            "b0",
            "b1",
            "p_ay1",
            "p_ay2",
            "p_bx0",
            "p_bx1",
            "z0",
            "total",
            "signal",
            "out",
        )
    ]
    + [(name, np.int64, (IIRSTAGES,)) for name in ("y1", "y2", "x1", "x0_kept")]
    + [("coefficients", np.int64, (IIRSTAGES, 4)), ("filter_memory", np.int64, (FILTERSTAGES, 2))]
)

RESET: dict[str, int] = {}

REGISTERS: dict[int, BusWord] = {
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


@inner
def run(s, source, target, p, n):
    """Compute n cycles: reads the filtered input source[p:p+n] as `step` does, fills target[p+1:p+n+1]."""
    stepped = min(iir_sweep.STEPPED, n)
    step(s, source, target, p, stepped)
    swept = 0
    if (
        s.on
        and n >= iir_sweep.FEWEST_CYCLES
        and s.loops >= iir_sweep.FEWEST_STAGES
        and iir_sweep.is_undisturbed(s)
    ):
        if s.loops <= IIRSTAGES:
            swept = n - stepped
        else:
            # rounds with pauses between them are swept only as a whole
            pause = min(iir_sweep.cycles_to_pause(s), n - stepped)
            step(s, source, target, p + stepped, pause)
            stepped += pause
            swept = (n - stepped) // s.loops * s.loops
    if swept:
        iir_sweep.sweep(s, source, target, p + stepped, swept)
    step(s, source, target, p + stepped + swept, n - stepped - swept)


@inner
def is_idle(s):
    """Whether both filters are off and the output is constant."""
    return s.filter & lpf.ON == 0 and s.on == 0 and s.shortcut == 0 and s.signal == 0 and s.out == 0
