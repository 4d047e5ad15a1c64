"""The iq's sine generator: four words from one phase accumulator (red_pitaya_iq_fgen_block.v)."""

from __future__ import annotations

import numpy as np

from .compiled import at, hot, span
from .saturate import copy

LUTSZ = 11
LUTBITS = 17
PHASEBITS = 32

_QUARTER = np.round(
    (2 ** (LUTBITS - 1) - 1) * np.sin((np.arange(2**LUTSZ) + 0.5) / 2**LUTSZ * 0.5 * np.pi)
).astype(np.int32)
SINE = np.concatenate([_QUARTER, _QUARTER[::-1], -_QUARTER, -_QUARTER[::-1]])
"""One period, indexed by the 13 upper bits of a phase; the gateware stores a quarter and mirrors it."""

_PHASE_MASK = (1 << PHASEBITS) - 1
_FRACTION = PHASEBITS - LUTSZ - 2
"""Bits of a phase below the table's index."""

_QUARTER_TURN = 1 << LUTSZ
_TURN_MASK = (1 << (LUTSZ + 2)) - 1


@hot
def _words(s, on, word, target, p, n):
    """Compute n cycles of one of the four words.

    The table's words pass through two registers; `on` sets the word to 0 only behind them.
    """
    p, n = span(p, n)
    offset = s.start_phase if word >= 2 else 0
    quarter = _QUARTER_TURN if word & 1 else 0
    double = (s.at_2f >> word) & 1
    phase = s.phase
    first = s.lut_first[word]
    second = s.lut_second[word]
    if on and n >= 2:
        # in 32 bits phases wrap by themselves, and the compiler computes sixteen at a time
        step = np.uint32(s.shift_phase << double)
        turn = np.uint32((phase << double) + offset + (quarter << _FRACTION))
        target[p + 1] = second
        target[p + 2] = first
        for i in range(n - 2):
            target[at(p + 3 + i)] = SINE[
                np.uint32(turn + np.uint32(np.uint32(i) * step)) >> np.uint32(_FRACTION)
            ]
        s.lut_second[word] = SINE[
            np.uint32(turn + np.uint32(np.uint32(n - 2) * step)) >> np.uint32(_FRACTION)
        ]
        s.lut_first[word] = SINE[np.uint32(turn + np.uint32(np.uint32(n - 1) * step)) >> np.uint32(_FRACTION)]
    else:
        for i in range(p, p + n):
            target[i + 1] = second if on else 0
            second = first
            first = np.int64(SINE[((((phase << double) + offset) >> _FRACTION) + quarter) & _TURN_MASK])
            phase = (phase + s.shift_phase) & _PHASE_MASK if on else 0
        s.lut_first[word] = first
        s.lut_second[word] = second


@hot
def _alike(s, word):
    """Whether a word and its counterpart with the start phase are equal from here on."""
    return (
        s.start_phase == 0
        and (s.at_2f >> word) & 1 == (s.at_2f >> (word + 2)) & 1
        and s.lut_first[word] == s.lut_first[word + 2]
        and s.lut_second[word] == s.lut_second[word + 2]
    )


@hot
def run(s, on, sines, p, n):
    """Compute n cycles of the four words: fills sines[0...3] [p+1:p+n+1], three cycles after the phase.

    The words are sine, cosine, and both with the start phase.

    on: the iq's bit of the sync register; while it is low, phase and outputs are held at 0.
    """
    alike = _alike(s, 0), _alike(s, 1)
    for word in range(2):
        _words(s, on, word, sines[word], p, n)
        if alike[word]:
            copy(sines[word], sines[word + 2], p + 1, p + n + 1)
            s.lut_first[word + 2] = s.lut_first[word]
            s.lut_second[word + 2] = s.lut_second[word]
        else:
            _words(s, on, word + 2, sines[word + 2], p, n)
    s.phase = (s.phase + n * s.shift_phase) & _PHASE_MASK if on else 0
