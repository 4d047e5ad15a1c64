"""The IIR filter while no setting changes: from round to round of its stages instead of cycle to cycle.

A stage depends only on the input and on its own memory, so the compiler can vectorise over the stages of a
round. Stage j(i), which counts down, enters the pipeline in cycle i. Its memory is written in cycle i + 2 and
its output added to the sum in cycle i + 3; in cycle i + 4 the sum goes to the output if j(i) was the last
stage, 0. With more loops than stages a round begins with a pause, in which every cycle adds the last stage's
output again to a sum that is not used.
"""

from __future__ import annotations

import numpy as np

from .compiled import at, hot, inner
from .iir_step import HALF, IIRSHIFT, IIRSTAGES, INPUT_SHIFT, OUTPUT_SHIFT, SIGNALBITS, SIGNALSHIFT
from .saturate import fill, saturate, wrap

STEPPED = 3
"""Cycles that are stepped first; then every stage in the pipeline has the present input and coefficients."""

FEWEST_CYCLES = 12
"""With fewer cycles a sweep saves nothing."""

FEWEST_STAGES = 4
"""With fewer stages a stage would enter the pipeline again before its memory is written."""

_SUM_BITS = 36
_FULL = 1 << (SIGNALBITS - 1 + OUTPUT_SHIFT)
"""The smallest sum that saturates the output."""


@inner
def is_undisturbed(s):
    """Whether the stages in the pipeline are those that follow from the number of loops."""
    last = s.loops - 1
    above = s.stage0
    undisturbed = above <= last
    for stage in (s.stage1, s.stage2, s.stage3, s.stage4):
        undisturbed = undisturbed and stage == (0 if above == last else above + 1)
        above = stage
    return undisturbed


@inner
def cycles_to_pause(s):
    """Cycles from now until the next round begins."""
    return (s.stage0 + 1) % s.loops


@inner
def _enter(s, source, first, high, low):
    """Compute stages high ... low with the inputs source[first], source[first+1] ...

    Returns the sum of their outputs, and the sum of the outputs' absolute values.
    """
    coefficients, y1, y2, x1, x0_kept = s.coefficients, s.y1, s.y2, s.x1, s.x0_kept
    excess_ay1 = excess_ay2 = excess_y = excess_bx0 = excess_bx1 = np.int64(0)
    total = size = np.int64(0)
    last = first + high
    for number in range(low, high + 1):
        stage = at(number)
        x0 = np.int64(source[at(last - number)]) << INPUT_SHIFT
        bx0 = (x0 * coefficients[stage, 0] + HALF) >> IIRSHIFT
        bx1 = (x1[stage] * coefficients[stage, 1] + HALF) >> IIRSHIFT
        ay1 = (y1[stage] * coefficients[stage, 2] + HALF) >> IIRSHIFT
        ay2 = (y2[stage] * coefficients[stage, 3] + HALF) >> IIRSHIFT
        y_sum = saturate(ay1, 32) + saturate(ay2, 32) + saturate(bx0, 32) + saturate(bx1, 32)
        y = saturate(y_sum, 32)
        excess_ay1 |= ay1 ^ saturate(ay1, 32)
        excess_ay2 |= ay2 ^ saturate(ay2, 32)
        excess_y |= y_sum ^ y
        excess_bx0 |= bx0 ^ saturate(bx0, 32)
        excess_bx1 |= bx1 ^ saturate(bx1, 32)
        y2[stage] = y1[stage]
        y1[stage] = y
        x1[stage] = x0
        x0_kept[stage] = x0
        total += y
        size += abs(y)
    s.overflow |= (
        (excess_ay1 != 0)
        | (excess_ay2 != 0) << 1
        | (excess_y != 0) << 2
        | (excess_bx0 != 0) << 3
        | (excess_bx1 != 0) << 4
    )
    return total, size


@hot
def _note_excess(s, total):
    """Set the output's overflow flag if the partial sum, checked in every cycle, is too large."""
    if not -_FULL <= total < _FULL:
        s.overflow |= 64


