"""What a board is asked over SSH: the commands, and what their output means.

They only read. The daemon asks before it takes a board, and the doctor when a user wonders what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable

OS_VERSION_COMMAND = "cat /root/.version"
"""Prints the version of the board's system, in words and as a number."""

OS_VERSION = re.compile(r"(?<![\d.])\d+(?:\.\d+)+(?![\d.])")
"""The number in the output, found as PyRPL finds it."""

GATEWARE_COMMAND = "cat /tmp/loaded_fpga.inf"
"""Prints the name of the loaded gateware, and on Red Pitaya OS 3 its file too."""

CONNECTIONS_COMMAND = "cat /proc/net/tcp"
"""Prints all TCP connections over IPv4, as Linux lists them."""

CONNECTION = re.compile(r"\d+: [0-9A-F]{8}:([0-9A-F]{4}) ([0-9A-F]{8}):([0-9A-F]{4}) 01 ")
"""An established connection in Linux's /proc/net/tcp: local port, remote address and remote port, in
hexadecimal; the address has the bytes of a little-endian word."""

UPTIME_COMMAND = "cat /proc/uptime"
"""Prints how long the board's system has run."""

UPTIME = re.compile(r"(\d+\.\d+) \d+\.\d+")
"""Linux's /proc/uptime: seconds since the start of the system."""


REGISTER_COMMAND = "/opt/redpitaya/bin/monitor {address:#x}"
"""Prints the register at an address, without the monitor server: a program of every Red Pitaya OS. A gateware
must be loaded: without any, the board's processor may wait for ever."""

REGISTER = re.compile(r"^0x([0-9a-fA-F]{8})\s*$", re.MULTILINE)
"""The value in the output."""


OTHER_GATEWARE = "has not PyRPL's gateware"
"""Said of a board's FPGA by the error of a failed start, which is also in the daemon's log."""


def uptime(ask: Callable[[str], str]) -> float:
    """How long the board's system has run, in s; infinite if it does not say.

    `ask(command)` returns what a command prints on the board.
    """
    found = UPTIME.search(ask(UPTIME_COMMAND))
    return float(found[1]) if found else float("inf")
