"""How a virtual board is started, and which values its options take."""

from __future__ import annotations

import math
import re
import socket
from dataclasses import dataclass

PYRPL_GATEWARE = "pyrpl"
"""The name of PyRPL's gateware."""

LONGEST_LATENCY = 10.0
"""The longest duration of a register access, in s; PyRPL gives an access up much earlier."""

FASTEST_PACE = 1.0
"""The FPGA's time never runs ahead of the wall clock."""

SEEDS = 2**30
"""The number of seeds of the noise; another one would repeat the noise of one of these."""


@dataclass(frozen=True)
class BoardOptions:
    """How a board is started. Raises ValueError for a value that an option does not take.

    `ssh_port`, `monitor_port`: 0 picks a free one. `plant`: its name, see `plants`. `seed`: of the noise.
    `gateware`: the name of the gateware at the start: "pyrpl", as on a board that PyRPL has used, or any
    other name; PyRPL replaces that gateware when it starts. `control`: whether to open the control channel.
    `latency`: shortest duration of a register access, in s; the default is that of a board on a network.
    `write_latency`: the same for a write, if it differs. `pace`: speed of the FPGA's time, relative to the
    wall clock, while nothing is acquired.
    """

    host: str = "127.0.0.1"
    ssh_port: int = 2022
    monitor_port: int = 2222
    password: str = "root"
    plant: str = "loopback"
    seed: int = 0
    os_version: str = "2.07"
    gateware: str = PYRPL_GATEWARE
    control: bool = False
    latency: float = 3e-4
    write_latency: float | None = None
    pace: float = 1.0

    def __post_init__(self) -> None:
        _require_address(self.host)
        for name in ("ssh_port", "monitor_port"):
            require_range(name, getattr(self, name), 0, 65535)
        require_text("password", self.password)
        require_text("plant", self.plant)
        require_range("seed", self.seed, 0, SEEDS - 1)
        if not re.fullmatch(r"\d+(\.\d+)+(-[\w.-]+)?", self.os_version):
            raise ValueError(f"os_version must be a version such as 2.07 or 3.00-12, not {self.os_version!r}")
        require_text("gateware", self.gateware)
        require_range("latency", self.latency, 0, LONGEST_LATENCY)
        if self.write_latency is not None:
            require_range("write_latency", self.write_latency, 0, LONGEST_LATENCY)
        require_range("pace", self.pace, 0, FASTEST_PACE)


def require_range(name: str, value: float, low: float, high: float) -> None:
    """Raise ValueError unless `value` is a number from `low` to `high`."""
    if not low <= value <= high:
        within = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
        raise ValueError(f"{name} must be {within}, not {value!r}")


def require_text(name: str, text: str) -> None:
    """Raise ValueError if `text` is empty or has a character that cannot be printed."""
    if not text or not text.isprintable():
        raise ValueError(f"{name} must be a text in one line, not {text!r}")


def _require_address(host: str) -> None:
    try:
        found = socket.getaddrinfo(host, None) if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise ValueError(f"host must be an address of this computer, not {host!r}")
