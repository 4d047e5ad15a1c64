"""The compiled loop that steps all blocks: one call advances any number of cycles or moves a whole table.

State is kept between calls in one flat array (state.py) and in the signal buffer (dsp.py). Every block is run over a
chunk of cycles with its registers in local variables; routing.py tells in which order.

Compiled code is cached on disk by numba, which notices a change of this file but not of the block files that are
compiled into it: a digest of their sources is therefore part of the cache's key.
"""

import hashlib
from pathlib import Path

from numba import njit

from . import blocks, converters, dsp, routing, scope, state
from .compiled import borrowed, inner, single
from .plant_call import call_plant
from .saturate import copy

#: operations of `run`
ADVANCE, WRITE_TABLE, READ_BUFFER, PEEK_INPUTS = range(4)
#: what the inputs are
ARRAY, PLANT, MEMORYLESS_PLANT, DIGITAL_LOOP = range(4)
#: place of the noise in a plant's parameters
_NOISE = 1
#: cycles from the first one of a bus access to the moment when a table word is written, a buffer word is read
_LEAD = (0, 2, 3)
#: words of a table that are moved together if nobody can tell
_PIECE = 256
#: cycles at the end of `advance` in which every block is run, more than any block's pipeline is long
_TAIL = 64
#: cycles after which it is looked again which blocks are awake
_SEGMENT = 1 << 16
_ALL = (1 << routing.BLOCKS) - 1


@inner
def _rewind(clock, signals):
    """Move the present cycle's column back to HISTORY, with what is known of the past and of the next cycles."""
    p = clock.position
    for row in range(state.ROWS):
        past = state.HISTORY if dsp.OUT1 <= row <= dsp.OUT2 else 4
        for i in range(-past, dsp.ADDER_LATENCY + 1):
            signals[row, state.HISTORY + i] = signals[row, p + i]
    clock.position = state.HISTORY


