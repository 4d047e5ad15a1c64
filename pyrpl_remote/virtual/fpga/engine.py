"""The compiled loop that steps all blocks: one call advances any number of cycles or moves a whole table.

State is kept between calls in one flat array (state.py) and in the signal buffer (dsp.py). Every block is run over a
chunk of cycles with its registers in local variables; routing.py tells in which order, and how long a chunk may be.

Compiled code is cached on disk by numba, which notices a change of this file but not of the block files that are
compiled into it: a digest of their sources is therefore part of the cache's key.
"""
import hashlib
from pathlib import Path

import numpy as np
from numba import njit

from . import adv_trigger, asg_ch, dsp, iir, iq, lpf, pid, prng, routing, scope, state, trigger
from .compiled import inner, record_reader, single
from .plant_call import call_plant
from .saturate import copy

#: operations of `run`
ADVANCE, WRITE_TABLE, READ_BUFFER, PEEK_INPUTS = range(4)
#: what the inputs are
ARRAY, PLANT, DIGITAL_LOOP = range(3)
#: cycles from the first one of a bus access to the moment when a table word is written, a buffer word is read
_LEAD = (0, 2, 3)

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
def _inputs(clock, signals, p, end, kind, adc, plant, parameters, plant_state, seed):
    """Fill the two input rows up to cycle `end`; cycles that are known already are left alone."""
    cycle = max(clock.inputs_until, clock.cycle)
    first = p + cycle - clock.cycle
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
                   signals[dsp.IN1, first:].ctypes.data, signals[dsp.IN2, first:].ctypes.data,
                   n, cycle, seed, parameters.ctypes.data, plant_state.ctypes.data)
    clock.inputs_until = end


@single
def _chunk(words, signals, tables, buffers, external, order, p, n, kind, adc, plant, parameters, plant_state, seed):
    """Run every block over n cycles, of which the present one is column p."""
    clock = _clock(words, _CLOCK)
    bus = _dsp(words, _DSP)
    differential = _pid(words, _PID).differential | _pid(words, _PID + _PID_WORDS).differential
    for block in order:
        if block == routing.PLANT:
            _inputs(clock, signals, p, clock.cycle + n, kind, adc, plant, parameters, plant_state, seed)
        elif block == routing.ADDERS:
            dsp.add(bus, signals, p, n)
        elif block <= dsp.PID2:
            s = _pid(words, _PID + block * _PID_WORDS)
            source = signals[bus.input_select[block]]
            filtered = lpf.run(s.filter_memory, s.filter, 31, 14, pid.FILTERMAXSHIFT, source,
                               signals[dsp.FILTERED + block], p, n)
            if block < 2 and differential:
                # pid0 and pid1 exchange their filtered inputs within a cycle: the first waits for the second
                if block == 0:
                    copy(filtered, signals[dsp.FILTERED], p, p + n)
                    continue
                other = _pid(words, _PID)
                first = signals[dsp.FILTERED]
                pid.run(other, bus.sync & 1, first, filtered, signals[dsp.PID0], p, n)
                pid.run(s, (bus.sync >> 1) & 1, filtered, first, signals[dsp.PID1], p, n)
            else:
                pid.run(s, (bus.sync >> block) & 1, filtered, signals[dsp.OFF], signals[block], p, n)
        elif block == dsp.TRIG:
            trig = _trig(words, _TRIG)
            source = lpf.run(trig.filter_memory, trig.filter, 31, 14, trigger.FILTERMAXSHIFT,
                             signals[bus.input_select[dsp.TRIG]], signals[dsp.FILTERED + dsp.TRIG], p, n)
            trigger.run(trig, clock.cycle, source, signals[dsp.POINTER], signals[dsp.TRIG], signals[dsp.PULSE], p, n)
        elif block == dsp.IIR:
            s = _iir(words, _IIR)
            widened = signals[dsp.IIR_INPUT]
            source = signals[bus.input_select[dsp.IIR]]
            for i in range(p, p + n):
                widened[i] = source[i] << iir.SIGNALSHIFT
            source = lpf.run(s.filter_memory, s.filter, 7, iir.SIGNALBITS + iir.SIGNALSHIFT, iir.FILTERMAXSHIFT,
                             widened, widened, p, n)
            iir.run(s, source, signals[dsp.IIR], p, n)
        elif block <= dsp.IQ2:
            number = block - dsp.IQ0
            s = _iq(words, _IQ + number * _IQ_WORDS)
            source = lpf.run(s.filter_memory, s.input_filter, 31, iq.SIGNALBITS, iq.INPUTFILTERMAXSHIFT,
                             signals[bus.input_select[block]], signals[dsp.FILTERED + block], p, n)
            rows = signals[dsp.IQ_ROWS + number * iq.ROWS:dsp.IQ_ROWS + (number + 1) * iq.ROWS]
            second = signals[dsp.IQ2_2] if number == 2 else rows[iq.OUTPUT2]
            iq.run(s, 4 if number == 2 else 2, (bus.sync >> block) & 1, source, rows, signals[dsp.IQ_DIRECT + number],
                   signals[block], second, p, n)
        elif block == routing.ASG:
            prng.run(_prng(words, _PRNG), signals[dsp.RANDOM], p, n)
            for channel in range(2):
                s = _asg(words, _ASG + channel * _ASG_WORDS)
                adv_trigger.run(s, external, signals[dsp.EXTERNAL + channel], p, n)
            for channel in range(2):
                s = _asg(words, _ASG + channel * _ASG_WORDS)
                asg_ch.run(s, tables[channel], signals[dsp.EXTERNAL + 1 - channel], signals[dsp.RANDOM],
                           signals[dsp.ASG0 + channel], signals[dsp.POINTER + channel], signals[dsp.DONE + channel], p, n)
        else:
            scope.run(_scope(words, _SCOPE), buffers, clock.cycle,
                      signals[bus.input_select[8]], signals[bus.input_select[9]], external,
                      signals[dsp.DONE], signals[dsp.DONE + 1], signals[dsp.PULSE],
                      signals[dsp.POINTER], signals[dsp.POINTER + 1],
                      _asg(words, _ASG), _asg(words, _ASG + _ASG_WORDS), p, n)


