"""The lines of a command that does several things: a tick before what worked, a cross before what did not.

In colour on a terminal, without where NO_COLOR is set; in a file or a pipe the text alone.
"""

from __future__ import annotations

import logging
from typing import TextIO

from rich.console import Console
from rich.text import Text

from .characters import can_print

TICK, CROSS = "✓", "✗"
ASCII_TICK, ASCII_CROSS = "ok", "no"
"""What stands for them on a console whose encoding lacks them, such as cp1252."""


class MarkedLines:
    """Prints lines to a stream."""

    def __init__(self, stream: TextIO):
        # rich knows what is a terminal, and the variables NO_COLOR, FORCE_COLOR and TERM
        self._console = Console(file=stream, soft_wrap=True, highlight=False, markup=False, emoji=False)
        has_ticks = can_print(TICK + CROSS, self._console.encoding)
        self._marks = (TICK, CROSS) if has_ticks else (ASCII_TICK, ASCII_CROSS)

    def say(self, text: str, worked: bool | None = None) -> None:
        """Print a line. `worked`: whether it is as it should be; None where nothing can fail."""
        if not self._console.is_terminal:
            self._console.print(text)
            return
        tick, cross = self._marks
        if worked is None:
            line = Text(" " * (len(tick) + 1) + text)
        else:
            # the usual colours, which every terminal's scheme makes readable on its background
            mark, style = (tick, "bold green") if worked else (cross, "bold red")
            line = Text.assemble((mark, style), f" {text}")
        self._console.print(line)


def quiet() -> None:
    """Show none of the warnings that PyRPL logs when it starts: they say nothing about what is shown."""
    logging.getLogger("pyrpl").setLevel(logging.ERROR)
