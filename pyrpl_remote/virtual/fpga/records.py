"""The records of the blocks in the flat array of the state, for compiled functions."""

from __future__ import annotations

from . import asg_ch, dsp, iir, iq, pid, prng, scope, state, trigger
from .compiled import record_reader

CLOCK = state.SLICES["clock"][0]
BUS = state.SLICES["dsp"][0]
PID = state.SLICES["pid"][0]
TRIG = state.SLICES["trig"][0]
IIR = state.SLICES["iir"][0]
IQ = state.SLICES["iq"][0]
ASG = state.SLICES["asg"][0]
PRNG = state.SLICES["prng"][0]
SCOPE = state.SLICES["scope"][0]
"""First word of each record, or of the first one of several."""

PID_WORDS = pid.STATE.itemsize // 8
IQ_WORDS = iq.STATE.itemsize // 8
ASG_WORDS = asg_ch.STATE.itemsize // 8
"""Words of a record of which there are several."""

clock_record = record_reader(state.CLOCK)
bus_record = record_reader(dsp.STATE)
pid_record = record_reader(pid.STATE)
trig_record = record_reader(trigger.STATE)
iir_record = record_reader(iir.STATE)
iq_record = record_reader(iq.STATE)
asg_record = record_reader(asg_ch.STATE)
prng_record = record_reader(prng.STATE)
scope_record = record_reader(scope.STATE)
