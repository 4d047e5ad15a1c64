"""A chain of first-order low- or high-pass filters (red_pitaya_filter_block.v, red_pitaya_lpf_block.v).

It stands at the input of pid, trig, iir and iq, and behind the iq's demodulators. A stage that is off passes its input
on without delay, but its memory goes on following the input: what it holds shows when the stage is switched on.
"""
import numpy as np

from .compiled import inner


@inner
def run(memory, setting, shift_mask, signal_bits, max_shift, source, target, p, n):
    """Filter source[p:p+n]; returns the array that holds the result, `source` itself if no stage is on.

    memory: int64 (stages, 2), accumulator and difference of each stage; setting: the filter register, a byte a stage
    (bit 7 on, bit 6 high-pass, low bits the shift); max_shift: the width in bits of the accumulator's fraction.
    """
    unused = 64 - signal_bits - max_shift
    unused_output = 64 - signal_bits
    for stage in range(memory.shape[0]):
        control = (setting >> (8 * stage)) & 0xFF
        shift = min(control & shift_mask, max_shift)
        accumulator = memory[stage, 0]
        difference = memory[stage, 1]
        if control & 0x80 == 0:
            for i in range(p, p + n):
                following = ((accumulator + (difference << shift)) << unused) >> unused
                difference = np.int64(source[i]) - (accumulator >> max_shift)
                accumulator = following
        elif control & 0x40:
            for i in range(p, p + n):
                sample = np.int64(source[i])
                target[i] = (difference << unused_output) >> unused_output
                following = ((accumulator + (difference << shift)) << unused) >> unused
                difference = sample - (accumulator >> max_shift)
                accumulator = following
            source = target
        else:
            for i in range(p, p + n):
                sample = np.int64(source[i])
                output = accumulator >> max_shift
                target[i] = output
                accumulator = ((accumulator + (difference << shift)) << unused) >> unused
                difference = sample - output
            source = target
        memory[stage, 0] = accumulator
        memory[stage, 1] = difference
    return source
