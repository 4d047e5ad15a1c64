"""A chain of first-order low- or high-pass filters (red_pitaya_filter_block.v, red_pitaya_lpf_block.v).

It filters the inputs of pid, trig, iir and iq, and the outputs of the iq's demodulators. A stage that is off
passes its input on without delay, but its memory still follows the input and has an effect once the stage is
switched on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import at, hot, span

ON = 0x80808080
"""The bits of a filter register that switch its stages on."""


class Kind(NamedTuple):
    """A filter's widths in bits: shift in its register, signal, fraction of the accumulator (`max_shift`).

    The fraction has as many bits as 125 MHz / FILTERMINBW, a constant of the module that the filter belongs
    to.
    """

    shift_bits: int
    signal_bits: int
    max_shift: int


@hot
def _settings(kind, setting, stage):
    control = (setting >> (8 * stage)) & 0xFF
    return control & 0xC0, min(control & ((1 << kind.shift_bits) - 1), kind.max_shift)


@hot
def _is_low_pass(mode):
    return mode == 0x80


@hot
def _follow(accumulator, difference, shift, fraction, source, p, n):
    """Compute n cycles of a stage that is off; returns its new accumulator and difference.

    The output changes slowly or not at all: if it cannot have changed, only the sum of the input matters.
    """
    output = accumulator >> fraction
    total = np.int64(0)
    swing = abs(difference)
    for i in range(p, p + n - 1):
        step = np.int64(source[at(i)]) - output
        total += step
        swing += abs(step)
    if swing >> (62 - shift) == 0:
        swing <<= shift
        if (accumulator - swing) >> fraction == output and (accumulator + swing) >> fraction == output:
            return accumulator + ((difference + total) << shift), np.int64(source[p + n - 1]) - output
    for i in range(p, p + n):
        output = accumulator >> fraction
        accumulator += difference << shift
        difference = np.int64(source[i]) - output
    return accumulator, difference


@hot
def _low_pass(accumulator, difference, shift, fraction, source, target, p, n):
    """Compute n cycles of a low-pass stage; returns its new accumulator and difference."""
    for i in range(p, p + n):
        sample = np.int64(source[i])
        output = accumulator >> fraction
        target[i] = output
        accumulator += difference << shift
        difference = sample - output
    return accumulator, difference


@hot
def _low_pass_pair(memory1, memory2, stage, shift, fraction, row1, row2, p, n):
    """Compute n cycles of the same low-pass stage of two filters, in place.

    Each cycle of a filter depends on the one before, so two filters together take hardly longer than one.
    """
    accumulator1, difference1 = memory1[stage, 0], memory1[stage, 1]
    accumulator2, difference2 = memory2[stage, 0], memory2[stage, 1]
    for i in range(p, p + n):
        sample1 = np.int64(row1[i])
        sample2 = np.int64(row2[i])
        output1 = accumulator1 >> fraction
        output2 = accumulator2 >> fraction
        row1[i] = output1
        row2[i] = output2
        accumulator1 += difference1 << shift
        accumulator2 += difference2 << shift
        difference1 = sample1 - output1
        difference2 = sample2 - output2
    memory1[stage, 0], memory1[stage, 1] = accumulator1, difference1
    memory2[stage, 0], memory2[stage, 1] = accumulator2, difference2


@hot
def _stage(kind, memory, setting, stage, stages, source, target, p, n):
    """Compute n cycles of one stage, or of several that are off.

    Returns the number of the next stage, and whether target[p:p+n] was filled. The accumulator is kept in the
    upper bits of 64, so that it wraps by itself at the gateware's width.
    """
    scale = 64 - kind.signal_bits - kind.max_shift
    fraction = scale + kind.max_shift
    wrap = 64 - kind.signal_bits
    mode, shift = _settings(kind, setting, stage)
    shift += scale
    accumulator = memory[stage, 0]
    difference = memory[stage, 1]
    following = stage + 1
    if mode & 0x80 == 0:
        # stages that are off have the same input: if their memories are equal they remain equal
        while (
            following < stages and memory[following, 0] == accumulator and memory[following, 1] == difference
        ):
            other_mode, other_shift = _settings(kind, setting, following)
            if other_mode & 0x80 or other_shift + scale != shift:
                break
            following += 1
        accumulator, difference = _follow(accumulator, difference, shift, fraction, source, p, n)
    elif _is_low_pass(mode):
        accumulator, difference = _low_pass(accumulator, difference, shift, fraction, source, target, p, n)
    else:
        for i in range(p, p + n):
            sample = np.int64(source[i])
            target[i] = (difference << wrap) >> wrap
            output = accumulator >> fraction
            accumulator += difference << shift
            difference = sample - output
    while stage < following:
        memory[stage, 0] = accumulator
        memory[stage, 1] = difference
        stage += 1
    return following, mode & 0x80 != 0


@hot
def run(kind, memory, setting, source, target, p, n):
    """Filter source[p:p+n]; returns the array that holds the result, `source` itself if no stage is on.

    memory: int64 (stages, 2), accumulator and difference of each stage; setting: the filter register, with
    one byte for each stage (bit 7 on, bit 6 high-pass, low bits the shift).
    """
    p, n = span(p, n)
    stage = 0
    while stage < memory.shape[0]:
        stage, filled = _stage(kind, memory, setting, stage, memory.shape[0], source, target, p, n)
        if filled:
            source = target
    return source


@hot
def run_pair(kind, memory1, memory2, stages, setting, row1, row2, p, n):
    """Filter row1 and row2 [p:p+n] in place, with one setting, by the first `stages` of two memories."""
    p, n = span(p, n)
    scale = 64 - kind.signal_bits - kind.max_shift
    stage = 0
    while stage < stages:
        mode, shift = _settings(kind, setting, stage)
        if _is_low_pass(mode):
            _low_pass_pair(memory1, memory2, stage, shift + scale, scale + kind.max_shift, row1, row2, p, n)
            stage += 1
        else:
            end = stage + 1
            while mode & 0x80 == 0 and end < stages and (setting >> (8 * end)) & 0x80 == 0:
                end += 1
            for memory, row in ((memory1, row1), (memory2, row2)):
                place = stage
                while place < end:
                    place, _ = _stage(kind, memory, setting, place, end, row, row, p, n)
            stage = end
