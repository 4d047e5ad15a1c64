"""The compiled loop that steps all blocks: one call advances any number of cycles or moves a whole table.

State is kept between calls in one flat array (state.py) and in the signal buffer (dsp.py). Every block is run over a
chunk of cycles with its registers in local variables; routing.py tells in which order.

Compiled code is cached on disk by numba, which notices a change of this file but not of the block files that are
compiled into it: a digest of their sources is therefore part of the cache's key.
"""
import hashlib
from pathlib import Path

import numpy as np
from numba import njit

from . import adv_trigger, asg_ch, converters, dsp, iir, iq, lpf, pid, prng, routing, scope, state, trigger
from .compiled import borrowed, inner, record_reader, single
from .plant_call import call_plant
from .saturate import copy

#: operations of `run`
ADVANCE, WRITE_TABLE, READ_BUFFER, PEEK_INPUTS = range(4)
#: what the inputs are
ARRAY, PLANT, MEMORYLESS_PLANT, DIGITAL_LOOP = range(4)
#: cycles from the first one of a bus access to the moment when a table word is written, a buffer word is read
_LEAD = (0, 2, 3)
#: cycles at the end of `advance` in which every block is run, more than any block's pipeline is long
_TAIL = 64
#: cycles after which it is looked again which blocks are awake
_SEGMENT = 1 << 16
_ALL = (1 << routing.BLOCKS) - 1

_CLOCK = state.SLICES["clock"][0]
_DSP = state.SLICES["dsp"][0]
_PID = state.SLICES["pid"][0]
_TRIG = state.SLICES["trig"][0]
_IIR = state.SLICES["iir"][0]
_IQ = state.SLICES["iq"][0]
_ASG = state.SLICES["asg"][0]
_PRNG = state.SLICES["prng"][0]
_SCOPE = state.SLICES["scope"][0]
_PID_WORDS = pid.STATE.itemsize // 8
_IQ_WORDS = iq.STATE.itemsize // 8
_ASG_WORDS = asg_ch.STATE.itemsize // 8

_clock = record_reader(state.CLOCK)
_dsp = record_reader(dsp.STATE)
_pid = record_reader(pid.STATE)
_trig = record_reader(trigger.STATE)
_iir = record_reader(iir.STATE)
_iq = record_reader(iq.STATE)
_asg = record_reader(asg_ch.STATE)
_prng = record_reader(prng.STATE)
_scope = record_reader(scope.STATE)


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
        call_plant(plant, signals[dsp.OUT1, first:].ctypes.data, signals[dsp.OUT2, first:].ctypes.data,
                   levels[0, first:].ctypes.data, levels[1, first:].ctypes.data,
                   n, cycle, seed, parameters.ctypes.data, plant_state.ctypes.data)
        converters.convert(levels, 0, signals[dsp.IN1], first, n)
        converters.convert(levels, 1, signals[dsp.IN2], first, n)
    clock.inputs_until = end


@inner
def _fill(signals, row, value):
    """A row that will not change; nobody needs to write it again."""
    for i in range(state.COLUMNS):
        signals[row, i] = value


@inner
def _awake(words, signals, tables, external, p):
    """The blocks, a bit each, that do anything which can be seen; the others' outputs stand still, whatever they hear."""
    bus = _dsp(words, _DSP)
    awake = 0
    for number in range(3):
        if not pid.is_dormant(_pid(words, _PID + number * _PID_WORDS)):
            awake |= 1 << number
        if not iq.is_dormant(_iq(words, _IQ + number * _IQ_WORDS)):
            awake |= 1 << (dsp.IQ0 + number) | 1 << (routing.OSCILLATOR0 + number)
    # differential mode: each of the two needs the other's filter
    if awake & 3 and _pid(words, _PID).differential | _pid(words, _PID + _PID_WORDS).differential:
        awake |= 3
    if not trigger.is_dormant(_trig(words, _TRIG)):
        awake |= 1 << dsp.TRIG
    if not iir.is_dormant(_iir(words, _IIR)):
        awake |= 1 << dsp.IIR
    if not scope.is_dormant(_scope(words, _SCOPE)):
        awake |= 1 << routing.SCOPE
    for channel in range(2):
        level = adv_trigger.level(_asg(words, _ASG + (1 - channel) * _ASG_WORDS), external)
        if not asg_ch.is_still(_asg(words, _ASG + channel * _ASG_WORDS), tables[channel], level,
                               signals[dsp.POINTER + channel, p]):
            awake |= 1 << routing.ASG
    for module in range(10):
        # the scope's two inputs are numbered after the modules
        listens = module < dsp.MODULES and (awake >> module) & 1 or module >= dsp.MODULES and (awake >> routing.SCOPE) & 1
        if listens and dsp.IN1 <= bus.input_select[module] <= dsp.IN2:
            awake |= 1 << routing.PLANT
    return awake


