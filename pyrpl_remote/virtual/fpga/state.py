"""Where the state of the whole FPGA lies: one array of 64-bit words, cut into the records that the block files declare.

One flat array reaches compiled code in under a microsecond, where an array of records takes tens of them.
"""

import numpy as np

from . import ams, asg_ch, dsp, hk, iir, iq, pid, prng, scope, trigger

#: columns of the signal buffer that are kept when it is moved back to its start: the outputs' past for the plant's delay
HISTORY = 512
#: columns of the signal buffer; a chunk and what is known ahead of it must fit behind the history
COLUMNS = 4096
ROWS = dsp.IQ_ROWS + 3 * iq.ROWS

#: position: the column of the present cycle; inputs_until: the cycle up to which the inputs are known
#: recorded: the next column of the recording, -1 if there is none
#: uniform: the blocks, a bit each, whose rows hold one value in all columns; any_done: whether a generator's trigger line
#: was up in the present chunk; last_busy: when the network analyser of each iq was at work
CLOCK = np.dtype(
    [(name, np.int64) for name in ("position", "cycle", "inputs_until", "recorded", "uniform")]
    + [("any_done", np.int64, (2,)), ("last_busy", np.int64, (3,))]
)

_LAYOUT = (
    ("clock", CLOCK, 1, {"position": HISTORY, "recorded": -1}),
    ("dsp", dsp.STATE, 1, dsp.RESET),
    ("pid", pid.STATE, 3, pid.RESET),
    ("trig", trigger.STATE, 1, trigger.RESET),
    ("iir", iir.STATE, 1, iir.RESET),
    ("iq", iq.STATE, 3, iq.RESET),
    ("asg", asg_ch.STATE, 2, asg_ch.RESET),
    ("prng", prng.STATE, 1, prng.RESET),
    ("scope", scope.STATE, 1, scope.RESET),
    ("hk", hk.STATE, 1, hk.RESET),
    ("ams", ams.STATE, 1, ams.RESET),
)

#: name -> (first word, end)
SLICES: dict[str, tuple[int, int]] = {}
WORDS = 0
for _name, _dtype, _count, _ in _LAYOUT:
    SLICES[_name] = (WORDS, WORDS + _count * _dtype.itemsize // 8)
    WORDS = SLICES[_name][1]


def records(words: np.ndarray) -> dict[str, np.ndarray]:
    """The records in the flat array `words` (int64 (WORDS,)), by name: arrays of 1, 2 or 3 records."""
    return {name: words[slice(*SLICES[name])].view(dtype) for name, dtype, _, _ in _LAYOUT}


def reset(words: np.ndarray) -> None:
    """Set the flat array to what the gateware holds when its reset is released."""
    words[:] = 0
    for name, array in records(words).items():
        initial = next(values for other, _, _, values in _LAYOUT if other == name)
        for field, value in initial.items():
            array[field] = value