@hot
def _output(total):
    return saturate(total >> OUTPUT_SHIFT, SIGNALBITS)


@inner
def sweep(s, source, target, p, n):
    """Compute n cycles after STEPPED ones, undisturbed; whole rounds only, if these have pauses."""
    end = p + n
    top = min(s.loops, IIRSTAGES) - 1
    signal = s.signal
    total = s.total
    # the two stages in the pipeline whose memory is written already
    filled = p + 1
    _note_excess(s, total)
    if s.stage4 == 0:
        target[filled] = signal
        filled += 1
        signal = _output(total)
    total = s.z0 if s.stage3 == s.loops - 1 else wrap(total + s.z0, _SUM_BITS)
    if s.stage3 == 0:
        fill(target, filled, p + 3, signal)
        filled = p + 3
        signal = _output(total)
    # all other stages except the last three
    entered = p - 2
    stage = s.stage2
    while entered < end - 3:
        low = max(stage + 1 - (end - 3 - entered), 0)
        _note_excess(s, total)
        if stage > top:
            _note_excess(s, s.y1[0] * (stage - top))
            entered += stage - top
            stage = top
            low = max(stage + 1 - (end - 3 - entered), 0)
        if stage == top:
            total = np.int64(0)
        part, size = _enter(s, source, entered - 1, stage, low)
        if abs(total) + size < _FULL:
            total += part
        else:
            for place in range(stage - low + 1):
                _note_excess(s, total)
                total = wrap(total + s.y1[stage - place], _SUM_BITS)
        entered += stage - low + 1
        if low > 0:
            stage = low - 1
        else:
            stage = s.loops - 1
            if entered < end - 3:
                fill(target, filled, entered + 5, signal)
                filled = entered + 5
                signal = _output(total)
    fill(target, filled, end + 1, signal)
    if s.shortcut:
        for i in range(p, end):
            target[at(i + 1)] = wrap(np.int64(source[at(i)]) >> SIGNALSHIFT, SIGNALBITS)
    s.total = total
    s.signal = signal
    s.out = target[end]
    # the last three: memory written, multiplied, entered
    s.z0, _ = _enter(s, source, end - 4, stage, stage)
    s.stage4 = 0 if stage == s.loops - 1 else stage + 1
    s.stage3 = stage
    s.stage2 = (s.loops if s.stage3 == 0 else s.stage3) - 1
    s.stage1 = (s.loops if s.stage2 == 0 else s.stage2) - 1
    s.stage0 = (s.loops if s.stage1 == 0 else s.stage1) - 1
    _latch(s, s.stage2, np.int64(source[end - 3]) << INPUT_SHIFT)
    _multiply(s)
    _latch(s, s.stage1, np.int64(source[end - 2]) << INPUT_SHIFT)
    s.x0 = np.int64(source[end - 1]) << INPUT_SHIFT


@hot
def _latch(s, stage, x0):
    s.x0b = s.x0_kept[stage] = x0
    s.x1b = s.x1[stage]
    s.y1a = s.y1[stage]
    s.y2a = s.y2[stage]
    s.b0 = s.coefficients[stage, 0]
    s.b1 = s.coefficients[stage, 1]
    s.a1 = s.coefficients[stage, 2]
    s.a2 = s.coefficients[stage, 3]


@hot
def _multiply(s):
    bx0 = (s.x0b * s.b0 + HALF) >> IIRSHIFT
    bx1 = (s.x1b * s.b1 + HALF) >> IIRSHIFT
    ay1 = (s.y1a * s.a1 + HALF) >> IIRSHIFT
    ay2 = (s.y2a * s.a2 + HALF) >> IIRSHIFT
    s.p_bx0 = saturate(bx0, 32)
    s.p_bx1 = saturate(bx1, 32)
    s.p_ay1 = saturate(ay1, 32)
    s.p_ay2 = saturate(ay2, 32)
    s.overflow |= (ay1 != s.p_ay1) | (ay2 != s.p_ay2) << 1 | (bx0 != s.p_bx0) << 3 | (bx1 != s.p_bx1) << 4
