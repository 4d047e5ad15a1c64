"""The signal bus between the modules: input selection, output adders, saturation (red_pitaya_dsp.v).

Every signal is a row of the signal buffer, with one column for each cycle; the first 16 rows are numbered as
in the input-select registers. A module that has read cycle k of its input has written cycle k + 1 of its
output.
"""

from __future__ import annotations

import numpy as np

from .compiled import at, borrowed, hot, inner, span
from .registers import Register
from .saturate import fill

MODULES = 8
"""Modules on the bus: three pids, trig, iir, three iqs."""

INPUTS = 12
"""Modules with an input of their own: the eight, the scope's two channels, the two slow outputs."""

DIRECTS = 10
"""Modules that add to the outputs: the eight and the two generators."""

PID0, PID1, PID2, TRIG, IIR, IQ0, IQ1, IQ2, ASG0, ASG1, IN1, IN2, OUT1, OUT2, IQ2_2, OFF = range(16)
"""Rows of the signals that an input can select."""

IQ_DIRECT = 16
"""First of three rows: what each iq adds to the outputs, which differs from its signal."""

POINTER, DONE, PULSE, RANDOM, EXTERNAL = 19, 21, 23, 24, 25
"""Rows of the generators' table pointers (two) and trigger lines (two), of the trig module's pulse, of the
noise addresses, and of the advanced triggers' lines (two)."""

SUM = 27
"""First of two rows: the outputs before saturation."""

FILTERED = 29
"""First of eight rows: the filtered inputs of modules 0 ... 7."""

IIR_INPUT = 37
"""Row of the iir's input, with SIGNALSHIFT more bits."""

IQ_ROWS = 38
"""First of the private rows of the iqs, see iq.py."""

ADDER_LATENCY = 5
"""Cycles from an output adder's input to the output."""

STATE = np.dtype(
    [("input_select", np.int64, (INPUTS,)), ("output_select", np.int64, (DIRECTS,)), ("sync", np.int64)]
)

RESET = {"input_select": [IN1] * 9 + [IN2, OFF, OFF], "sync": 0xFF}

SYNC = 0x0C
"""Offset of the sync register, the same at every module's address."""

SYNC_REGISTER = Register("sync", MODULES)


@hot
def direct_row(module):
    """The row that holds what a module adds to the outputs."""
    return IQ_DIRECT + module - IQ0 if IQ0 <= module <= IQ2 else module


@inner
def add(s, signals, p, n):
    """Compute n cycles of the adders: five registers, then saturation; fills columns p+5 ... p+5+n-1."""
    signals = borrowed(signals)
    p, n = span(p, n)
    first = p + ADDER_LATENCY
    for output in range(2):
        total = signals[SUM + output]
        fill(total, first, first + n, 0)
        for module in range(DIRECTS):
            if (s.output_select[module] >> output) & 1:
                direct = signals[direct_row(module)]
                for i in range(n):
                    total[at(first + i)] += direct[at(p + i)]
        word = signals[OUT1 + output]
        for i in range(first, first + n):
            word[at(i)] = min(max(total[at(i)], np.int32(-8192)), np.int32(8191))
