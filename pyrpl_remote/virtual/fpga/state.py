"""The state of the whole FPGA: an array of 64-bit words, divided into the records that the blocks declare.

Passing one flat array to compiled code takes less than a microsecond; an array of records would take tens of
them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import ams, asg_ch, dsp, hk, iir, iq, pid, prng, scope, trigger

HISTORY = 512
"""Columns of the signal buffer that are kept when it is rewound: past outputs, for the plant's delay."""

COLUMNS = 4096
"""Columns of the signal buffer; a chunk, and what is known in advance after it, must fit behind the
history."""

ROWS = dsp.IQ_ROWS + 3 * iq.ROWS
"""Rows of the signal buffer."""

CLOCK = np.dtype(
    [(name, np.int64) for name in ("position", "cycle", "inputs_until", "recorded", "uniform")]
    + [("any_done", np.int64, (2,)), ("last_busy", np.int64, (3,))]
)
"""State that belongs to no block.

position: the column of the present cycle; inputs_until: the cycle up to which the inputs are filled;
recorded: the next column of the recording, -1 if there is none; uniform: the blocks, one bit each, whose rows
hold one value in all columns; any_done: whether each generator's trigger line was high in the present chunk;
last_busy: the last cycle in which each iq's network analyser was busy.
"""

_LAYOUT: tuple[tuple[str, np.dtype, int, dict[str, Any]], ...] = (
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

SLICES: dict[str, tuple[int, int]] = {}
"""First word and end of each record, by name."""

WORDS = 0
"""Words of the whole state."""

for _name, _dtype, _count, _ in _LAYOUT:
    SLICES[_name] = (WORDS, WORDS + _count * _dtype.itemsize // 8)
    WORDS = SLICES[_name][1]


def records(words: np.ndarray) -> dict[str, np.ndarray]:
    """The records in the flat array `words` (int64 (WORDS,)), by name: arrays of 1, 2 or 3 records."""
    return {name: words[slice(*SLICES[name])].view(dtype) for name, dtype, _, _ in _LAYOUT}


def reset(words: np.ndarray) -> None:
    """Set the flat array to the state in which the gateware leaves its reset."""
    words[:] = 0
    for name, array in records(words).items():
        initial = next(values for other, _, _, values in _LAYOUT if other == name)
        for field, value in initial.items():
            array[field] = value
