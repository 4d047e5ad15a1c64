"""The two generators' bus registers (red_pitaya_asg.v).

The advanced-trigger settings are crossed in the gateware: each generator is driven by the other channel's
settings.
"""

from __future__ import annotations

import numpy as np

from .registers import BusWord, Packed, ReadOnly, Register, Strobe, signed

TABLES = (0x10000, 0x20000)
"""Offsets of the two write-only tables."""

TABLE_SIZE = 1 << 14
"""Words in a table, of 14 bits each."""


class _Control(Strobe):
    """Offset 0, half a word for each channel; the lowest bit of a half is also the software trigger."""

    _fields = Packed(
        Register("trig_src", 3),
        Register("wrap", 1, shift=4),
        Register("once", 1, shift=5),
        Register("rst", 1, shift=6),
        Register("zero", 1, shift=7),
        Register("rgate", 1, shift=8),
        Register("at_reset", 1, shift=9),
        Register("at_invert", 1, shift=10),
        Register("at_autorearm", 1, shift=11),
        Register("rand_on", 1, shift=12),
    )

    def get(self, record: np.void) -> int:
        return self._fields.get(record)

    def set(self, record: np.void, word: int) -> None:
        super().set(record, word)
        self._fields.set(record, word)


class _Half:
    """One 32-bit half of a 64-bit count."""

    def __init__(self, field: str, shift: int):
        self.field, self.shift = field, shift

    def get(self, record: np.void) -> int:
        return (int(record[self.field]) >> self.shift) & 0xFFFFFFFF

    def set(self, record: np.void, word: int) -> None:
        kept = int(record[self.field]) & (0xFFFFFFFF << (32 - self.shift))
        record[self.field] = signed(kept | word << self.shift, 64)


CONTROL = _Control("trig_sw", mask=1)
"""The control register of one channel; both channels share one word on the bus."""

_CHANNEL: dict[int, BusWord] = {
    0x04: Packed(Register("amp", 14), Register("dc", 14, True, shift=16)),
    0x08: Register("size", 30),
    0x0C: Register("ofs", 30),
    0x10: Register("step", 30),
    # the running pointer is not connected in the gateware
    0x14: ReadOnly(0),
    0x18: Register("ncyc", 32),
    0x1C: Register("rnum", 16),
    0x20: Register("rdly", 32),
    0x114: ReadOnly(lambda record: int(record["trigbuf"])),
    0x118: _Half("at_counts", 0),
    0x11C: _Half("at_counts", 32),
}
"""The registers of channel 0 by offset; those of channel 1 lie 0x20 higher."""

REGISTERS = {
    offset + 0x20 * channel: (channel, register)
    for channel in (0, 1)
    for offset, register in _CHANNEL.items()
}
"""Channel and register by offset."""
