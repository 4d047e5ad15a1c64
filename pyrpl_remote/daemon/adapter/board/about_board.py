"""What the status says about a board: its gateware, and the version of its system."""

from __future__ import annotations

from typing import Any

from ....board_status import OTHER_GATEWARE
from .link import Link


def gateware(link: Link) -> str:
    """Which gateware the board's FPGA has, as it was found last."""
    if not link.supervised:
        return "simulated by PyRPL"
    return "not PyRPL's" if link.state == OTHER_GATEWARE else "PyRPL's"


def os_version(pyrpl: Any) -> str:
    """The version of the board's system, as PyRPL has read it over SSH; "" if it has not."""
    return str(getattr(pyrpl.rp, "os_version", ""))
