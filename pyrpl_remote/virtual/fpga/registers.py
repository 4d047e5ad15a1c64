"""How a block's bus registers are declared: what the word at an offset is in the block's state record.

Every block file lists its registers in a table `REGISTERS`, a `BusWord` by offset; fpga.py uses the tables to
answer the bus.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class BusWord(Protocol):
    """A word on the bus, in a state record of its block."""

    def get(self, record: np.void) -> int:
        """What the bus reads, unsigned."""

    def set(self, record: np.void, word: int) -> None:
        """Do what a write of `word` does."""


def signed(word: int, bits: int) -> int:
    """The two's-complement value of the low `bits` bits of `word`."""
    word &= (1 << bits) - 1
    return word - (1 << bits) if word >> (bits - 1) else word


@dataclass(frozen=True)
class Register:
    """A field of `bits` bits, stored as a signed number if `is_signed`; it reads back zero-extended.

    `shift` is its lowest bit in a word that holds several fields, see `Packed`.
    """

    field: str
    bits: int
    is_signed: bool = False
    shift: int = 0

    def get(self, record: np.void) -> int:
        """The field at its place in the word."""
        return (int(record[self.field]) & ((1 << self.bits) - 1)) << self.shift

    def set(self, record: np.void, word: int) -> None:
        """Store the field's bits of `word`."""
        word >>= self.shift
        record[self.field] = signed(word, self.bits) if self.is_signed else word & ((1 << self.bits) - 1)


class Packed:
    """Several fields in one word."""

    def __init__(self, *fields: Register):
        self.fields = fields

    def get(self, record: np.void) -> int:
        """All fields at their places."""
        return sum(field.get(record) for field in self.fields)

    def set(self, record: np.void, word: int) -> None:
        """Store all fields."""
        for field in self.fields:
            field.set(record, word)


@dataclass(frozen=True)
class Strobe:
    """A word whose write raises a line for the next cycle; it reads 0 unless a subclass says otherwise.

    `mask` is the bits of the written word that raise the line (None: any write does).
    """

    field: str
    mask: int | None = None

    def get(self, record: np.void) -> int:
        """Read 0."""
        return 0

    def set(self, record: np.void, word: int) -> None:
        """Raise the line if `word` has a bit of the mask."""
        record[self.field] = 1 if self.mask is None or word & self.mask else 0


@dataclass(frozen=True)
class ReadOnly:
    """A word that is computed from the state, or a constant of the gateware."""

    value: int | Callable[[np.void], int]

    def get(self, record: np.void) -> int:
        """The low 32 bits of the value."""
        return (self.value(record) if callable(self.value) else self.value) & 0xFFFFFFFF

    def set(self, record: np.void, word: int) -> None:
        """Ignore the write, as the gateware does."""
