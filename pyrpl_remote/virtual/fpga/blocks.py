"""How the blocks are wired: passes each block its record, its rows of the signal buffer and its bus settings.

Each function computes one kind of block. It is compiled by itself, and the engine calls it by its address.
"""

from __future__ import annotations

import functools

import numpy as np
from numba import carray, types

from . import adv_trigger, asg, asg_ch, dsp, iir, iq, lpf, pid, prng, routing, scope, state, trigger
from .compiled import at
from .parts import Part, caller, part
from .records import (
    ASG,
    ASG_WORDS,
    BUS,
    CLOCK,
    IIR,
    IQ,
    IQ_WORDS,
    PID,
    PID_WORDS,
    PRNG,
    SCOPE,
    TRIG,
    asg_record,
    bus_record,
    clock_record,
    iir_record,
    iq_record,
    pid_record,
    prng_record,
    scope_record,
    trig_record,
)
from .saturate import copy

SIGNATURE = types.void(
    types.CPointer(types.int64),
    types.CPointer(types.int32),
    types.CPointer(types.int16),
    types.CPointer(types.int16),
    types.int64,
    types.int64,
    types.int64,
    types.int64,
    types.int64,
    types.int64,
)
"""Compiled signature of a block.

Pointers to the words of the state, the signal buffer, the generators' tables and the scope's buffers. Then
the external trigger's level, the present cycle, the block's number (see routing.py), the column of the cycle,
the number of cycles, and how many of the last of them the scope steps one by one.
"""

call_block = caller(SIGNATURE)
"""Call the block at an address: call_block(address, arguments), see `caller`."""

_WORDS = state.WORDS
_SIGNALS = (state.ROWS, state.COLUMNS)
_TABLES = (2, asg.TABLE_SIZE)
_BUFFERS = (2, scope.BUFFER_SIZE)
"""Shapes of the arrays."""


@part(SIGNATURE)
def run_pid(words, signals, tables, buffers, external, cycle, block, p, n, tail):
    """Compute n cycles of a pid with its input filter."""
    words = carray(words, _WORDS)
    signals = carray(signals, _SIGNALS)
    bus = bus_record(words, BUS)
    s = pid_record(words, PID + block * PID_WORDS)
    source = signals[bus.input_select[block]]
    filtered = lpf.run(
        pid.FILTER,
        s.filter_memory[: pid.FILTERSTAGES],
        s.filter,
        source,
        signals[dsp.FILTERED + block],
        p,
        n,
    )
    if block < 2 and pid_record(words, PID).differential | pid_record(words, PID + PID_WORDS).differential:
        # pid0 and pid1 exchange their filtered inputs within a cycle: both are computed in pid1's place
        others = signals[dsp.FILTERED]
        if block == 0:
            copy(filtered, others, p, p + n)
        else:
            pid.run(pid_record(words, PID), bus.sync & 1, others, filtered, signals[dsp.PID0], p, n)
            pid.run(s, (bus.sync >> 1) & 1, filtered, others, signals[dsp.PID1], p, n)
    else:
        pid.run(s, (bus.sync >> block) & 1, filtered, signals[dsp.OFF], signals[block], p, n)


@part(SIGNATURE)
def run_trigger(words, signals, tables, buffers, external, cycle, block, p, n, tail):
    """Compute n cycles of the trig module with its input filter."""
    words = carray(words, _WORDS)
    signals = carray(signals, _SIGNALS)
    s = trig_record(words, TRIG)
    source = signals[bus_record(words, BUS).input_select[dsp.TRIG]]
    filtered = lpf.run(
        trigger.FILTER,
        s.filter_memory[: trigger.FILTERSTAGES],
        s.filter,
        source,
        signals[dsp.FILTERED + dsp.TRIG],
        p,
        n,
    )
    trigger.run(s, cycle, filtered, signals[dsp.POINTER], signals[dsp.TRIG], signals[dsp.PULSE], p, n)


@part(SIGNATURE)
def run_iir(words, signals, tables, buffers, external, cycle, block, p, n, tail):
    """Compute n cycles of the iir with its input filter."""
    words = carray(words, _WORDS)
    signals = carray(signals, _SIGNALS)
    s = iir_record(words, IIR)
    source = signals[bus_record(words, BUS).input_select[dsp.IIR]]
    widened = signals[dsp.IIR_INPUT]
    for i in range(p, p + n):
        widened[at(i)] = source[at(i)] << iir.SIGNALSHIFT
    filtered = lpf.run(iir.FILTER, s.filter_memory[: iir.FILTERSTAGES], s.filter, widened, widened, p, n)
    iir.run(s, filtered, signals[dsp.IIR], p, n)


