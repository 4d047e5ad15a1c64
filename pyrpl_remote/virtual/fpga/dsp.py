"""The signal bus between the modules: input selection, output adders, saturation (red_pitaya_dsp.v).

Every signal is a row of the signal buffer, one column a cycle; the first 16 rows are the codes of the input-select
registers. A module that reads cycle k of its input has written cycle k + 1 of its output.
"""

import numpy as np

from .compiled import at, borrowed, hot, inner, span
from .registers import Register
from .saturate import fill

MODULES = 8
#: modules with an input of their own: the eight, the scope's two channels, the two slow outputs
INPUTS = 12
#: modules that add to the outputs: the eight and the two generators
DIRECTS = 10

PID0, PID1, PID2, TRIG, IIR, IQ0, IQ1, IQ2, ASG0, ASG1, IN1, IN2, OUT1, OUT2, IQ2_2, OFF = range(16)
#: what each iq adds to the outputs, which differs from its signal
IQ_DIRECT = 16
#: the generators' table pointers and trigger lines, the trig module's pulse, noise addresses, advanced trigger lines
POINTER, DONE, PULSE, RANDOM, EXTERNAL = 19, 21, 23, 24, 25
#: the outputs before saturation
SUM = 27
#: filtered inputs of the modules 0 ... 7
FILTERED = 29
#: the iir's input, over-represented
IIR_INPUT = 37
#: private rows of each iq, see iq.py
IQ_ROWS = 38

#: cycles from an output adder's input to the output
ADDER_LATENCY = 5

STATE = np.dtype(
    [("input_select", np.int64, (INPUTS,)), ("output_select", np.int64, (DIRECTS,)), ("sync", np.int64)]
)

RESET = {"input_select": [IN1] * 9 + [IN2, OFF, OFF], "sync": 0xFF}

#: written at any module's address
SYNC = 0x0C
SYNC_REGISTER = Register("sync", MODULES)


@hot
def direct_row(module):
    """The row that holds what a module adds to the outputs."""
    return IQ_DIRECT + module - IQ0 if IQ0 <= module <= IQ2 else module


@inner
def add(s, signals, p, n):
    """The output adders over n cycles: five registers, then saturation; writes columns p+5 ... p+5+n."""
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
