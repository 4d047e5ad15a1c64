"""What the commands of the board's shell need: the board, and the terminal on which a program runs."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .files import FileTree


class Machine(Protocol):
    """What the commands need of the board."""

    files: FileTree
    os_version: str

    @property
    def deaf(self) -> bool:
        """Whether the board does not notice that a client's connection ends."""

    def read(self, address: int, count: int) -> np.ndarray:
        """Read `count` registers, uint32 (count,), from a byte address on."""

    def load_gateware(self, path: str) -> None:
        """Configure the FPGA with the image at `path`."""

    def start_program(self, program: str, port: int, console: Console) -> None:
        """Run a monitor server on a port, in the foreground of a terminal. OSError if the port is taken."""

    def kill_program(self, program: str) -> bool:
        """End all programs of that name; False if there is none."""

    def pids(self, program: str) -> list[int]:
        """The process numbers of all programs of that name."""

    def reboot(self) -> None:
        """Restart the board."""

    def power_off(self) -> None:
        """End the board."""


class Console(Protocol):
    """The terminal a program runs on."""

    def program_started(self, program: Program) -> None:
        """Note that `program` is in the foreground."""

    def program_exited(self, printed: str) -> None:
        """Note that the program has ended and has printed `printed`; called from the program's thread."""


class Program(Protocol):
    """A program that is in the foreground of a terminal until it ends."""

    def kill(self) -> None:
        """End it from outside."""
