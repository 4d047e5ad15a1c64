"""Housekeeping (red_pitaya_hk.v): identity, expansion connector, LEDs, the switch for the digital loop."""

from __future__ import annotations

import numpy as np

from .registers import BusWord, ReadOnly, Register

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "digital_loop",
            "exp_p_dir",
            "exp_n_dir",
            "exp_p_out",
            "exp_n_out",
            "led",
            "external",
        )
    ]
)

RESET: dict[str, int] = {}


def trigger_line(record: np.void) -> int:
    """The external trigger line: the level at pin P0, or its output register's if the pin is an output."""
    return int(record["exp_p_out"]) & 1 if int(record["exp_p_dir"]) & 1 else int(record["external"])


REGISTERS: dict[int, BusWord] = {
    # board type: release 1
    0x00: ReadOnly(1),
    # a device number of 57 bits; a virtual board has none of its own
    0x04: ReadOnly(0),
    0x08: ReadOnly(0),
    0x0C: Register("digital_loop", 1),
    0x10: Register("exp_p_dir", 8),
    0x14: Register("exp_n_dir", 8),
    0x18: Register("exp_p_out", 8),
    0x1C: Register("exp_n_out", 8),
    # nothing is connected: an input pin reads as its output register, and P0 as the external trigger line too
    0x20: ReadOnly(lambda record: int(record["exp_p_out"]) | trigger_line(record)),
    0x24: ReadOnly(lambda record: int(record["exp_n_out"])),
    0x30: Register("led", 8),
}
