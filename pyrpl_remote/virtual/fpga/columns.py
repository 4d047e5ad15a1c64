"""What the compiled loop does with the columns of the signal buffer: inputs, rewinding, recording."""

from __future__ import annotations

from . import converters, dsp, state
from .compiled import borrowed, inner
from .plant_call import call_plant
from .saturate import copy

ARRAY, PLANT, MEMORYLESS_PLANT, DIGITAL_LOOP = range(4)
"""Where the input words come from."""

NOISE = 1
"""Index of the noise in a plant's parameters."""


@inner
def rewind(clock, signals):
    """Move the present cycle back to column HISTORY, with the past and the known future that are needed."""
    p = clock.position
    for row in range(state.ROWS):
        past = state.HISTORY if dsp.OUT1 <= row <= dsp.OUT2 else 4
        for i in range(-past, dsp.ADDER_LATENCY + 1):
            signals[row, state.HISTORY + i] = signals[row, p + i]
    clock.position = state.HISTORY


@inner
def fill_inputs(clock, signals, levels, p, begin, end, kind, adc, plant, parameters, plant_state, seed):
    """Fill both input rows from cycle `begin`, which is column p, to `end`, except cycles already filled.

    The lower half of `levels` must already hold the noise.
    """
    signals, levels = borrowed(signals), borrowed(levels)
    cycle = max(clock.inputs_until, begin)
    first = p + cycle - begin
    n = end - cycle
    if n <= 0:
        return
    if kind == DIGITAL_LOOP:
        copy(signals[dsp.OUT1], signals[dsp.IN1], first, first + n)
        copy(signals[dsp.OUT2], signals[dsp.IN2], first, first + n)
    elif kind == ARRAY:
        period = adc.shape[1]
        k = cycle % period
        for i in range(first, first + n):
            signals[dsp.IN1, i] = adc[0, k]
            signals[dsp.IN2, i] = adc[1, k]
            k += 1
            if k == period:
                k = 0
    else:
        call_plant(
            plant,
            (
                signals[dsp.OUT1, first:].ctypes.data,
                signals[dsp.OUT2, first:].ctypes.data,
                levels[0, first:].ctypes.data,
                levels[1, first:].ctypes.data,
                n,
                cycle,
                seed,
                parameters.ctypes.data,
                plant_state.ctypes.data,
            ),
        )
        converters.convert(levels, 0, signals[dsp.IN1], first, n)
        converters.convert(levels, 1, signals[dsp.IN2], first, n)
    clock.inputs_until = end


@inner
def outputs_constant(signals, p):
    """Whether both outputs have been constant for as long as a plant's delay can be, and still will be."""
    for row in range(dsp.OUT1, dsp.OUT2 + 1):
        for i in range(p - state.HISTORY, p + dsp.ADDER_LATENCY):
            if signals[row, i] != signals[row, p]:
                return False
    return True


@inner
def record(clock, signals, recording, p, n, constant):
    """Append the outputs of n cycles to the recording; constant: all of them are those of column p."""
    taken = max(min(n, recording.shape[1] - clock.recorded), 0)
    for output in range(2):
        for i in range(taken):
            recording[output, clock.recorded + i] = signals[dsp.OUT1 + output, p if constant else p + i]
    clock.recorded += taken
