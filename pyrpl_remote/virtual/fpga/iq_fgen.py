"""The iq's sine generator: four words from one phase accumulator (red_pitaya_iq_fgen_block.v)."""
import numpy as np

from .compiled import hot, span

LUTSZ = 11
LUTBITS = 17
PHASEBITS = 32

_QUARTER = np.round((2 ** (LUTBITS - 1) - 1)
                    * np.sin((np.arange(2 ** LUTSZ) + 0.5) / 2 ** LUTSZ * 0.5 * np.pi)).astype(np.int32)
#: one whole turn, addressed by the 13 upper bits of a phase; the gateware keeps a quarter and mirrors it
SINE = np.concatenate([_QUARTER, _QUARTER[::-1], -_QUARTER, -_QUARTER[::-1]])
_PHASE_MASK = (1 << PHASEBITS) - 1
#: bits of a phase below the table's address
_FRACTION = PHASEBITS - LUTSZ - 2
_QUARTER_TURN = 1 << LUTSZ
_TURN_MASK = (1 << (LUTSZ + 2)) - 1


@hot
def _words(s, on, word, target, p, n):
    """One of the four words over n cycles. The table's words travel through two registers, which only then are zeroed."""
    p, n = span(p, n)
    offset = s.start_phase if word >= 2 else 0
    quarter = _QUARTER_TURN if word & 1 else 0
    double = (s.at_2f >> word) & 1
    phase = s.phase
    first = s.lut_first[word]
    second = s.lut_second[word]
    if on and n >= 2:
        step = s.shift_phase << double
        turn = (phase << double) + offset
        target[p + 1] = second
        target[p + 2] = first
        for i in range(n - 2):
            target[p + 3 + i] = SINE[(((turn + i * step) >> _FRACTION) + quarter) & _TURN_MASK]
        s.lut_second[word] = SINE[(((turn + (n - 2) * step) >> _FRACTION) + quarter) & _TURN_MASK]
        s.lut_first[word] = SINE[(((turn + (n - 1) * step) >> _FRACTION) + quarter) & _TURN_MASK]
    else:
        for i in range(p, p + n):
            target[i + 1] = second if on else 0
            second = first
            first = np.int64(SINE[((((phase << double) + offset) >> _FRACTION) + quarter) & _TURN_MASK])
            phase = (phase + s.shift_phase) & _PHASE_MASK if on else 0
        s.lut_first[word] = first
        s.lut_second[word] = second


@hot
def run(s, on, sines, p, n):
    """n cycles: sines[0...3] (sin, cos, and both with the start phase) [p+1:p+n+1], three cycles behind the phase.

    on: the iq's bit of the sync register; while it is low, phase and outputs are held at 0.
    """
    for word in range(4):
        _words(s, on, word, sines[word], p, n)
    s.phase = (s.phase + n * s.shift_phase) & _PHASE_MASK if on else 0