@inner
def _doze(clock, words, signals, asleep, p, n):
    """n cycles of the blocks in `asleep`: their counters go on, their rows hold one value throughout."""
    bus = _dsp(words, _DSP)
    news = asleep & ~clock.uniform
    for module in range(dsp.MODULES):
        if (news >> module) & 1:
            _fill(signals, module, signals[module, p])
    for number in range(3):
        if (asleep >> (dsp.IQ0 + number)) & 1:
            iq.doze(_iq(words, _IQ + number * _IQ_WORDS), (bus.sync >> (dsp.IQ0 + number)) & 1, n)
        if (news >> (dsp.IQ0 + number)) & 1:
            _fill(signals, dsp.IQ_DIRECT + number, 0)
    if (news >> dsp.IQ2) & 1:
        _fill(signals, dsp.IQ2_2, signals[dsp.IQ2_2, p])
    if (news >> dsp.TRIG) & 1:
        _fill(signals, dsp.PULSE, 0)
    if (asleep >> routing.SCOPE) & 1:
        scope.doze(_scope(words, _SCOPE), n)
    if (asleep >> routing.ASG) & 1:
        for channel in range(2):
            s = _asg(words, _ASG + channel * _ASG_WORDS)
            asg_ch.doze(s, n)
            if (news >> routing.ASG) & 1:
                _fill(signals, dsp.ASG0 + channel, s.out)
                _fill(signals, dsp.POINTER + channel, s.pointer >> 16)
                _fill(signals, dsp.DONE + channel, asg_ch.wraps(s, s.pointer))
        _prng(words, _PRNG).left_out += n
    clock.uniform |= asleep


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


# Each of the following runs one block. They are functions of their own, with few arguments, lest the compiler prepares all
# blocks at the start of every turn. `borrowed` is repeated because the compiler forgets it in a call.


@inner
def _run_pid(words, signals, number, p, n):
    signals = borrowed(signals)
    bus = _dsp(words, _DSP)
    s = _pid(words, _PID + number * _PID_WORDS)
    source = signals[bus.input_select[number]]
    filtered = lpf.run(pid.FILTER, s.filter_memory[:pid.FILTERSTAGES], s.filter, source, signals[dsp.FILTERED + number], p, n)
    if number < 2 and _pid(words, _PID).differential | _pid(words, _PID + _PID_WORDS).differential:
        # pid0 and pid1 exchange their filtered inputs within a cycle: the first waits for the second
        others = signals[dsp.FILTERED]
        if number == 0:
            copy(filtered, others, p, p + n)
        else:
            pid.run(_pid(words, _PID), bus.sync & 1, others, filtered, signals[dsp.PID0], p, n)
            pid.run(s, (bus.sync >> 1) & 1, filtered, others, signals[dsp.PID1], p, n)
    else:
        pid.run(s, (bus.sync >> number) & 1, filtered, signals[dsp.OFF], signals[number], p, n)


@inner
def _run_trigger(words, signals, cycle, p, n):
    signals = borrowed(signals)
    s = _trig(words, _TRIG)
    source = signals[_dsp(words, _DSP).input_select[dsp.TRIG]]
    filtered = lpf.run(trigger.FILTER, s.filter_memory[:trigger.FILTERSTAGES], s.filter, source,
                       signals[dsp.FILTERED + dsp.TRIG], p, n)
    trigger.run(s, cycle, filtered, signals[dsp.POINTER], signals[dsp.TRIG], signals[dsp.PULSE], p, n)


@inner
def _run_iir(words, signals, p, n):
    signals = borrowed(signals)
    s = _iir(words, _IIR)
    source = signals[_dsp(words, _DSP).input_select[dsp.IIR]]
    widened = signals[dsp.IIR_INPUT]
    for i in range(p, p + n):
        widened[i] = source[i] << iir.SIGNALSHIFT
    filtered = lpf.run(iir.FILTER, s.filter_memory[:iir.FILTERSTAGES], s.filter, widened, widened, p, n)
    iir.run(s, filtered, signals[dsp.IIR], p, n)