@single
def _advance(cycles, words, signals, tables, buffers, external, order, chunk, recording,
             kind, adc, plant, parameters, plant_state, seed):
    clock = _clock(words, _CLOCK)
    end = clock.cycle + cycles
    while clock.cycle < end:
        n = min(chunk, end - clock.cycle)
        if clock.position + n + dsp.ADDER_LATENCY >= state.COLUMNS:
            _rewind(clock, signals)
        p = clock.position
        _chunk(words, signals, tables, buffers, external, order, p, n, kind, adc, plant, parameters, plant_state, seed)
        if clock.recorded < recording.shape[1]:
            taken = min(n, recording.shape[1] - clock.recorded)
            for output in range(2):
                for i in range(taken):
                    recording[output, clock.recorded + i] = signals[dsp.OUT1 + output, p + i]
            clock.recorded += taken
        clock.cycle += n
        clock.position = p + n


def _compile(digest):
    @njit(cache=True, nogil=True, error_model="numpy")
    def run(operation, channel, first, transfer, length, words, signals, tables, buffers, external, order, chunk,
            recording, kind, adc, plant, parameters, plant_state, seed):
        """ADVANCE by `length` cycles, or move the words of `transfer` (int16) to or from table words `first` ...

        A transfer takes `length` cycles a word. PEEK_INPUTS makes the inputs of the present cycle known before it is run,
        for a register that shows them. All other arguments are those of `Fpga`.
        """
        _ = digest
        if operation == PEEK_INPUTS:
            clock = _clock(words, _CLOCK)
            _inputs(clock, signals, clock.position, clock.cycle + 1, kind, adc, plant, parameters, plant_state, seed)
            return
        steps = 1 if operation == ADVANCE else 2 * transfer.shape[0]
        lead = length if operation == ADVANCE else min(_LEAD[operation], length)
        for step in range(steps):
            cycles = lead if step & 1 == 0 else length - lead
            _advance(cycles, words, signals, tables, buffers, external, order, chunk, recording,
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
