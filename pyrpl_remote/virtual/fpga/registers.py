"""How a block's bus registers are declared: offset -> where the word lives in the block's state record.

Every block file lists its registers in a table `REGISTERS`; `fpga.py` uses the tables to answer the bus. A table
entry has `get(record) -> int` (what the bus reads, unsigned) and `set(record, word)` (what a write does).
"""

from collections.abc import Callable
from dataclasses import dataclass


def signed(word: int, bits: int) -> int:
    """The two's-complement value of the low `bits` bits of `word`."""
    word &= (1 << bits) - 1
    return word - (1 << bits) if word >> (bits - 1) else word


@dataclass(frozen=True)
class Register:
    """A field of `bits` bits, kept as a signed number if `is_signed`; it reads back zero-extended.

    `shift` places it above other fields of the same word, see `Packed`.
    """

    field: str
    bits: int
    is_signed: bool = False
    shift: int = 0

    def get(self, record) -> int:
        return (int(record[self.field]) & ((1 << self.bits) - 1)) << self.shift

    def set(self, record, word: int) -> None:
        word >>= self.shift
        record[self.field] = signed(word, self.bits) if self.is_signed else word & ((1 << self.bits) - 1)


class Packed:
    """Several fields in one word."""

    def __init__(self, *fields: Register):
        self.fields = fields

    def get(self, record) -> int:
        return sum(field.get(record) for field in self.fields)

    def set(self, record, word: int) -> None:
        for field in self.fields:
            field.set(record, word)


@dataclass(frozen=True)
class Strobe:
    """A word whose write raises a line for the one cycle that follows; what it reads is `read`'s business.

    `mask` are the bits of the written word that raise the line (None: any write does).
    """

    field: str
    mask: int | None = None

    def get(self, record) -> int:
        return 0

    def set(self, record, word: int) -> None:
        record[self.field] = 1 if self.mask is None or word & self.mask else 0


@dataclass(frozen=True)
class ReadOnly:
    """A word that is computed from the state, or a constant of the gateware."""

    value: int | Callable

    def get(self, record) -> int:
        return (self.value(record) if callable(self.value) else self.value) & 0xFFFFFFFF

    def set(self, record, word: int) -> None:
        """The gateware ignores the write."""
