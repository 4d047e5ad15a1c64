"""Keeps what PyRPL writes while it starts away from the FPGA, so that a start changes nothing there.

PyRPL's modules write when they are made, and when they load the configuration. Here reads return these words
as if they had been written; then they are dropped, and reads return what the FPGA has.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..board.registers import WrittenRegisters, is_write_only


class HeldWrites:
    """Holds the writes of one client until `release`. To be used in the Qt thread."""

    def __init__(self, client: Any):
        """`client`: a GuardedClient. Reads and writes go through this object from now on."""
        self._client = client
        self._reads = client.reads
        self._words: dict[int, int] = {}
        self.written = WrittenRegisters()
        """What would have been written, also before the last `drop`."""
        client.reads, client.writes = self.reads, self.writes

    def reads(self, address: int, length: int) -> np.ndarray:
        """What the registers would have now, uint32 (length,). Raises as GuardedClient.reads does."""
        words = self.on_board(address, length)
        held = self._words
        if held:
            words = words.copy()
            for i in range(length):
                if address + 4 * i in held:
                    words[i] = held[address + 4 * i]
        return words

    def writes(self, address: int, values: Any) -> bool:
        """Hold the 32-bit words `values`; nothing is sent."""
        words = np.array(values, dtype=np.uint32)
        self.written.note(address, words)
        if not is_write_only(address):
            self._words.update((address + 4 * i, int(word)) for i, word in enumerate(words))
        return True

    def on_board(self, address: int, length: int = 1) -> np.ndarray:
        """What the FPGA has, uint32 (length,)."""
        words: np.ndarray = self._reads(address, length)
        return words

    def differing(self, addresses: range) -> set[int]:
        """Those of the addresses at which a word is held that the FPGA does not have."""
        return {
            address
            for address, word in self._words.items()
            if address in addresses and word != self.on_board(address)[0]
        }

    def holds(self, address: int) -> int | None:
        """The word that is held for an address, None if there is none."""
        return self._words.get(address)

    def drop(self) -> None:
        """Drop what is held: reads return what the FPGA has, further writes are held."""
        self._words.clear()

    def release(self) -> None:
        """Let reads and writes go to the board again."""
        del self._client.reads, self._client.writes