@inner
def _run_oscillator(words, signals, number, p, n):
    signals = borrowed(signals)
    on = (_dsp(words, _DSP).sync >> (dsp.IQ0 + number)) & 1
    rows = signals[dsp.IQ_ROWS + number * iq.ROWS:dsp.IQ_ROWS + (number + 1) * iq.ROWS]
    iq.oscillate(_iq(words, _IQ + number * _IQ_WORDS), on, rows, signals[dsp.IQ_DIRECT + number],
                 signals[dsp.IQ0 + number], p, n)


@inner
def _run_iq(words, signals, number, p, n):
    signals = borrowed(signals)
    s = _iq(words, _IQ + number * _IQ_WORDS)
    rows = signals[dsp.IQ_ROWS + number * iq.ROWS:dsp.IQ_ROWS + (number + 1) * iq.ROWS]
    source = signals[_dsp(words, _DSP).input_select[dsp.IQ0 + number]]
    filtered = lpf.run(iq.INPUTFILTER, s.filter_memory[:iq.INPUTFILTERSTAGES], s.input_filter, source,
                       signals[dsp.FILTERED + dsp.IQ0 + number], p, n)
    iq.run(s, 4 if number == 2 else 2, filtered, rows, signals[dsp.IQ_DIRECT + number], signals[dsp.IQ0 + number],
           signals[dsp.IQ2_2], p, n)


@inner
def _run_asg(words, signals, tables, external, p, n):
    signals, tables = borrowed(signals), borrowed(tables)
    clock = _clock(words, _CLOCK)
    s = _asg(words, _ASG)
    other = _asg(words, _ASG + _ASG_WORDS)
    noise = _prng(words, _PRNG)
    if s.rand_on | other.rand_on:
        prng.run(noise, signals[dsp.RANDOM], p, n)
    else:
        noise.left_out += n
    # each generator is driven by the other's advanced-trigger settings
    level0 = adv_trigger.run(other, external, signals[dsp.EXTERNAL], p, n)
    level1 = adv_trigger.run(s, external, signals[dsp.EXTERNAL + 1], p, n)
    for channel in range(2):
        clock.any_done[channel] = asg_ch.run(
            _asg(words, _ASG + channel * _ASG_WORDS), tables[channel], level1 if channel else level0,
            signals[dsp.EXTERNAL + channel], signals[dsp.RANDOM], signals[dsp.ASG0 + channel],
            signals[dsp.POINTER + channel], signals[dsp.DONE + channel], p, n)


@inner
def _run_scope(words, signals, buffers, external, cycle, p, n, tail):
    signals, buffers = borrowed(signals), borrowed(buffers)
    clock = _clock(words, _CLOCK)
    bus = _dsp(words, _DSP)
    scope.run(_scope(words, _SCOPE), buffers, cycle, signals[bus.input_select[8]], signals[bus.input_select[9]], external,
              signals[dsp.DONE], signals[dsp.DONE + 1], clock.any_done[0], clock.any_done[1],
              signals[dsp.PULSE], signals[dsp.POINTER], signals[dsp.POINTER + 1],
              _asg(words, _ASG), _asg(words, _ASG + _ASG_WORDS), p, n, tail)


@single
def _turn(words, signals, levels, tables, buffers, external, order, first, end, awake, cycle, p, n, tail,
          kind, adc, plant, parameters, plant_state, seed):
    """Run the blocks order[first:end], if they are awake, over n cycles; column p is that of `cycle`."""
    for place in range(first, end):
        block = order[place]
        if (awake >> block) & 1 == 0:
            continue
        if block == routing.PLANT:
            _inputs(_clock(words, _CLOCK), signals, levels, p, cycle, cycle + n,
                    kind, adc, plant, parameters, plant_state, seed)
        elif block == routing.ADDERS:
            dsp.add(_dsp(words, _DSP), signals, p, n)
        elif block == routing.ASG:
            _run_asg(words, signals, tables, external, p, n)
        elif block == routing.SCOPE:
            _run_scope(words, signals, buffers, external, cycle, p, n, tail)
        elif block >= routing.OSCILLATOR0:
            _run_oscillator(words, signals, block - routing.OSCILLATOR0, p, n)
        elif block >= dsp.IQ0:
            _run_iq(words, signals, block - dsp.IQ0, p, n)
        elif block == dsp.IIR:
            _run_iir(words, signals, p, n)
        elif block == dsp.TRIG:
            _run_trigger(words, signals, cycle, p, n)
        else:
            _run_pid(words, signals, block, p, n)


