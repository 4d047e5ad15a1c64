"""The iq's sine generator: four words from one phase accumulator (red_pitaya_iq_fgen_block.v)."""
import numpy as np

from .compiled import inner

LUTSZ = 11
LUTBITS = 17
PHASEBITS = 32

_QUARTER = np.round((2 ** (LUTBITS - 1) - 1)
                    * np.sin((np.arange(2 ** LUTSZ) + 0.5) / 2 ** LUTSZ * 0.5 * np.pi)).astype(np.int32)
#: one whole turn, addressed by the 13 upper bits of a phase; the gateware keeps a quarter and mirrors it
SINE = np.concatenate([_QUARTER, _QUARTER[::-1], -_QUARTER, -_QUARTER[::-1]])
_QUARTER_TURN = 1 << (PHASEBITS - 2)
_PHASE_MASK = (1 << PHASEBITS) - 1


@inner
def run(s, on, sines, p, n):
    """n cycles: sines[0...3] (sin, cos, and both with the start phase) [p+1:p+n+1]; two cycles behind the phase.

    on: the iq's bit of the sync register; while it is low, phase and outputs are held at 0.
    """
    phase = s.phase
    step = s.shift_phase
    for word in range(4):
        offset = (word & 1) * _QUARTER_TURN + (s.start_phase if word >= 2 else 0)
        double = (s.at_2f >> word) & 1
        first = s.lut_first[word]
        second = s.lut_second[word]
        target = sines[word]
        turn = phase
        for i in range(p, p + n):
            target[i + 1] = second if on else 0
            second = first
            first = np.int64(SINE[((turn << double) + offset & _PHASE_MASK) >> (PHASEBITS - LUTSZ - 2)])
            turn = (turn + step) & _PHASE_MASK if on else 0
        s.lut_first[word] = first
        s.lut_second[word] = second
    s.phase = (phase + n * step) & _PHASE_MASK if on else 0
