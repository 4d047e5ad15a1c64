"""Which blocks are active, that is, have an effect that can be observed; the engine skips the others."""

from __future__ import annotations

from . import adv_trigger, asg_ch, dsp, iir, iq, pid, routing, scope, state, trigger
from .compiled import inner
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
from .saturate import fill


@inner
def readable_together(words, first, count, cycles):
    """Whether the scope writes none of buffer words first ... first+count-1 in the next `cycles` cycles."""
    s = scope_record(words, SCOPE)
    if s.arm_do or s.rst_do:
        return False
    distance = (s.wp - first) & 0x3FFF
    return s.we == 0 or (distance >= count and distance + cycles // max(s.dec, 1) + 2 <= scope.BUFFER_SIZE)


@inner
def writable_together(words, signals, tables, external, channel, first, count):
    """Whether a generator is still, and its pointer is on none of the table words first ... first+count-1."""
    s = asg_record(words, ASG + channel * ASG_WORDS)
    level = adv_trigger.level(asg_record(words, ASG + (1 - channel) * ASG_WORDS), external)
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
        if not pid.is_idle(pid_record(words, PID + number * PID_WORDS)):
            found |= 1 << number
        s = iq_record(words, IQ + number * IQ_WORDS)
        if not iq.is_idle(s):
            found |= 1 << (routing.OSCILLATOR0 + number)
            if s.busy:
                clock.last_busy[number] = clock.cycle
            if not iq.is_mere_oscillator(s, number, clock.cycle - clock.last_busy[number]):
                found |= 1 << (dsp.IQ0 + number)
    # in differential mode pid0 and pid1 need each other's filtered input
    if found & 3 and pid_record(words, PID).differential | pid_record(words, PID + PID_WORDS).differential:
        found |= 3
    if not trigger.is_idle(trig_record(words, TRIG)):
        found |= 1 << dsp.TRIG
    if not iir.is_idle(iir_record(words, IIR)):
        found |= 1 << dsp.IIR
    if not scope.is_idle(scope_record(words, SCOPE)):
        found |= 1 << routing.SCOPE
    for channel in range(2):
        level = adv_trigger.level(asg_record(words, ASG + (1 - channel) * ASG_WORDS), external)
        if not asg_ch.is_still(
            asg_record(words, ASG + channel * ASG_WORDS),
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
            iq.skip(iq_record(words, IQ + number * IQ_WORDS), (bus.sync >> (dsp.IQ0 + number)) & 1, n)
        if (newly_idle >> (dsp.IQ0 + number)) & 1:
            _fill(signals, dsp.IQ_DIRECT + number, 0)
    if (newly_idle >> dsp.IQ2) & 1:
        _fill(signals, dsp.IQ2_2, signals[dsp.IQ2_2, p])
    if (newly_idle >> dsp.TRIG) & 1:
        _fill(signals, dsp.PULSE, 0)
    if (idle >> routing.SCOPE) & 1:
        scope.skip(scope_record(words, SCOPE), n)
    if (idle >> routing.ASG) & 1:
        for channel in range(2):
            s = asg_record(words, ASG + channel * ASG_WORDS)
            asg_ch.skip(s, n)
            if (newly_idle >> routing.ASG) & 1:
                _fill(signals, dsp.ASG0 + channel, s.out)
                _fill(signals, dsp.POINTER + channel, s.pointer >> 16)
                _fill(signals, dsp.DONE + channel, asg_ch.wraps(s, s.pointer))
        prng_record(words, PRNG).left_out += n
    clock.uniform |= newly_idle
