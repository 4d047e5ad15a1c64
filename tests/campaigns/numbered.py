"""Numbered writes: what an attribute may contain after writes of which some failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyrpl_remote import errors

NOT_SENT = "nothing was sent"
"""What a BoardLinkLost says if the write has certainly not happened."""


class Violation(Exception):
    """What must never happen: `kind` is "wrong" or "lost"."""

    def __init__(self, kind: str, text: str):
        super().__init__(text)
        self.kind = kind


class Numbered:
    """Writes numbers to one attribute, which nobody else writes, and checks what is read."""

    def __init__(self, name: str, encode: Callable[[int], float], decode: Callable[[float], int]):
        """`name` is that of the attribute; `encode` makes its value of a number, `decode` the reverse."""
        self._name = name
        self._encode = encode
        self._decode = decode
        self._number = 0
        self._possible: set[int] = set()
        self._former: set[int] = set()

    def write(self, write: Callable[[float], Any]) -> None:
        """Write the next number with `write(value)`; errors pass through."""
        self._number += 1
        value = self._encode(self._number)
        number = self._decode(value)
        try:
            write(value)
        except errors.PyrplRemoteError as error:
            if may_have_happened(error):
                self._possible.add(number)
            raise
        self._former |= self._possible
        self._possible = {number}

    def check(self, value: float) -> None:
        """Raise Violation if `value`, which was read, is not what was written."""
        number = self._decode(value)
        if not self._possible:
            self._possible = {number}
        if number not in self._possible:
            kind = "lost" if number in self._former else "wrong"
            raise Violation(kind, f"{self._name} is {value} (number {number}), not {sorted(self._possible)}")
        self._former |= self._possible - {number}
        self._possible = {number}

    def forget(self) -> None:
        """After a violation: go on with what is there, so that it is counted once."""
        self._possible = set()


def may_have_happened(error: errors.PyrplRemoteError) -> bool:
    """Whether the write that raised `error` may have reached the board."""
    if isinstance(error, errors.BoardLinkLost):
        return NOT_SENT not in str(error)
    return isinstance(error, errors.OutcomeUnknown)


def setpoint() -> Numbered:
    """Numbers in the set point of a pid, whose steps are 1/8192 V."""
    return Numbered("setpoint", lambda n: (n % 16000 - 8000) / 8192, lambda v: round(v * 8192) + 8000)


def frequency() -> Numbered:
    """Numbers in the frequency of a generator, in Hz."""
    return Numbered("frequency", lambda n: float(n % 1_000_000 + 1), lambda v: round(v) - 1)


def phase() -> Numbered:
    """Numbers in the phase of a lock-in amplifier, in degrees."""
    return Numbered("phase", lambda n: float(n % 360), lambda v: round(v) % 360)
