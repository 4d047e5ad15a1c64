"""What was written to a board's registers, to be written again after its FPGA has lost them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

DSP, DSP_MODULES, OUTPUT_SELECT = 0x40300000, 16, 0x4
"""The first module on the DSP bus, how many there are (0x10000 bytes each), and the offset of the register
that connects a module to the outputs (dsp.v)."""

PINS = range(0x40000010, 0x40000028, 4)
"""The directions and levels of the expansion connector's pins (red_pitaya_hk.v)."""

SLOW_OUTPUTS = range(0x40400020, 0x40400030, 4)
"""The PWM outputs (red_pitaya_ams.v)."""

OUTPUTS = {DSP + 0x10000 * module + OUTPUT_SELECT for module in range(DSP_MODULES)}.union(PINS, SLOW_OUTPUTS)
"""The registers that put something on an output: written last, when what they put there is set up."""

WRITE_ONLY = (range(0x40210000, 0x40230000), range(0x40348000, 0x40349000))
"""The waveform tables of the generators (asg.v), and the coefficients of the IIR filter (iir_block.v)."""


def is_write_only(address: int) -> bool:
    """Whether what was written to an address cannot be read."""
    return any(address in memory for memory in WRITE_ONLY)


class WrittenRegisters:
    """The last words that were written to each address, in the order of the last writes.

    Used in one thread at a time.
    """

    def __init__(self) -> None:
        self._written: dict[int, np.ndarray] = {}
        self.uncertain: tuple[int, int] | None = None
        """Address and number of words of a write whose reply did not come."""

    def note(self, address: int, words: np.ndarray) -> None:
        """Note that `words` (uint32) were written from the byte address on; the array is kept."""
        # removed first: a dict keeps the place of a key that it has
        self._written.pop(address, None)
        self._written[address] = words

    def addresses(self) -> list[int]:
        """The addresses of all writes, those of the last writes last."""
        return list(self._written)

    def words(self, address: int) -> np.ndarray:
        """The words that were written from `address` on. Raises KeyError if none were."""
        return self._written[address]

    def in_order(self) -> Iterator[tuple[int, np.ndarray]]:
        """Addresses and words, in the order in which they must be written again: outputs last."""
        for address, words in self._written.items():
            if address not in OUTPUTS:
                yield address, words
        for address, words in self._written.items():
            if address in OUTPUTS:
                yield address, words
