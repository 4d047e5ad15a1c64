"""Housekeeping: identity, expansion connector, LEDs, the switch that loops outputs back to inputs (red_pitaya_hk.v)."""

import numpy as np

from .registers import ReadOnly, Register

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

RESET = {}


def trigger_line(record) -> int:
    """Pin P0 as scope and generators see it: the level from outside, or the register's if the pin is an output."""
    return int(record["exp_p_out"]) & 1 if int(record["exp_p_dir"]) & 1 else int(record["external"])


REGISTERS = {
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
    # nothing is plugged in: an input pin shows what its output register holds, and P0 the external trigger line too
    0x20: ReadOnly(lambda record: int(record["exp_p_out"]) | trigger_line(record)),
    0x24: ReadOnly(lambda record: int(record["exp_n_out"])),
    0x30: Register("led", 8),
}
