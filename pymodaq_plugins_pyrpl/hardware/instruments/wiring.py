"""Which modules of a board use a signal."""

from __future__ import annotations

from typing import Any

WITH_INPUT = ("pid0", "pid1", "pid2", "iir", "iq0", "iq1", "iq2")
"""The modules that make something of a signal; what only shows it is not among them."""


def users(board: Any, signal: str) -> list[str]:
    """The modules of `board`, a pyrpl_remote proxy, whose input is `signal`."""
    return [name for name in WITH_INPUT if name != signal and getattr(board.rp, name).input == signal]
