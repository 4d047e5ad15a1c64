"""The compiled loop over all blocks: one call advances any number of cycles or transfers a whole table.

State is kept between calls in one flat array (state.py) and in the signal buffer (dsp.py). Every block is
computed over a chunk of cycles with its registers in local variables; routing.py finds the order of the
blocks.
"""

from __future__ import annotations

from numba import njit
from numba.core.types import float32, float64, int16, int32, int64

from ..code_cache import kept
from . import activity, converters, dsp, routing, scope, state
from .blocks import call_block
from .compiled import borrowed, counted, inner, single
from .plant_call import call_plant
from .records import BUS, CLOCK, bus_record, clock_record
from .saturate import copy

ADVANCE, WRITE_TABLE, READ_BUFFER, PEEK_INPUTS = range(4)
"""Operations of `run`."""

ARRAY, PLANT, MEMORYLESS_PLANT, DIGITAL_LOOP = range(4)
"""Where the input words come from."""

_NOISE = 1
"""Index of the noise in a plant's parameters."""

_LEAD = (0, 2, 3)
"""By operation: cycles from the start of a bus access until the table word is written or the buffer word is
read."""

_PIECE = 256
"""Words of a table that are transferred together where that makes no difference."""

_TAIL = 64
"""Cycles at the end of an advance in which every block is computed; longer than the pipeline of any block."""

_SEGMENT = 1 << 16
"""Cycles after which the active blocks are determined again."""

_ALL = (1 << routing.BLOCKS) - 1
"""All blocks, one bit each."""


@inner
def _rewind(clock, signals):
    """Move the present cycle back to column HISTORY, with the past and the known future that are needed."""
    p = clock.position
    for row in range(state.ROWS):
        past = state.HISTORY if dsp.OUT1 <= row <= dsp.OUT2 else 4
        for i in range(-past, dsp.ADDER_LATENCY + 1):
            signals[row, state.HISTORY + i] = signals[row, p + i]
    clock.position = state.HISTORY


@inner
def _inputs(clock, signals, levels, p, begin, end, kind, adc, plant, parameters, plant_state, seed):
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
def _outputs_constant(signals, p):
    """Whether both outputs have been constant for as long as a plant's delay can be, and still will be."""
    for row in range(dsp.OUT1, dsp.OUT2 + 1):
        for i in range(p - state.HISTORY, p + dsp.ADDER_LATENCY):
            if signals[row, i] != signals[row, p]:
                return False
    return True


@inner
def _record(clock, signals, recording, p, n, constant):
    """Append the outputs of n cycles to the recording; constant: all of them are those of column p."""
    taken = max(min(n, recording.shape[1] - clock.recorded), 0)
    for output in range(2):
        for i in range(taken):
            recording[output, clock.recorded + i] = signals[dsp.OUT1 + output, p if constant else p + i]
    clock.recorded += taken


@single
def _turn(
    words,
    signals,
    levels,
    tables,
    buffers,
    addresses,
    external,
    order,
    first,
    end,
    active,
    cycle,
    p,
    n,
    tail,
    kind,
    adc,
    plant,
    parameters,
    plant_state,
    seed,
):
    """Compute n cycles of the active ones of the blocks order[first:end]; column p is that of `cycle`."""
    for place in range(first, end):
        block = order[place]
        if (active >> block) & 1 == 0:
            continue
        if block == routing.PLANT:
            _inputs(
                clock_record(words, CLOCK),
                signals,
                levels,
                p,
                cycle,
                cycle + n,
                kind,
                adc,
                plant,
                parameters,
                plant_state,
                seed,
            )
        elif block == routing.ADDERS:
            dsp.add(bus_record(words, BUS), signals, p, n)
        else:
            call_block(
                addresses[block],
                (
                    words.ctypes.data,
                    signals.ctypes.data,
                    tables.ctypes.data,
                    buffers.ctypes.data,
                    external,
                    cycle,
                    block,
                    p,
                    n,
                    tail,
                ),
            )


@single
def _chunk(
    words,
    signals,
    levels,
    tables,
    buffers,
    addresses,
    external,
    order,
    groups,
    active,
    cycle,
    p,
    n,
    tail,
    kind,
    adc,
    plant,
    parameters,
    plant_state,
    seed,
):
    """Compute n cycles of all groups of blocks; the blocks of a loop take turns."""
    if kind in (PLANT, MEMORYLESS_PLANT) and (active >> routing.PLANT) & 1:
        converters.add_noise(levels, seed, cycle, parameters[_NOISE], p, n)
    for group in range(groups.shape[0]):
        done = 0
        while done < n:
            turn = min(groups[group, 2], n - done)
            _turn(
                words,
                signals,
                levels,
                tables,
                buffers,
                addresses,
                external,
                order,
                groups[group, 0],
                groups[group, 1],
                active,
                cycle + done,
                p + done,
                turn,
                tail,
                kind,
                adc,
                plant,
                parameters,
                plant_state,
                seed,
            )
            done += turn


