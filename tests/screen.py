"""A terminal for tests: what a process shows on it, and when."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
from dataclasses import dataclass, field


@dataclass
class Screen:
    """What a terminal of so many columns has shown.

    `lines`: the lines as they stand at the end; `shown`: each text that stood in a line before a carriage
    return or a new line ended it.
    """

    columns: int
    lines: list[str] = field(default_factory=lambda: [""])
    shown: list[str] = field(default_factory=list)

    def feed(self, text: str) -> Screen:
        """Show `text`, as a terminal that knows carriage return and new line."""
        column = 0
        for letter in text:
            if letter == "\r":
                self.shown.append(self.lines[-1].rstrip())
                column = 0
            elif letter == "\n":
                self.lines.append("")
            else:
                assert column < self.columns, f"longer than the terminal is wide: {self.lines[-1]}"
                self.lines[-1] = f"{self.lines[-1][:column]:{column}}{letter}{self.lines[-1][column + 1 :]}"
                column += 1
        return self


def on_terminal(
    command: list[str], columns: int = 80, timeout: float = 60.0, **environment: str
) -> tuple[Screen, int]:
    """Run a command whose stderr is a terminal; returns what it showed there, and the exit code."""
    import fcntl  # not on Windows, as pty
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    received = bytearray()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, **environment},
    ) as process:
        os.close(theirs)
        with contextlib.suppress(OSError):  # the end of the terminal, on Linux
            while piece := os.read(ours, 4096):
                received += piece
        os.close(ours)
        code = process.wait(timeout)
    return Screen(columns or 80).feed(received.decode()), code
