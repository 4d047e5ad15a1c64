"""A chain of first-order low- or high-pass filters (red_pitaya_filter_block.v, red_pitaya_lpf_block.v).

It stands at the input of pid, trig, iir and iq, and behind the iq's demodulators. A stage that is off passes its input
on without delay, but its memory goes on following the input: what it holds shows when the stage is switched on.
"""
from typing import NamedTuple

import numpy as np

from .compiled import hot, span


class Kind(NamedTuple):
    """A filter's widths: of the shift in its register, of its signal, of the fraction below it in the accumulator.

    The fraction has the bits of 125 MHz / FILTERMINBW, a constant of the module that the filter belongs to.
    """

    shift_bits: int
    signal_bits: int
    max_shift: int


@hot
def _settings(kind, setting, stage):
    control = (setting >> (8 * stage)) & 0xFF
    return control & 0xC0, min(control & ((1 << kind.shift_bits) - 1), kind.max_shift)


@hot
def _follow(accumulator, difference, shift, fraction, source, p, n):
    """A stage that is off, over n cycles; its new accumulator and difference.

    Its output moves slowly or not at all: if it cannot have moved, only the sum of the input matters.
    """
    output = accumulator >> fraction
    total = np.int64(0)
    swing = abs(difference)
    for i in range(p, p + n - 1):
        step = np.int64(source[i]) - output
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
def run(kind, memory, setting, source, target, p, n):
    """Filter source[p:p+n]; returns the array that holds the result, `source` itself if no stage is on.

    memory: int64 (stages, 2), accumulator and difference of each stage; setting: the filter register, a byte a stage
    (bit 7 on, bit 6 high-pass, low bits the shift).

    The accumulator is kept in the upper bits of its 64, so that it wraps by itself at the gateware's width.
    """
    p, n = span(p, n)
    stages = memory.shape[0]
    scale = 64 - kind.signal_bits - kind.max_shift
    fraction = scale + kind.max_shift
    wrap = 64 - kind.signal_bits
    stage = 0
    while stage < stages:
        mode, shift = _settings(kind, setting, stage)
        shift += scale
        accumulator = memory[stage, 0]
        difference = memory[stage, 1]
        following = stage + 1
        if mode & 0x80 == 0:
            # stages that are off see the same input: if they hold the same they go on doing so
            while following < stages and memory[following, 0] == accumulator and memory[following, 1] == difference:
                other_mode, other_shift = _settings(kind, setting, following)
                if other_mode & 0x80 or other_shift + scale != shift:
                    break
                following += 1
            accumulator, difference = _follow(accumulator, difference, shift, fraction, source, p, n)
        elif mode & 0x40:
            for i in range(p, p + n):
                sample = np.int64(source[i])
                target[i] = (difference << wrap) >> wrap
                output = accumulator >> fraction
                accumulator += difference << shift
                difference = sample - output
            source = target
        else:
            for i in range(p, p + n):
                sample = np.int64(source[i])
                output = accumulator >> fraction
                target[i] = output
                accumulator += difference << shift
                difference = sample - output
            source = target
        while stage < following:
            memory[stage, 0] = accumulator
            memory[stage, 1] = difference
            stage += 1
    return source