@single
def _chunk(words, signals, levels, tables, buffers, external, order, groups, awake, cycle, p, n, tail,
           kind, adc, plant, parameters, plant_state, seed):
    """Run all groups of blocks over n cycles; those that make a circle take turns."""
    if (kind == PLANT or kind == MEMORYLESS_PLANT) and (awake >> routing.PLANT) & 1:
        converters.add_noise(levels, seed, cycle, parameters[1], p, n)
    for group in range(groups.shape[0]):
        done = 0
        while done < n:
            turn = min(groups[group, 2], n - done)
            _turn(words, signals, levels, tables, buffers, external, order, groups[group, 0], groups[group, 1], awake,
                  cycle + done, p + done, turn, tail, kind, adc, plant, parameters, plant_state, seed)
            done += turn


@single
def _advance(cycles, words, signals, levels, tables, buffers, external, order, groups, recording,
             kind, adc, plant, parameters, plant_state, seed):
    """Blocks that are dormant are left out but for the last TAIL cycles, in which their registers catch up.

    That is not done with input words from an array: there, every register is exact in every cycle.
    """
    clock = _clock(words, _CLOCK)
    end = clock.cycle + cycles
    while clock.cycle < end:
        awake = _awake(words, signals, tables, external, clock.position)
        clock.uniform &= ~awake
        stop = end
        if kind == ARRAY or end - clock.cycle <= 2 * _TAIL:
            awake = _ALL
        else:
            if awake == 0 and kind != PLANT and _outputs_stand(signals, clock.position):
                n = end - clock.cycle - _TAIL
                _doze(clock, words, signals, _ALL & ~awake, clock.position, n)
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
                _doze(clock, words, signals, _ALL & ~awake, p, n)
            tail = max(scope.SETTLING - (end - clock.cycle - n), 0)
            _chunk(words, signals, levels, tables, buffers, external, order, groups, awake, clock.cycle, p, n, tail,
                   kind, adc, plant, parameters, plant_state, seed)
            _record(clock, signals, recording, p, n, False)
            clock.cycle += n
            clock.position = p + n


def _compile(digest):
    @njit(cache=True, nogil=True, error_model="numpy")
    def run(operation, channel, first, transfer, length, words, signals, levels, tables, buffers, external, order, groups,
            recording, kind, adc, plant, parameters, plant_state, seed):
        """ADVANCE by `length` cycles, or move the words of `transfer` (int16) to or from table words `first` ...

        A transfer takes `length` cycles a word. PEEK_INPUTS makes the inputs of the present cycle known before it is run,
        for a register that shows them. All other arguments are those of `Fpga`.
        """
        _ = digest
        words, signals, levels, tables, buffers, recording = (
            borrowed(words), borrowed(signals), borrowed(levels), borrowed(tables), borrowed(buffers), borrowed(recording))
        if operation == PEEK_INPUTS:
            clock = _clock(words, _CLOCK)
            if kind == PLANT or kind == MEMORYLESS_PLANT:
                converters.add_noise(levels, seed, clock.cycle, parameters[1], clock.position, 1)
            _inputs(clock, signals, levels, clock.position, clock.cycle, clock.cycle + 1, kind, adc, plant, parameters, plant_state, seed)
            return
        steps = 1 if operation == ADVANCE else 2 * transfer.shape[0]
        lead = length if operation == ADVANCE else min(_LEAD[operation], length)
        for step in range(steps):
            cycles = lead if step & 1 == 0 else length - lead
            _advance(cycles, words, signals, levels, tables, buffers, external, order, groups, recording,
                     kind, adc, plant, parameters, plant_state, seed)
            if step & 1 == 0:
                word = step >> 1
                if operation == WRITE_TABLE:
                    tables[channel, (first + word) & 0x3FFF] = transfer[word]
                elif operation == READ_BUFFER:
                    transfer[word] = buffers[channel, (first + word) & 0x3FFF]

    return run


run = _compile(int.from_bytes(hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).digest()[:7], "big"))