@part(SIGNATURE)
def run_oscillator(words, signals, tables, buffers, external, cycle, block, p, n, tail):
    """Compute n cycles of the part of an iq that does not depend on its input."""
    words = carray(words, _WORDS)
    signals = carray(signals, _SIGNALS)
    number = block - routing.OSCILLATOR0
    on = (bus_record(words, BUS).sync >> (dsp.IQ0 + number)) & 1
    rows = signals[dsp.IQ_ROWS + number * iq.ROWS : dsp.IQ_ROWS + (number + 1) * iq.ROWS]
    iq.oscillate(
        iq_record(words, IQ + number * IQ_WORDS),
        on,
        rows,
        signals[dsp.IQ_DIRECT + number],
        signals[dsp.IQ0 + number],
        p,
        n,
    )


@part(SIGNATURE)
def run_iq(words, signals, tables, buffers, external, cycle, block, p, n, tail):
    """Compute n cycles of the rest of an iq, with its input filter."""
    words = carray(words, _WORDS)
    signals = carray(signals, _SIGNALS)
    number = block - dsp.IQ0
    s = iq_record(words, IQ + number * IQ_WORDS)
    rows = signals[dsp.IQ_ROWS + number * iq.ROWS : dsp.IQ_ROWS + (number + 1) * iq.ROWS]
    source = signals[bus_record(words, BUS).input_select[dsp.IQ0 + number]]
    filtered = lpf.run(
        iq.INPUTFILTER,
        s.filter_memory[: iq.INPUTFILTERSTAGES],
        s.input_filter,
        source,
        signals[dsp.FILTERED + dsp.IQ0 + number],
        p,
        n,
    )
    iq.run(
        s,
        4 if number == 2 else 2,
        filtered,
        rows,
        signals[dsp.IQ_DIRECT + number],
        signals[dsp.IQ0 + number],
        signals[dsp.IQ2_2],
        p,
        n,
    )


@part(SIGNATURE)
def run_asg(words, signals, tables, buffers, external, cycle, block, p, n, tail):
    """Compute n cycles of both generators, with their advanced triggers and the noise source."""
    words = carray(words, _WORDS)
    signals = carray(signals, _SIGNALS)
    tables = carray(tables, _TABLES)
    clock = clock_record(words, CLOCK)
    s = asg_record(words, ASG)
    other = asg_record(words, ASG + ASG_WORDS)
    noise = prng_record(words, PRNG)
    if s.rand_on | other.rand_on:
        prng.run(noise, signals[dsp.RANDOM], p, n)
    else:
        noise.left_out += n
    # each generator is driven by the other's advanced-trigger settings
    level0 = adv_trigger.run(other, external, signals[dsp.EXTERNAL], p, n)
    level1 = adv_trigger.run(s, external, signals[dsp.EXTERNAL + 1], p, n)
    for channel in range(2):
        clock.any_done[channel] = asg_ch.run(
            asg_record(words, ASG + channel * ASG_WORDS),
            tables[channel],
            level1 if channel else level0,
            signals[dsp.EXTERNAL + channel],
            signals[dsp.RANDOM],
            signals[dsp.ASG0 + channel],
            signals[dsp.POINTER + channel],
            signals[dsp.DONE + channel],
            p,
            n,
        )


@part(SIGNATURE)
def run_scope(words, signals, tables, buffers, external, cycle, block, p, n, tail):
    """Compute n cycles of the scope."""
    words = carray(words, _WORDS)
    signals = carray(signals, _SIGNALS)
    buffers = carray(buffers, _BUFFERS)
    clock = clock_record(words, CLOCK)
    bus = bus_record(words, BUS)
    scope.run(
        scope_record(words, SCOPE),
        buffers,
        cycle,
        signals[bus.input_select[8]],
        signals[bus.input_select[9]],
        external,
        signals[dsp.DONE],
        signals[dsp.DONE + 1],
        clock.any_done[0],
        clock.any_done[1],
        signals[dsp.PULSE],
        signals[dsp.POINTER],
        signals[dsp.POINTER + 1],
        asg_record(words, ASG),
        asg_record(words, ASG + ASG_WORDS),
        p,
        n,
        tail,
    )


PARTS: dict[Part, tuple[int, ...]] = {
    run_scope: (routing.SCOPE,),
    run_iq: (dsp.IQ0, dsp.IQ1, dsp.IQ2),
    run_asg: (routing.ASG,),
    run_iir: (dsp.IIR,),
    run_pid: (dsp.PID0, dsp.PID1, dsp.PID2),
    run_oscillator: tuple(range(routing.OSCILLATOR0, routing.BLOCKS)),
    run_trigger: (dsp.TRIG,),
}
"""The functions of this file with the numbers of the blocks that they compute; what takes longest to compile
comes first."""


@functools.cache
def addresses() -> np.ndarray:
    """The addresses of the compiled functions by the blocks' numbers, int64; 0 for plant and adders."""
    found = np.zeros(routing.BLOCKS, np.int64)
    for run, numbers in PARTS.items():
        found[list(numbers)] = run.address
    return found
