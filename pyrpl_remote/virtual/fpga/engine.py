"""The compiled loop over all blocks: one call advances any number of cycles or transfers a whole table.

State is kept between calls in one flat array (state.py) and in the signal buffer (dsp.py). Every block is
computed over a chunk of cycles with its registers in local variables; routing.py finds the order of the
blocks.
"""

from __future__ import annotations

from numba import njit
from numba.core.types import float32, float64, int16, int32, int64

from ..code_cache import kept
from . import activity, chunk, columns, converters, dsp, routing, scope, state
from .columns import MEMORYLESS_PLANT, NOISE, PLANT
from .compiled import borrowed, counted, single
from .records import CLOCK, clock_record

ADVANCE, WRITE_TABLE, READ_BUFFER, PEEK_INPUTS = range(4)
"""Operations of `run`."""

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
        if parameters[NOISE] == 0 or end - clock.cycle <= 2 * _TAIL:
            active = _ALL
        else:
            if active == 0 and kind != PLANT and columns.outputs_constant(signals, clock.position):
                n = end - clock.cycle - _TAIL
                activity.skip(clock, words, signals, _ALL & ~active, clock.position, n)
                columns.record(clock, signals, recording, clock.position, n, True)
                clock.cycle += n
                continue
            active |= 1 << routing.ADDERS
            if kind == PLANT:
                active |= 1 << routing.PLANT
            stop = min(end - _TAIL, clock.cycle + _SEGMENT)
        while clock.cycle < stop:
            n = min(routing.CHUNK, stop - clock.cycle)
            if clock.position + n + dsp.ADDER_LATENCY >= state.COLUMNS:
                columns.rewind(clock, signals)
            p = clock.position
            if active != _ALL:
                activity.skip(clock, words, signals, _ALL & ~active, p, n)
            tail = max(scope.SETTLING - (end - clock.cycle - n), 0)
            chunk.compute(
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
            columns.record(clock, signals, recording, p, n, False)
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
            converters.add_noise(levels, seed, clock.cycle, parameters[NOISE], clock.position, 1)
        columns.fill_inputs(
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
