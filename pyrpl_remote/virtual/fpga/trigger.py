"""The trig module without its input filter (red_pitaya_trigger_block.v).

A Schmitt trigger that latches the phase of asg0 at an edge.
"""

from __future__ import annotations

import numpy as np

from . import lpf
from .compiled import inner, span
from .registers import BusWord, Packed, ReadOnly, Register, Strobe
from .saturate import wrap

FILTERSTAGES = 1
FILTERSHIFTBITS = 5
FILTERMINBW = 1
FILTER = lpf.Kind(FILTERSHIFTBITS, signal_bits=14, max_shift=27)

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "rearm",
            "auto_rearm",
            "phase_abs",
            "trigger_source",
            "output_select",
            "phase_offset",
            "thresh",
            "hyst",
            "filter",
            "thresh_high",
            "thresh_low",
            "above",
            "above_before",
            "below",
            "below_before",
            "edge_up",
            "edge_down",
            "trigger_signal",
            "armed",
            "timestamp",
            "phase_processed",
            "phase",
            "output",
        )
    ]
    + [("filter_memory", np.int64, (FILTERSTAGES, 2))]
)

# the two derived thresholds settle during reset
RESET = {"hyst": 20, "thresh_high": 20, "thresh_low": -20}


class _Arm(Strobe):
    def get(self, record: np.void) -> int:
        return int(record["armed"])


REGISTERS: dict[int, BusWord] = {
    0x100: _Arm("rearm"),
    0x104: Packed(Register("auto_rearm", 1), Register("phase_abs", 1, shift=1)),
    0x108: Register("trigger_source", 2),
    0x10C: Register("output_select", 4),
    0x110: Register("phase_offset", 14, True),
    0x118: Register("thresh", 14, True),
    0x11C: Register("hyst", 14, True),
    0x120: Register("filter", 32),
    0x164: ReadOnly(lambda record: int(record["timestamp"])),
    0x168: ReadOnly(lambda record: int(record["timestamp"]) >> 32),
    0x220: ReadOnly(FILTERSTAGES),
    0x224: ReadOnly(FILTERSHIFTBITS),
    0x228: ReadOnly(FILTERMINBW),
}


@inner
def run(s, cycle, source, pointer, target, pulse, p, n):
    """Compute n cycles: reads the filtered input source[p:p+n] and asg0's table pointer [p:p+n].

    Fills target and pulse [p+1:p+n+1].
    """
    p, n = span(p, n)
    rearm = s.rearm
    s.rearm = 0
    thresh = s.thresh
    thresh_high = s.thresh_high
    thresh_low = s.thresh_low
    above = s.above
    above_before = s.above_before
    below = s.below
    below_before = s.below_before
    edge_up = s.edge_up
    edge_down = s.edge_down
    trigger_signal = s.trigger_signal
    armed = s.armed
    phase_processed = s.phase_processed
    phase = s.phase
    output = s.output
    hyst = s.hyst
    auto_rearm = s.auto_rearm
    phase_abs = s.phase_abs
    phase_offset = s.phase_offset
    output_select = s.output_select
    rising = s.trigger_source & 1
    falling = (s.trigger_source >> 1) & 1
    for i in range(p, p + n):
        if output_select == 0:
            output = 8191 * trigger_signal
        elif output_select == 1:
            output = phase
        target[i + 1] = output
        if trigger_signal:
            s.timestamp = cycle + i - p
            phase = phase_processed
        shifted = wrap(np.int64(pointer[i]) + phase_offset, 14)
        phase_processed = wrap(-shifted, 14) if phase_abs and shifted < 0 else shifted
        fired = ((edge_up & rising) | (edge_down & falling)) & armed
        armed = (armed & (1 - trigger_signal)) | rearm | auto_rearm
        rearm = 0
        trigger_signal = fired
        pulse[i + 1] = fired
        edge_up = above & (1 - above_before)
        edge_down = below & (1 - below_before)
        above_before = above
        below_before = below
        sample = np.int64(source[i])
        if sample >= thresh:
            above = 1
        elif sample < thresh_low:
            above = 0
        if sample <= thresh:
            below = 1
        elif sample > thresh_high:
            below = 0
        thresh_high = wrap(thresh + hyst, 14)
        thresh_low = wrap(thresh - hyst, 14)
    s.thresh_high = thresh_high
    s.thresh_low = thresh_low
    s.above = above
    s.above_before = above_before
    s.below = below
    s.below_before = below_before
    s.edge_up = edge_up
    s.edge_down = edge_down
    s.trigger_signal = trigger_signal
    s.armed = armed
    s.phase_processed = phase_processed
    s.phase = phase
    s.output = output


@inner
def is_idle(s):
    """Whether, in the present settings, the output is constant, the module not armed, and no filter on."""
    shown = 0 if s.output_select == 0 else s.phase if s.output_select == 1 else s.output
    return (
        s.filter & lpf.ON == 0
        and s.armed == 0
        and s.rearm == 0
        and s.auto_rearm == 0
        and s.trigger_signal == 0
        and s.output == shown
    )
