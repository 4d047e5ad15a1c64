"""Prints what a board costs through the gate of its host, in comparison with the same on that host itself.

Run by hand, as root on Linux: `python -m tests.benchmarks.lan`. Two network namespaces are the two hosts.
"""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
from pathlib import Path

from tests import environment  # noqa: F401 - it sets the folders of this run

from ..gate.hosts import Host, pair, two_hosts

ROUNDS = 5
"""How often each side is measured, by turns: other programs of the machine disturb both alike."""

CLIENT = """
import statistics, time
from pyrpl_remote import connect

def seconds(work, count):
    taken = []
    for _ in range(count):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)

def connecting():
    with connect("lab"):
        pass

with connect("lab") as p:
    pid, scope = p.rp.pid0, p.rp.scope
    seconds(lambda: pid.setpoint, 300)
    read = seconds(lambda: pid.setpoint, 1500)
    curve = seconds(lambda: p.rp.asg0.data, 100)
opening = seconds(connecting, 7)
report(read=read, curve=curve, connecting=opening)
"""

LIMITS = {"read": "2.5 x", "curve": "3 x", "connecting": "60 ms more"}


def main() -> None:
    """Print a table: what it takes on the host, and through its gate."""
    with tempfile.TemporaryDirectory() as folder, two_hosts(Path(folder)) as (host, guest):
        host.configure("lab")
        pair(host, guest)
        keeper = host.start_python(
            "import sys, pyrpl_remote\np = pyrpl_remote.connect('lab')\nreport(ready=1)\nsys.stdin.read()"
        )
        assert "ready" in keeper.stdout.readline()
        ordinary = dataclasses.replace(host, variables={"PYRPL_REMOTE_TRANSPORT": "ordinary"})
        sides: dict[str, Host] = {"fast": host, "ordinary": ordinary, "from afar": guest}
        taken: dict[str, dict[str, list[float]]] = {side: {} for side in sides}
        for _ in range(ROUNDS):
            for side, of in sides.items():
                _measure(of, taken[side])
        print("On its host, in the fast and in Pyro5's ordinary way, and through its gate from afar:")
        print(f"{'':12} {'fast':>12} {'ordinary':>12} {'from afar':>12} {'ratios':>13}   limit")
        for what, limit in LIMITS.items():
            fast, plain, afar = (statistics.median(taken[side][what]) for side in sides)
            microseconds = "".join(f"{one * 1e6:10.0f} us" for one in (fast, plain, afar))
            print(f"{what:12}{microseconds} {afar / fast:6.2f} {afar / plain:6.2f}   {limit}")
        keeper.stdin.close()
        keeper.wait()


def _measure(host: Host, into: dict[str, list[float]]) -> None:
    for what, value in host.python(CLIENT).items():
        if what != "log":
            into.setdefault(what, []).append(value)


if __name__ == "__main__":
    main()
