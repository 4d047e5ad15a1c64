"""How the blocks are wired: passes each block its record, its rows of the signal buffer and its bus settings.

Also finds which blocks are active, that is, have an effect that can be observed; the engine skips the others.
"""

from __future__ import annotations

from . import adv_trigger, asg_ch, dsp, iir, iq, lpf, pid, prng, routing, scope, state, trigger
from .compiled import at, borrowed, inner, record_reader
from .saturate import copy, fill

CLOCK = state.SLICES["clock"][0]
BUS = state.SLICES["dsp"][0]
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

clock_record = record_reader(state.CLOCK)
bus_record = record_reader(dsp.STATE)
_pid = record_reader(pid.STATE)
_trig = record_reader(trigger.STATE)
_iir = record_reader(iir.STATE)
_iq = record_reader(iq.STATE)
_asg = record_reader(asg_ch.STATE)
_prng = record_reader(prng.STATE)
_scope = record_reader(scope.STATE)


@inner
def readable_together(words, first, count, cycles):
    """Whether the scope writes none of buffer words first ... first+count-1 in the next `cycles` cycles."""
    s = _scope(words, _SCOPE)
    if s.arm_do or s.rst_do:
        return False
    distance = (s.wp - first) & 0x3FFF
    return s.we == 0 or (distance >= count and distance + cycles // max(s.dec, 1) + 2 <= scope.BUFFER_SIZE)


@inner
def writable_together(words, signals, tables, external, channel, first, count):
    """Whether a generator is still, and its pointer is on none of the table words first ... first+count-1."""
    s = _asg(words, _ASG + channel * _ASG_WORDS)
    level = adv_trigger.level(_asg(words, _ASG + (1 - channel) * _ASG_WORDS), external)
    still = asg_ch.is_still(
        s, tables[channel], level, signals[dsp.POINTER + channel, clock_record(words, CLOCK).position]
    )
    return still and ((s.pointer >> 16) - first) & 0x3FFF >= count


@inner
def _fill(signals, row, value):
    """Fill a whole row with a value that will not change, so that it need not be written again."""
    fill(signals[row], 0, state.COLUMNS, value)


@inner
def active(words, signals, tables, external, p):
    """The active blocks, one bit each; the outputs of all others are constant whatever their inputs are."""
    bus = bus_record(words, BUS)
    clock = clock_record(words, CLOCK)
    found = 0
    for number in range(3):
        if not pid.is_idle(_pid(words, _PID + number * _PID_WORDS)):
            found |= 1 << number
        s = _iq(words, _IQ + number * _IQ_WORDS)
        if not iq.is_idle(s):
            found |= 1 << (routing.OSCILLATOR0 + number)
            if s.busy:
                clock.last_busy[number] = clock.cycle
            if not iq.is_mere_oscillator(s, number, clock.cycle - clock.last_busy[number]):
                found |= 1 << (dsp.IQ0 + number)
    # in differential mode pid0 and pid1 need each other's filtered input
    if found & 3 and _pid(words, _PID).differential | _pid(words, _PID + _PID_WORDS).differential:
        found |= 3
    if not trigger.is_idle(_trig(words, _TRIG)):
        found |= 1 << dsp.TRIG
    if not iir.is_idle(_iir(words, _IIR)):
        found |= 1 << dsp.IIR
    if not scope.is_idle(_scope(words, _SCOPE)):
        found |= 1 << routing.SCOPE
    for channel in range(2):
        level = adv_trigger.level(_asg(words, _ASG + (1 - channel) * _ASG_WORDS), external)
        if not asg_ch.is_still(
            _asg(words, _ASG + channel * _ASG_WORDS),
            tables[channel],
            level,
            signals[dsp.POINTER + channel, p],
        ):
            found |= 1 << routing.ASG
    used = 0
    for module in range(10):
        # the scope's two inputs are numbered after the modules
        reader = module if module < dsp.MODULES else routing.SCOPE
        if (found >> reader) & 1:
            used |= 1 << bus.input_select[module]
    if used & (1 << dsp.IN1 | 1 << dsp.IN2):
        found |= 1 << routing.PLANT
    for number in range(3):
        # an oscillator whose output goes nowhere is known from its phase
        module = dsp.IQ0 + number
        if (found >> module) & 1 == 0 and (used >> module) & 1 == 0 and bus.output_select[module] == 0:
            found &= ~(1 << (routing.OSCILLATOR0 + number))
    return found


@inner
def skip(clock, words, signals, idle, p, n):
    """Skip n cycles of the blocks in `idle`: advance their counters, fill their rows with one value."""
    bus = bus_record(words, BUS)
    newly_idle = idle & ~clock.uniform
    for number in range(3):
        # an active oscillator writes rows of its iq, which are then not uniform
        if (idle >> (routing.OSCILLATOR0 + number)) & 1 == 0:
            newly_idle &= ~(1 << (dsp.IQ0 + number))
            clock.uniform &= ~(1 << (dsp.IQ0 + number))
    for module in range(dsp.MODULES):
        if (newly_idle >> module) & 1:
            _fill(signals, module, signals[module, p])
    for number in range(3):
        if (idle >> (routing.OSCILLATOR0 + number)) & 1:
            iq.skip(_iq(words, _IQ + number * _IQ_WORDS), (bus.sync >> (dsp.IQ0 + number)) & 1, n)
        if (newly_idle >> (dsp.IQ0 + number)) & 1:
            _fill(signals, dsp.IQ_DIRECT + number, 0)
    if (newly_idle >> dsp.IQ2) & 1:
        _fill(signals, dsp.IQ2_2, signals[dsp.IQ2_2, p])
    if (newly_idle >> dsp.TRIG) & 1:
        _fill(signals, dsp.PULSE, 0)
    if (idle >> routing.SCOPE) & 1:
        scope.skip(_scope(words, _SCOPE), n)
    if (idle >> routing.ASG) & 1:
        for channel in range(2):
            s = _asg(words, _ASG + channel * _ASG_WORDS)
            asg_ch.skip(s, n)
            if (newly_idle >> routing.ASG) & 1:
                _fill(signals, dsp.ASG0 + channel, s.out)
                _fill(signals, dsp.POINTER + channel, s.pointer >> 16)
                _fill(signals, dsp.DONE + channel, asg_ch.wraps(s, s.pointer))
        _prng(words, _PRNG).left_out += n
    clock.uniform |= newly_idle


# Each of the following functions computes one block. They are separate and have few arguments, because the
# compiler would otherwise prepare the arrays of all blocks at the start of every turn. Each calls `borrowed`
# again, because the compiler loses that property of an array in a call.


@inner
def run_pid(words, signals, number, p, n):
    """Compute n cycles of pid `number` with its input filter."""
    signals = borrowed(signals)
    bus = bus_record(words, BUS)
    s = _pid(words, _PID + number * _PID_WORDS)
    source = signals[bus.input_select[number]]
    filtered = lpf.run(
        pid.FILTER,
        s.filter_memory[: pid.FILTERSTAGES],
        s.filter,
        source,
        signals[dsp.FILTERED + number],
        p,
        n,
    )
    if number < 2 and _pid(words, _PID).differential | _pid(words, _PID + _PID_WORDS).differential:
        # pid0 and pid1 exchange their filtered inputs within a cycle: both are computed in pid1's place
        others = signals[dsp.FILTERED]
        if number == 0:
            copy(filtered, others, p, p + n)
        else:
            pid.run(_pid(words, _PID), bus.sync & 1, others, filtered, signals[dsp.PID0], p, n)
            pid.run(s, (bus.sync >> 1) & 1, filtered, others, signals[dsp.PID1], p, n)
    else:
        pid.run(s, (bus.sync >> number) & 1, filtered, signals[dsp.OFF], signals[number], p, n)


@inner
def run_trigger(words, signals, cycle, p, n):
    """Compute n cycles of the trig module with its input filter."""
    signals = borrowed(signals)
    s = _trig(words, _TRIG)
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


@inner
def run_iir(words, signals, p, n):
    """Compute n cycles of the iir with its input filter."""
    signals = borrowed(signals)
    s = _iir(words, _IIR)
    source = signals[bus_record(words, BUS).input_select[dsp.IIR]]
    widened = signals[dsp.IIR_INPUT]
    for i in range(p, p + n):
        widened[at(i)] = source[at(i)] << iir.SIGNALSHIFT
    filtered = lpf.run(iir.FILTER, s.filter_memory[: iir.FILTERSTAGES], s.filter, widened, widened, p, n)
    iir.run(s, filtered, signals[dsp.IIR], p, n)


@inner
def run_oscillator(words, signals, number, p, n):
    """Compute n cycles of the part of iq `number` that does not depend on its input."""
    signals = borrowed(signals)
    on = (bus_record(words, BUS).sync >> (dsp.IQ0 + number)) & 1
    rows = signals[dsp.IQ_ROWS + number * iq.ROWS : dsp.IQ_ROWS + (number + 1) * iq.ROWS]
    iq.oscillate(
        _iq(words, _IQ + number * _IQ_WORDS),
        on,
        rows,
        signals[dsp.IQ_DIRECT + number],
        signals[dsp.IQ0 + number],
        p,
        n,
    )


@inner
def run_iq(words, signals, number, p, n):
    """Compute n cycles of the rest of iq `number`, with its input filter."""
    signals = borrowed(signals)
    s = _iq(words, _IQ + number * _IQ_WORDS)
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


@inner
def run_asg(words, signals, tables, external, p, n):
    """Compute n cycles of both generators, with their advanced triggers and the noise source."""
    signals, tables = borrowed(signals), borrowed(tables)
    clock = clock_record(words, CLOCK)
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
            _asg(words, _ASG + channel * _ASG_WORDS),
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


@inner
def run_scope(words, signals, buffers, external, cycle, p, n, tail):
    """Compute n cycles of the scope."""
    signals, buffers = borrowed(signals), borrowed(buffers)
    clock = clock_record(words, CLOCK)
    bus = bus_record(words, BUS)
    scope.run(
        _scope(words, _SCOPE),
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
        _asg(words, _ASG),
        _asg(words, _ASG + _ASG_WORDS),
        p,
        n,
        tail,
    )