@inner
def _inputs(clock, signals, levels, p, begin, end, kind, adc, plant, parameters, plant_state, seed):
    """Fill the two input rows, of which column p is that of cycle `begin`, up to `end`; what is known already is left alone.

    The noise must be there, in the lower half of `levels`.
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
            signals[dsp.OUT1, first:].ctypes.data,
            signals[dsp.OUT2, first:].ctypes.data,
            levels[0, first:].ctypes.data,
            levels[1, first:].ctypes.data,
            n,
            cycle,
            seed,
            parameters.ctypes.data,
            plant_state.ctypes.data,
        )
        converters.convert(levels, 0, signals[dsp.IN1], first, n)
        converters.convert(levels, 1, signals[dsp.IN2], first, n)
    clock.inputs_until = end


@inner
def _outputs_stand(signals, p):
    """Whether both outputs have been the same for as long as a plant can tell, and will be."""
    for row in range(dsp.OUT1, dsp.OUT2 + 1):
        for i in range(p - state.HISTORY, p + dsp.ADDER_LATENCY):
            if signals[row, i] != signals[row, p]:
                return False
    return True


@inner
def _record(clock, signals, recording, p, n, standing):
    """Add the outputs of n cycles to the recording; standing: they are all those of column p."""
    taken = max(min(n, recording.shape[1] - clock.recorded), 0)
    for output in range(2):
        for i in range(taken):
            recording[output, clock.recorded + i] = signals[dsp.OUT1 + output, p if standing else p + i]
    clock.recorded += taken


@single
def _turn(
    words,
    signals,
    levels,
    tables,
    buffers,
    external,
    order,
    first,
    end,
    awake,
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
    """Run the blocks order[first:end], if they are awake, over n cycles; column p is that of `cycle`."""
    for place in range(first, end):
        block = order[place]
        if (awake >> block) & 1 == 0:
            continue
        if block == routing.PLANT:
            _inputs(
                blocks.clock_record(words, blocks.CLOCK),
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
            dsp.add(blocks.bus_record(words, blocks.BUS), signals, p, n)
        elif block == routing.ASG:
            blocks.run_asg(words, signals, tables, external, p, n)
        elif block == routing.SCOPE:
            blocks.run_scope(words, signals, buffers, external, cycle, p, n, tail)
        elif block >= routing.OSCILLATOR0:
            blocks.run_oscillator(words, signals, block - routing.OSCILLATOR0, p, n)
        elif block >= dsp.IQ0:
            blocks.run_iq(words, signals, block - dsp.IQ0, p, n)
        elif block == dsp.IIR:
            blocks.run_iir(words, signals, p, n)
        elif block == dsp.TRIG:
            blocks.run_trigger(words, signals, cycle, p, n)
        else:
            blocks.run_pid(words, signals, block, p, n)


@single
def _chunk(
    words,
    signals,
    levels,
    tables,
    buffers,
    external,
    order,
    groups,
    awake,
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
    """Run all groups of blocks over n cycles; those that make a circle take turns."""
    if (kind == PLANT or kind == MEMORYLESS_PLANT) and (awake >> routing.PLANT) & 1:
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
                external,
                order,
                groups[group, 0],
                groups[group, 1],
                awake,
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
    """Blocks that are dormant are left out but for the last TAIL cycles, in which their registers catch up.

    What they heard before is lost to them: an input filter that is off, an iq's filters and its phase detector. Where that
    could be told, with inputs that somebody can foretell, every block is run in every cycle.
    """
    clock = blocks.clock_record(words, blocks.CLOCK)
    end = clock.cycle + cycles
    while clock.cycle < end:
        awake = blocks.awake(words, signals, tables, external, clock.position)
        clock.uniform &= ~awake
        stop = end
        if parameters[_NOISE] == 0 or end - clock.cycle <= 2 * _TAIL:
            awake = _ALL
        else:
            if awake == 0 and kind != PLANT and _outputs_stand(signals, clock.position):
                n = end - clock.cycle - _TAIL
                blocks.doze(clock, words, signals, _ALL & ~awake, clock.position, n)
                _record(clock, signals, recording, clock.position, n, True)
                clock.cycle += n
                continue
            awake |= 1 << routing.ADDERS
            if kind == PLANT:
                awake |= 1 << routing.PLANT
            stop = min(end - _TAIL, clock.cycle + _SEGMENT)
        while clock.cycle < stop:
            n = min(routing.CHUNK, stop - clock.cycle)
            if clock.position + n + dsp.ADDER_LATENCY >= state.COLUMNS:
                _rewind(clock, signals)
            p = clock.position
            if awake != _ALL:
                blocks.doze(clock, words, signals, _ALL & ~awake, p, n)
            tail = max(scope.SETTLING - (end - clock.cycle - n), 0)
            _chunk(
                words,
                signals,
                levels,
                tables,
                buffers,
                external,
                order,
                groups,
                awake,
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


def _compile(digest):
    @njit(cache=True, nogil=True, error_model="numpy")
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
        """ADVANCE by `length` cycles, or move the words of `transfer` (int16) to or from table words `first` ...

        A transfer takes `length` cycles a word. PEEK_INPUTS makes the inputs of the present cycle known before it is run,
        for a register that shows them. All other arguments are those of `Fpga`.
        """
        _ = digest
        words, signals, levels, tables, buffers, recording = (
            borrowed(words),
            borrowed(signals),
            borrowed(levels),
            borrowed(tables),
            borrowed(buffers),
            borrowed(recording),
        )
        if operation == PEEK_INPUTS:
            clock = blocks.clock_record(words, blocks.CLOCK)
            if kind == PLANT or kind == MEMORYLESS_PLANT:
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
            # words are moved one by one only where the moment matters
            count = min(_PIECE, total - word)
            lead = 0
            if operation == ADVANCE:
                lead = length
            elif not (
                blocks.readable_together(words, first + word, count, count * length)
                if operation == READ_BUFFER
                else blocks.writable_together(words, signals, tables, external, channel, first + word, count)
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

    return run


run = _compile(
    int.from_bytes(
        hashlib.sha256(
            b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
        ).digest()[:7],
        "big",
    )
)
