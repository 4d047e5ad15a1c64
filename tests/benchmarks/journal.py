"""Measures what the journal of the configuration adds to an attribute write, and prints it, in one run.

Run by hand: `python -m tests.benchmarks.journal`. On PyRPL's own `_FAKE_` board, whose registers cost no
time: a write of a new value, which is journalled, against a write of the same value, which is not, and
against a board without a configuration file, which has no journal.
"""

from __future__ import annotations

import itertools

from pyrpl_remote import connect
from tests import processes

from .remote import show
from .yardsticks import medians

WRITES, ROUNDS = 400, 21

ATTRIBUTES = {
    "rp.pid0.setpoint": lambda p: p.rp.pid0,
    "rp.asg0.amplitude": lambda p: p.rp.asg0,
    "lockbox.outputs.output1.sweep_frequency": lambda p: p.lockbox.outputs.output1,
    "lockbox.sequence[0].duration": lambda p: p.lockbox.sequence[0],
}


def measure(name: str, kept, without) -> None:
    attribute = name.rpartition(".")[2]
    numbers = itertools.cycle([0.125, 0.25])

    def write_new() -> None:
        setattr(kept, attribute, next(numbers))

    def write_same() -> None:
        setattr(kept, attribute, 0.5)

    def write_without() -> None:
        setattr(without, attribute, next(numbers))

    taken = medians({"new": write_new, "same": write_same, "without": write_without}, WRITES, ROUNDS)
    same, other = taken["new"] / taken["same"], taken["new"] / taken["without"]
    found = f"{taken['new'] * 1e6:.0f} us, {same:.2f} x unchanged, {other:.2f} x no file"
    show(name, found, "1.2 x without its journal", max(same, other) <= 1.2)


def main() -> None:
    with (
        connect("bench-journal", hostname="_FAKE_") as kept,
        connect("", hostname="_FAKE_", sshport=1001) as without,
    ):
        for name, module in ATTRIBUTES.items():
            measure(name, module(kept), module(without))
    processes.wait_until(lambda: not processes.our_processes(), what="the end of all processes")


if __name__ == "__main__":
    main()
