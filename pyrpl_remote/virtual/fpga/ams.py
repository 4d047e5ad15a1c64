"""Slow outputs: the configuration words of the four pulse-width modulators (red_pitaya_ams.v).

The first two follow DSP inputs 10 and 11, two registers later; the other two are plain registers.
"""

from __future__ import annotations

import numpy as np

from .registers import BusWord, Register

STATE = np.dtype([("dac_c", np.int64), ("dac_d", np.int64)])

RESET: dict[str, int] = {}

FOLLOWING = (0x20, 0x24)
"""Offsets of the two words that follow a signal."""

REGISTERS: dict[int, BusWord] = {
    0x28: Register("dac_c", 24),
    0x2C: Register("dac_d", 24),
}


def configuration(signal: int) -> int:
    """The 24-bit modulator word of a 14-bit signal: 8 bits of duty cycle, 4 bits spread over 16 periods."""
    unsigned = (signal & 0x3FFF) ^ 0x2000
    bits = [(unsigned >> (2 + bit)) & 1 for bit in range(4)]
    spread = 0
    for bit in (3, 2, 3, 1, 3, 2, 3, 0, 3, 2, 3, 1, 3, 2, 3):
        spread = spread << 1 | bits[bit]
    return (unsigned >> 6) << 16 | spread
