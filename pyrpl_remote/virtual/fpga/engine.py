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
from .plant_call import call_plant

#: operations of `run`
ADVANCE, WRITE_TABLE, READ_BUFFER = range(3)
#: what the inputs are
ARRAY, PLANT, DIGITAL_LOOP = range(3)
#: cycles from the first one of a bus access to the moment when a table word is written, a buffer word is read
_LEAD = (0, 2, 3)

_CLOCK0, _CLOCK1 = state.SLICES["clock"]
_DSP0, _DSP1 = state.SLICES["dsp"]
_PID0, _PID1 = state.SLICES["pid"]
_TRIG0, _TRIG1 = state.SLICES["trig"]
_IIR0, _IIR1 = state.SLICES["iir"]
_IQ0, _IQ1 = state.SLICES["iq"]
_ASG0, _ASG1 = state.SLICES["asg"]
_PRNG0, _PRNG1 = state.SLICES["prng"]
_SCOPE0, _SCOPE1 = state.SLICES["scope"]


@njit
def _rewind(clock, signals):
    """Move the present cycle's column back to HISTORY, with what is known of the past and of the next cycles."""
    p = clock.position
    for row in range(state.ROWS):
        past = state.HISTORY if dsp.OUT1 <= row <= dsp.OUT2 else 4
        for i in range(-past, dsp.ADDER_LATENCY + 1):
            signals[row, state.HISTORY + i] = signals[row, p + i]
    clock.position = state.HISTORY


@njit
def _inputs(clock, signals, p, end, kind, adc, plant, parameters, plant_state, seed):
    """Fill the two input rows up to cycle `end`; cycles that are known already are left alone."""
    cycle = max(clock.inputs_until, clock.cycle)
    first = p + cycle - clock.cycle
    n = end - cycle
    if n <= 0:
        return
    if kind == DIGITAL_LOOP:
        signals[dsp.IN1, first:first + n] = signals[dsp.OUT1, first:first + n]
        signals[dsp.IN2, first:first + n] = signals[dsp.OUT2, first:first + n]
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


@njit
def _filter_pid(s, bus, number, signals, p, n):
    return lpf.run(s.filter_memory, s.filter, 31, 14, pid.FILTERMAXSHIFT, signals[bus.input_select[number]],
                   signals[dsp.FILTERED + number], p, n)


