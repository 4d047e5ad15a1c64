"""Records a board beside a busy client, kills the daemon now and then, and checks what is in the file.

Run by hand: `python -m tests.campaigns.recording --minutes 10`. The exit code is 1 if a sample is missing
that no gap names, if a kill of the daemon lost more than LOST_SECONDS, or if the file could not be opened.
"""

from __future__ import annotations

import argparse
import collections
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil

from pyrpl_remote import connect
from tests.processes import wait_until

VALUES = ["pid0.ival", "pid0.setpoint", "sampler.in1", "lockbox.current_state"]
"""What is recorded; the busy client sets the set point."""

LOST_SECONDS = 10.0
"""How much a kill of the daemon may lose."""

BACK_SECONDS = 60.0
"""How long the next daemon may take."""

BUSY = """
import sys
from pyrpl_remote import connect
from pyrpl_remote.errors import PyrplRemoteError

p = connect(sys.argv[1])
p.rp.scope.setup(duration=1e-3, trigger_source="immediately")
print("busy", flush=True)
while True:
    try:
        for n in range(100):
            p.rp.pid0.setpoint = n / 100
            p.rp.pid0.setpoint
        p.rp.scope.single(timeout=5)
        p.rp.pid0.get("p", "i")
    except (PyrplRemoteError, OSError):
        pass
"""
"""The busy client: reads, writes and acquires as fast as it can, and goes on with the next daemon."""


@dataclass
class Report:
    """What a recording of `seconds` has, each `every` s; `lost`: how much each kill has lost, in s."""

    seconds: float
    every: float
    samples: int = 0
    missed: dict[str, int] = field(default_factory=collections.Counter)
    gaps: dict[str, int] = field(default_factory=collections.Counter)
    lost: list[float] = field(default_factory=list)
    longest: float = 0.0
    """The longest time between two samples that no gap names, in s."""
    jitter: float = 0.0
    """99 % of the samples came at most so late, in s."""

    def faults(self) -> list[str]:
        """What is wrong."""
        found = [f"a kill lost {lost:.1f} s" for lost in self.lost if lost > LOST_SECONDS]
        if self.longest > 2.1 * self.every:
            found.append(f"{self.longest:.3f} s without a sample are not named")
        due = self.seconds / self.every
        if abs(self.samples + sum(self.missed.values()) - due) > 5 + 2 * len(self.lost) + due / 100:
            found.append(f"{self.samples} samples and {sum(self.missed.values())} missed of {due:.0f}")
        return found

    def __str__(self) -> str:
        lines = [
            f"{self.samples} samples in {self.seconds:.0f} s, each {self.every:g} s; "
            f"99 % at most {1e3 * self.jitter:.1f} ms late",
            f"the longest time between two samples that no gap names: {self.longest:.3f} s",
            f"lost by a kill: {', '.join(f'{lost:.1f} s' for lost in self.lost) or 'nothing was killed'}",
        ]
        lines += [f"gaps: {count} ({self.missed[why]} samples): {why}" for why, count in self.gaps.items()]
        return "\n".join([*lines, *(f"FAULT: {fault}" for fault in self.faults())])


def run(board: str, folder: Path, seconds: float, every: float, kills: int) -> Report:
    """Record the board for so long, with so many kills of its daemon; it runs, and others use it."""
    path = folder / "recorded.h5"
    report = Report(seconds, every)
    with ExitStack() as stack:
        p = stack.enter_context(connect(board))
        busy = subprocess.Popen([sys.executable, "-c", BUSY, board], stdout=subprocess.PIPE, text=True)
        stack.enter_context(busy)
        stack.callback(busy.kill)
        assert busy.stdout.readline() == "busy\n"
        job = p.record(path, VALUES, every)
        stack.callback(job.stop)  # which does nothing the second time
        begin = time.time()
        for kill in range(kills):
            _sleep_until(begin + seconds * (kill + 1) / (kills + 1))
            report.lost.append(_kill(p, path))
            wait_until(lambda: job.data().get("samples"), BACK_SECONDS, "the recording to go on")
        _sleep_until(begin + seconds)
        job.stop()
        status = job.status()
        assert status.state == "stopped", status
        report.seconds = time.time() - begin
    _examine(path, report)
    return report


def _kill(p: Any, path: Path) -> float:
    """Kill the daemon; returns how much of the recording was lost, in s."""
    pid = p.status().daemon.pid
    process = psutil.Process(pid)
    process.kill()
    now = time.time()
    # before the next daemon opens it
    with h5py.File(path, "r") as file:
        last = file["samples"]["time"][-1:]
    return float(now - last[0]) if len(last) else LOST_SECONDS - 1


def _examine(path: Path, report: Report) -> None:
    with h5py.File(path, "r") as file:
        times, gaps = file["samples"]["time"], file["gaps"][:]
    report.samples = len(times)
    for gap in gaps:
        reason = gap["reason"].decode()
        report.gaps[reason] += 1
        report.missed[reason] += int(gap["missed"])
    middles = (times[1:] + times[:-1]) / 2
    named = np.zeros(len(middles), bool)
    for gap in gaps:
        named |= (gap["since"] <= middles) & (middles <= gap["until"])
    between = np.diff(times)
    assert (between > 0).all()
    report.longest = float(between[~named].max())
    report.jitter = float(np.quantile(np.abs(between[~named] - report.every), 0.99))


def _sleep_until(when: float) -> None:
    time.sleep(max(when - time.time(), 0.0))


def main() -> int:
    """Run it on a virtual board, as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=0.1, help="seconds between two samples")
    parser.add_argument("--kills", type=int, default=3, help="how often the daemon is killed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run("virtual", Path(folder), 60 * arguments.minutes, arguments.every, arguments.kills)
        size = os.path.getsize(Path(folder) / "recorded.h5")
    print(f"{report}\nthe file has {size / 2**20:.2f} MiB")
    return int(bool(report.faults()))


if __name__ == "__main__":
    sys.exit(main())
