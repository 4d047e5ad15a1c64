"""Measures what PyMoDAQ's plugins add: the cost of a scan's point, the live rate of the scope, and gaps.

Run by hand: `python -m tests.benchmarks.plugins [points] [live] [gaps]`; without names it measures all. The
references are measured in the same run, in turns: the same move and acquisition without PyMoDAQ, the same
scan with plugins that answer from memory, and a daemon that leaves PyRPL's own pause between traces.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pyrpl_remote import connect
from tests import processes
from tests.daemons import processes_begin_with

# before anything of PyMoDAQ
from tests.dashboards import Scanned, scanner
from tests.offscreen import actuator, detector

from . import stored_data
from .gaps import gaps
from .remote import daemons, show
from .scale import VIEWER, Started, answer
from .yardsticks import seconds

POINTS, SCANS = 40, 5
"""How many points a scan has, and how often scans and the same without PyMoDAQ take turns."""

POINT_SECONDS = 0.020
"""The aim for a point of a scan, above its physics and above what the point costs PyMoDAQ itself."""

LIVE_SECONDS, ROUNDS = 4.0, 3
LIVE_RATIO = 3.0
PAUSE = 0.0005

SCOPE: dict[str, Any] = {
    "duration": 1e-3,
    "trigger_source": "immediately",
    "rolling_mode": False,
    "trace_average": 1,
}

PYRPLS_PAUSE = """
import sys
if "pyrpl_remote.daemon" in sys.orig_argv:
    from pyrpl_remote.daemon.adapter.starting import live_rate
    live_rate.MIN_DELAY_MS = 40
"""
"""What a daemon runs first, to leave PyRPL's own pause between two traces."""


def points() -> None:
    """The points of a scan with a generator and the scope.

    What a point costs is compared with the same accesses without PyMoDAQ, and with the same scan of plugins
    that have their data in memory: PyMoDAQ paints and saves the traces.
    """
    stored_data.register()
    with tempfile.TemporaryDirectory() as folder, connect("virtual") as p:
        asg, scope = p.rp.asg0, p.rp.scope
        asg.setup(frequency=1e4, output_direct="out1", trigger_source="immediately")
        scope.setup(**SCOPE)
        amplitudes = np.linspace(0.1, 0.5, POINTS)

        def physics() -> None:
            for amplitude in amplitudes:
                asg.amplitude = amplitude
                scope.single(timeout=10)

        groups = [
            [actuator("Amplitude", "PyRPL_ASG", 1, "amplitude"), detector("Scope", "PyRPL_Scope", 1, False)],
            [
                actuator("Stored", stored_data.NAME, 2, "amplitude"),
                detector("Data", stored_data.NAME, 2, False),
            ],
        ]
        taken = []
        with scanner(Path(folder), *groups) as (scan, _):
            for _ in range(SCANS):
                scanned = scan.run(["Scope"], Amplitude=amplitudes)
                alone = seconds(physics) / POINTS
                taken.append((_point(scanned), alone, _point(scan.run(["Data"], Stored=amplitudes))))
    point, alone, own = (statistics.median(column) for column in zip(*taken))
    ours = statistics.median(point - alone - own for point, alone, own in taken)
    found = (
        f"{point * 1e3:.1f} ms: physics {alone * 1e3:.1f}, PyMoDAQ {own * 1e3:.1f}, ours {ours * 1e3:.1f} ms"
    )
    show("a point of a scan: asg0, 1 ms trace", found, "20 ms of ours", ours <= POINT_SECONDS)


def _point(scanned: Scanned) -> float:
    """The median time between two points of a scan, in s."""
    return float(np.median(np.diff(scanned.of("Timestamps"))))


def live() -> None:
    """Frames per second of the shared continuous acquisition, and another client's reads beside it."""
    with tempfile.TemporaryDirectory() as folder:
        taken = []
        for _ in range(ROUNDS):
            ours = _live_rate()
            with processes_begin_with(Path(folder), PYRPLS_PAUSE):
                taken.append((ours, _live_rate()))
    ratio = statistics.median(ours[0] / pyrpls[0] for ours, pyrpls in taken)
    (rate, *reads), (pyrpls_rate, *pyrpls_reads) = (
        [statistics.median(values) for values in zip(*side)] for side in zip(*taken)
    )
    found = f"{rate:.1f}/s, {ratio:.2f} x with PyRPL's pause ({pyrpls_rate:.1f}/s)"
    show("live frames of 1 ms", found, "3 x PyRPL's", ratio >= LIVE_RATIO)
    for what, one, other in zip(("an attribute", "a register"), reads, pyrpls_reads):
        found = f"median {one * 1e6:.0f} us, {one / other:.2f} x with PyRPL's pause"
        show(f"  {what} read beside it", found, "1.5 x", one / other <= 1.5)


def _live_rate() -> tuple[float, float, float]:
    """Frames per second, and the median times in s in which another client reads an attribute, a register."""
    with connect("virtual") as p:
        scope, hk = p.rp.scope, p.rp.hk
        scope.setup(**SCOPE)
        with Started(VIEWER, "virtual", 1) as viewers:
            scope.continuous()
            time.sleep(1.0)
            begin = time.monotonic()
            viewers.write()
            reads = [_median_read(lambda: scope.trace_average), _median_read(lambda: hk.led)]
            viewers.write()
            took = time.monotonic() - begin
            (viewer,) = viewers.processes
            frames = answer(viewer)["frames"] / took
            scope.stop()
    processes.wait_until(lambda: not daemons(), what="the end of the daemon")
    return (frames, *reads)


def _median_read(read: Callable[[], object]) -> float:
    taken, begin = [], time.perf_counter()
    while time.perf_counter() < begin + LIVE_SECONDS / 2:
        taken.append(seconds(read))
        time.sleep(PAUSE)
    return statistics.median(taken)


PARTS = {"points": points, "live": live, "gaps": gaps}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
        processes.wait_until(lambda: not processes.our_processes(), 60, "the end of all processes")
    sys.stdout.flush()
    # a normal end destroys PyMoDAQ's Qt objects in any order, which can crash
    os._exit(0)


if __name__ == "__main__":
    main()