@njit
def _chunk(words, signals, tables, buffers, external, order, p, n, kind, adc, plant, parameters, plant_state, seed):
    """Run every block over n cycles, of which the present one is column p."""
    clock = words[_CLOCK0:_CLOCK1].view(state.CLOCK)[0]
    bus = words[_DSP0:_DSP1].view(dsp.STATE)[0]
    pids = words[_PID0:_PID1].view(pid.STATE)
    asgs = words[_ASG0:_ASG1].view(asg_ch.STATE)
    differential = pids[0].differential | pids[1].differential
    for block in order:
        if block == routing.PLANT:
            _inputs(clock, signals, p, clock.cycle + n, kind, adc, plant, parameters, plant_state, seed)
        elif block == routing.ADDERS:
            dsp.add(bus, signals, p, n)
        elif block <= dsp.PID2:
            first = block
            last = block
            if block < 2 and differential:
                # the two exchange their filtered inputs within a cycle: both are run in the place of the first
                last = 1
                if block == 1:
                    continue
            none = signals[dsp.OFF]
            one = _filter_pid(pids[first], bus, first, signals, p, n)
            other = none
            if last != first:
                other = _filter_pid(pids[last], bus, last, signals, p, n)
                pid.run(pids[last], (bus.sync >> last) & 1, other, one, signals[last], p, n)
            pid.run(pids[first], (bus.sync >> first) & 1, one, other, signals[first], p, n)
        elif block == dsp.TRIG:
            trig = words[_TRIG0:_TRIG1].view(trigger.STATE)[0]
            source = lpf.run(trig.filter_memory, trig.filter, 31, 14, trigger.FILTERMAXSHIFT,
                             signals[bus.input_select[dsp.TRIG]], signals[dsp.FILTERED + dsp.TRIG], p, n)
            trigger.run(trig, clock.cycle, source, signals[dsp.POINTER], signals[dsp.TRIG], signals[dsp.PULSE], p, n)
        elif block == dsp.IIR:
            s = words[_IIR0:_IIR1].view(iir.STATE)[0]
            widened = signals[dsp.IIR_INPUT]
            widened[p:p + n] = signals[bus.input_select[dsp.IIR], p:p + n] << iir.SIGNALSHIFT
            source = lpf.run(s.filter_memory, s.filter, 7, iir.SIGNALBITS + iir.SIGNALSHIFT, iir.FILTERMAXSHIFT,
                             widened, widened, p, n)
            iir.run(s, source, signals[dsp.IIR], p, n)
        elif block <= dsp.IQ2:
            number = block - dsp.IQ0
            s = words[_IQ0:_IQ1].view(iq.STATE)[number]
            source = lpf.run(s.filter_memory, s.input_filter, 31, iq.SIGNALBITS, iq.INPUTFILTERMAXSHIFT,
                             signals[bus.input_select[block]], signals[dsp.FILTERED + block], p, n)
            rows = signals[dsp.IQ_ROWS + number * iq.ROWS:dsp.IQ_ROWS + (number + 1) * iq.ROWS]
            second = signals[dsp.IQ2_2] if number == 2 else rows[iq.OUTPUT2]
            iq.run(s, 4 if number == 2 else 2, (bus.sync >> block) & 1, source, rows, signals[dsp.IQ_DIRECT + number],
                   signals[block], second, p, n)
        elif block == routing.ASG:
            prng.run(words[_PRNG0:_PRNG1].view(prng.STATE)[0], signals[dsp.RANDOM], p, n)
            for channel in range(2):
                adv_trigger.run(asgs[channel], external, signals[dsp.EXTERNAL + channel], p, n)
            for channel in range(2):
                asg_ch.run(asgs[channel], tables[channel], signals[dsp.EXTERNAL + 1 - channel], signals[dsp.RANDOM],
                           signals[dsp.ASG0 + channel], signals[dsp.POINTER + channel], signals[dsp.DONE + channel], p, n)
        else:
            scope.run(words[_SCOPE0:_SCOPE1].view(scope.STATE)[0], buffers, clock.cycle,
                      signals[bus.input_select[8]], signals[bus.input_select[9]], external,
                      signals[dsp.DONE], signals[dsp.DONE + 1], signals[dsp.PULSE],
                      signals[dsp.POINTER], signals[dsp.POINTER + 1], asgs, p, n)


@njit
def _advance(cycles, words, signals, tables, buffers, external, order, chunk, recording,
             kind, adc, plant, parameters, plant_state, seed):
    clock = words[_CLOCK0:_CLOCK1].view(state.CLOCK)[0]
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
    @njit(cache=True, nogil=True)
    def run(operation, channel, first, transfer, length, words, signals, tables, buffers, external, order, chunk,
            recording, kind, adc, plant, parameters, plant_state, seed):
        """ADVANCE by `length` cycles, or move the words of `transfer` (int16) to or from table words `first` ...

        A transfer takes `length` cycles a word; all other arguments are those of `Fpga`.
        """
        _ = digest
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

    @njit(cache=True)
    def peek_inputs(words, signals, kind, adc, plant, parameters, plant_state, seed):
        """Make the inputs of the present cycle known before it is run, for a register that shows them."""
        _ = digest
        clock = words[_CLOCK0:_CLOCK1].view(state.CLOCK)[0]
        if clock.position + dsp.ADDER_LATENCY + 1 >= state.COLUMNS:
            _rewind(clock, signals)
        _inputs(clock, signals, clock.position, clock.cycle + 1, kind, adc, plant, parameters, plant_state, seed)

    return run, peek_inputs


run, peek_inputs = _compile(int.from_bytes(hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).digest()[:7], "big"))