@single
def _advance(
    cycles,
    words,
    signals,
    levels,
    tables,
    buffers,
    addresses,
    external,
    order,
    groups,
    recording,
    kind,
    adc,
    plant,
    parameters,
    plant_state,
    seed,
):
    """Advance by `cycles`.

    Idle blocks are skipped except in the last _TAIL cycles, in which their registers settle. What depends on
    their earlier input is lost: the memory of an input filter that is off, of an iq's filters and of its
    phase detector. This can be observed only if the inputs are predictable, without noise; then every block
    is computed in every cycle.
    """
    clock = clock_record(words, CLOCK)
    end = clock.cycle + cycles
    while clock.cycle < end:
        active = activity.active(words, signals, tables, external, clock.position)
        clock.uniform &= ~active
        stop = end
        if parameters[_NOISE] == 0 or end - clock.cycle <= 2 * _TAIL:
            active = _ALL
        else:
            if active == 0 and kind != PLANT and _outputs_constant(signals, clock.position):
                n = end - clock.cycle - _TAIL
                activity.skip(clock, words, signals, _ALL & ~active, clock.position, n)
                _record(clock, signals, recording, clock.position, n, True)
                clock.cycle += n
                continue
            active |= 1 << routing.ADDERS
            if kind == PLANT:
                active |= 1 << routing.PLANT
            stop = min(end - _TAIL, clock.cycle + _SEGMENT)
        while clock.cycle < stop:
            n = min(routing.CHUNK, stop - clock.cycle)
            if clock.position + n + dsp.ADDER_LATENCY >= state.COLUMNS:
                _rewind(clock, signals)
            p = clock.position
            if active != _ALL:
                activity.skip(clock, words, signals, _ALL & ~active, p, n)
            tail = max(scope.SETTLING - (end - clock.cycle - n), 0)
            _chunk(
                words,
                signals,
                levels,
                tables,
                buffers,
                addresses,
                external,
                order,
                groups,
                active,
                clock.cycle,
                p,
                n,
                tail,
                kind,
                adc,
                plant,
                parameters,
                plant_state,
                seed,
            )
            _record(clock, signals, recording, p, n, False)
            clock.cycle += n
            clock.position = p + n


TYPES = (
    *(int64, int64, int64, int16[::1], int64),
    *(int64[::1], int32[:, ::1], float32[:, ::1], int16[:, ::1], int16[:, ::1], int64[::1]),
    *(int64, int64[::1], int64[:, ::1], int16[:, ::1]),
    *(int64, int16[:, ::1], int64, float64[::1], float64[::1], int64),
)
"""The types of the arguments of `run`."""


@counted(kept(njit, nogil=True, error_model="numpy"))
def run(
    operation,
    channel,
    first,
    transfer,
    length,
    words,
    signals,
    levels,
    tables,
    buffers,
    addresses,
    external,
    order,
    groups,
    recording,
    kind,
    adc,
    plant,
    parameters,
    plant_state,
    seed,
):
    """Carry out one operation; the arguments from `words` on are the attributes of `Fpga`.

    ADVANCE: advance by `length` cycles. WRITE_TABLE, READ_BUFFER: copy `transfer` (int16) to a
    generator's table or from the scope's buffer, from word `first` on, in `length` cycles for each word.
    PEEK_INPUTS: fill the inputs of the present cycle before it is computed, for a register that shows
    them.
    """
    words, signals, levels, tables, buffers, recording = (
        borrowed(words),
        borrowed(signals),
        borrowed(levels),
        borrowed(tables),
        borrowed(buffers),
        borrowed(recording),
    )
    if operation == PEEK_INPUTS:
        clock = clock_record(words, CLOCK)
        if kind in (PLANT, MEMORYLESS_PLANT):
            converters.add_noise(levels, seed, clock.cycle, parameters[_NOISE], clock.position, 1)
        _inputs(
            clock,
            signals,
            levels,
            clock.position,
            clock.cycle,
            clock.cycle + 1,
            kind,
            adc,
            plant,
            parameters,
            plant_state,
            seed,
        )
        return
    word = 0
    total = 1 if operation == ADVANCE else transfer.shape[0]
    while word < total:
        # words are transferred one by one only where the exact cycle matters
        count = min(_PIECE, total - word)
        lead = 0
        if operation == ADVANCE:
            lead = length
        elif not (
            activity.readable_together(words, first + word, count, count * length)
            if operation == READ_BUFFER
            else activity.writable_together(words, signals, tables, external, channel, first + word, count)
        ):
            count = 1
            lead = min(_LEAD[operation], length)
        for part in range(2):
            _advance(
                lead if part == 0 else count * length - lead,
                words,
                signals,
                levels,
                tables,
                buffers,
                addresses,
                external,
                order,
                groups,
                recording,
                kind,
                adc,
                plant,
                parameters,
                plant_state,
                seed,
            )
            if part == 0:
                for moved in range(word, word + count):
                    place = (first + moved) & 0x3FFF
                    if operation == WRITE_TABLE:
                        tables[channel, place] = transfer[moved]
                    elif operation == READ_BUFFER:
                        transfer[moved] = buffers[channel, place]
        word += count
