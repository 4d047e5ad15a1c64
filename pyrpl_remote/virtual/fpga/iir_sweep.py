"""The IIR filter while it runs undisturbed: from round to round of its stages instead of cycle to cycle.

A stage depends on the input and on its own memory alone, so the compiler takes the stages of a round several at a time.
Cycle i enters stage j(i), which counts down; that stage's memory is written in cycle i + 2, its output added to the sum in
cycle i + 3, and in cycle i + 4 the sum goes out if j(i) was the last stage, 0. With more loops than there are stages, a
round begins with a pause, in which the last stage's output is added again in every cycle to a sum that nobody takes.
"""

import numpy as np

from .compiled import at, hot, inner
from .iir_step import HALF, IIRSHIFT, IIRSTAGES, INPUT_SHIFT, OUTPUT_SHIFT, SIGNALBITS, SIGNALSHIFT
from .saturate import fill, saturate, wrap

#: cycles that are stepped first: what is in flight then has been entered with the present input and coefficients
STEPPED = 3
#: fewer cycles are not worth it; fewer stages would be entered again before they are written
FEWEST_CYCLES = 12
FEWEST_STAGES = 4
_SUM_BITS = 36
#: a sum that the output cannot show
_FULL = 1 << (SIGNALBITS - 1 + OUTPUT_SHIFT)


@inner
def is_undisturbed(s):
    """Whether the stages in flight are those that follow from the number of loops."""
    last = s.loops - 1
    above = s.stage0
    undisturbed = above <= last
    for stage in (s.stage1, s.stage2, s.stage3, s.stage4):
        undisturbed = undisturbed and stage == (0 if above == last else above + 1)
        above = stage
    return undisturbed


@inner
def cycles_to_pause(s):
    """How many cycles from now the next round begins."""
    return (s.stage0 + 1) % s.loops


@inner
def _enter(s, source, first, high, low):
    """Stages high ... low take source[first], source[first+1]...; the sum of their outputs, and of the outputs' sizes."""
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
    """The output's overflow, which every cycle looks for in the sum as far as it has come."""
    if not -_FULL <= total < _FULL:
        s.overflow |= 64


@hot
def _output(total):
    return saturate(total >> OUTPUT_SHIFT, SIGNALBITS)


@inner
def sweep(s, source, target, p, n):
    """n cycles, behind STEPPED ones after which the filter was undisturbed; if rounds have pauses, n cycles of whole rounds."""
    end = p + n
    top = min(s.loops, IIRSTAGES) - 1
    signal = s.signal
    total = s.total
    # the two stages in flight that are written already
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
    # all others but the last three
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
    # the last three: written, multiplied, entered
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
