"""Measures the cost of using PyRPL through the daemon, and prints it with the aims, in one run.

Run by hand: `python -m tests.benchmarks.remote`; with PYRPL_REMOTE_TRANSPORT=ordinary, Pyro5's ordinary way
is measured. Ratios to a bare socket, to plain Pyro5 and to PyRPL in its own process; medians of rounds in
which the ways take turns. Reads and transfers are measured with PyRPL's own `_FAKE_` board, which costs no
time.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
import Pyro5.api

from pyrpl_remote import connect
from tests import processes

from .transfers import against_a_socket
from .virtual_board import running_board
from .yardsticks import CONTEXT, Yardsticks, medians, seconds

CLIENTS = 8
PAUSE = 0.0005
FRAMES, SWEEPS = 100, 10
STARTS = 7
"""How often PyRPL and the daemon take turns at a board: a frame takes 8 % more or less the next second."""

IMPORTS = 9
CALLS, CURVES, ACQUISITIONS = 100_000, 10_000, 300

SCOPE: dict[str, Any] = {
    "input1": "in1",
    "duration": 1e-3,
    "trigger_source": "immediately",
    "trace_average": 1,
    "rolling_mode": False,
}
SWEEP: dict[str, Any] = {
    "start_freq": 1e4,
    "stop_freq": 1e6,
    "points": 51,
    "rbw": 1000,
    "average_per_point": 1,
    "trace_average": 1,
    "amplitude": 0.1,
}

#: PyRPL in its own process on a board: prints frames a second, seconds a sweep, its memory
LOCAL = """
import json, sys, time
import psutil
from pyrpl import Pyrpl
parameters, scope, sweep, frames, sweeps = json.loads(sys.argv[1])
p = Pyrpl(config="local", gui=False, reloadfpga=False, delay=0.01, **parameters)
memory = psutil.Process().memory_info().rss
p.rp.scope.setup(**scope)
p.rp.scope.single(timeout=10)
begin = time.perf_counter()
for _ in range(frames):
    p.rp.scope.single(timeout=10)
rate = frames / (time.perf_counter() - begin)
p.networkanalyzer.setup(**sweep)
p.networkanalyzer.single(timeout=60)
begin = time.perf_counter()
for _ in range(sweeps):
    p.networkanalyzer.single(timeout=60)
print(json.dumps([rate, (time.perf_counter() - begin) / sweeps, memory]))
p._clear()
"""

# another client, which acquires for two seconds when it reads a line
ACQUIRE = """
import json, sys
from pyrpl_remote import connect
p = connect("bench-board", **json.loads(sys.argv[1]))
p.rp.scope.setup(duration=2.2, trigger_source="immediately", rolling_mode=False)
print("ready", flush=True)
sys.stdin.readline()
p.rp.scope.single(timeout=30)
"""


def show(what: str, found: str, aim: str, met: bool) -> None:
    print(f"{what:48} {found:42} {aim:32} {'met' if met else 'MISSED'}", flush=True)


def transfers(p, yardsticks: Yardsticks) -> None:
    # trace_average and data_avg lie in PyRPL's memory: no board takes part
    scope = p.rp.scope
    read = medians(
        {"bare": yardsticks.read, "pyro": yardsticks.pyro_read, "ours": lambda: scope.trace_average}, 200
    )
    bare, pyro = read["ours"] / read["bare"], read["ours"] / read["pyro"]
    found = f"{read['ours'] * 1e6:.0f} us, {bare:.2f} x socket, {pyro:.2f} x Pyro5"
    show("attribute read", found, "5 x socket, 0.6 x Pyro5", bare <= 5 and pyro <= 0.6)

    scope.single(timeout=60)
    fetch, ratio = against_a_socket("bench-fake", "fetch")
    found = f"{fetch * 1e6:.0f} us, {ratio:.2f} x socket"
    show("(2, 16384) float64 fetched, fresh processes", found, "3.5 x socket", ratio <= 3.5)
    send, ratio = against_a_socket("bench-fake", "send")
    found = f"{send * 1e6:.0f} us, {ratio:.2f} x socket"
    show("16384 samples sent, fresh processes", found, "2.5 x socket", ratio <= 2.5)

    many = medians(
        {"one": lambda: scope.trace_average, "all": lambda: scope.snapshot(*["trace_average"] * 20)}, 200
    )
    ratio = many["all"] / many["one"]
    show("20 attributes", f"{many['all'] * 1e6:.0f} us, {ratio:.2f} x one", "2 x one", ratio <= 2)


def read_for(reader: Callable[[], object], barrier, results, span: float = 2.0) -> None:
    """Read for some time, after all processes are ready; returns the reads per second."""
    reader()
    barrier.wait()
    count, begin = 0, time.perf_counter()
    while time.perf_counter() < begin + span:
        reader()
        count += 1
    results.put(count / span)


def read_ours(board: str, barrier, results) -> None:
    with connect(board) as p:
        scope = p.rp.scope
        read_for(lambda: scope.trace_average, barrier, results)


def read_pyro(uri: str, barrier, results) -> None:
    with Pyro5.api.Proxy(uri) as proxy:
        read_for(lambda: proxy.value, barrier, results)


def clients(board: str, uri: str) -> None:
    def total(target, address: str) -> float:
        barrier, results = CONTEXT.Barrier(CLIENTS), CONTEXT.Queue()
        readers = [CONTEXT.Process(target=target, args=(address, barrier, results)) for _ in range(CLIENTS)]
        for reader in readers:
            reader.start()
        reads = sum(results.get(timeout=60) for _ in readers)
        for reader in readers:
            reader.join()
        return reads

    taken = [(total(read_ours, board), total(read_pyro, uri)) for _ in range(3)]
    ours, pyro = (statistics.median(column) for column in zip(*taken))
    show(
        f"{CLIENTS} clients reading",
        f"{ours:.0f}/s, {ours / pyro:.2f} x Pyro5",
        "2 x Pyro5",
        ours >= 2 * pyro,
    )


def reading_beside_an_acquisition(parameters: dict) -> None:
    with connect("bench-board", **parameters) as p:
        scope = p.rp.scope
        command = [sys.executable, "-c", ACQUIRE, json.dumps(parameters)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            other.stdout.readline()
            idle, begin = [], time.perf_counter()
            while time.perf_counter() < begin + 2:
                idle.append(seconds(lambda: scope.trace_average))
                time.sleep(PAUSE)
            other.stdin.write("\n")
            other.stdin.flush()
            processes.wait_until(lambda: scope.running_state != "stopped", what="the acquisition")
            busy, begin = [], time.perf_counter()
            while time.perf_counter() < begin + 2:
                busy.append(seconds(lambda: scope.trace_average))
                time.sleep(PAUSE)
            other.stdin.close()
    ratio, p99 = statistics.median(busy) / statistics.median(idle), float(np.percentile(busy, 99)) * 1e3
    found = f"median {ratio:.2f} x idle, p99 {p99:.1f} ms"
    show(
        "a read while another client acquires for 2 s",
        found,
        "1.5 x idle, p99 10 ms",
        ratio <= 1.5 and p99 <= 10,
    )


def frames_and_sweeps(parameters: dict) -> float:
    """Against PyRPL in its own process on the same board, in turns; the memory of that process in bytes."""

    def local() -> tuple[float, float, float]:
        arguments = json.dumps([parameters, SCOPE, SWEEP, FRAMES, SWEEPS])
        done = subprocess.run(
            [sys.executable, "-c", LOCAL, arguments], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])

    def remote() -> tuple[float, float]:
        with connect("bench-board", **parameters) as p:
            p.rp.scope.setup(**SCOPE)
            p.rp.scope.single(timeout=10)
            rate = 1 / seconds(lambda: p.rp.scope.single(timeout=10), FRAMES)
            p.networkanalyzer.setup(**SWEEP)
            p.networkanalyzer.single(timeout=60)
            swept = seconds(lambda: p.networkanalyzer.single(timeout=60), SWEEPS)
        processes.wait_until(lambda: not daemons(), what="the end of the daemon")
        return rate, swept

    taken = [(*local(), *remote()) for _ in range(STARTS)]
    _, _, memory, rate, swept = (statistics.median(column) for column in zip(*taken))
    # of each round, for the machine is faster in one minute than in the next
    frames = statistics.median(rate / local_rate for local_rate, _, _, rate, _ in taken)
    sweeps = statistics.median(swept / local_swept for _, local_swept, _, _, swept in taken)
    show(
        "scope.single() of 1 ms, frames", f"{rate:.1f}/s, {frames:.2f} x local", "0.9 x local", frames >= 0.9
    )
    show("51-point sweep", f"{swept:.3f} s, {sweeps:.2f} x local", "1.1 x local", sweeps <= 1.1)
    return memory


def daemons() -> list[psutil.Process]:
    found = []
    for process in processes.our_processes():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            if "pyrpl_remote.daemon" in process.cmdline():
                found.append(process)
    return found


def importing() -> None:
    def spent(modules: str) -> float:
        line = (
            f"import time; begin = time.perf_counter(); import {modules}; print(time.perf_counter() - begin)"
        )
        # compiled once, as for everyone, whatever this environment says
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        return float(
            subprocess.run(
                [sys.executable, "-c", line], env=environment, capture_output=True, text=True, check=True
            ).stdout
        )

    taken = [(spent("numpy, Pyro5.api"), spent("numpy, Pyro5.api, pyrpl_remote")) for _ in range(IMPORTS)]
    base, ours = (statistics.median(column) for column in zip(*taken))
    show(
        "import pyrpl_remote",
        f"{(ours - base) * 1e3:.0f} ms above numpy, Pyro5.api",
        "50 ms",
        ours - base <= 0.05,
    )


def memory(parameters: dict, alone: float) -> None:
    with connect("bench-board", **parameters) as p:
        process = psutil.Process(p.status()["daemon"]["pid"])
        started = process.memory_info().rss
        above = (started - alone) / 2**20
        show("daemon's memory", f"{above:.1f} MB above PyRPL alone", "20 MB", above <= 20)
        scope = p.rp.scope
        scope.setup(**SCOPE)
        scope.single(timeout=10)
        for _ in range(CALLS // 10):
            scope.trace_average
        for _ in range(CURVES // 10):
            scope.data_avg
        for _ in range(ACQUISITIONS // 10):
            scope.single(timeout=600)
        before = process.memory_info().rss
        for _ in range(CALLS):
            scope.trace_average
        for _ in range(CURVES):
            scope.data_avg
        for _ in range(ACQUISITIONS):
            scope.single(timeout=600)
        grown = (process.memory_info().rss - before) / 2**20
    show(
        "the same",
        f"grows by {grown:.1f} MB",
        f"flat over {CALLS} calls, {CURVES + ACQUISITIONS} curves",
        abs(grown) <= 2,
    )


def main() -> None:
    importing()
    with Yardsticks() as yardsticks, connect("bench-fake", hostname="_FAKE_") as p:
        transfers(p, yardsticks)
        clients("bench-fake", yardsticks.pyro_uri)
    with running_board() as parameters:
        reading_beside_an_acquisition(parameters)
        processes.wait_until(lambda: not daemons(), what="the end of the daemon")
        memory(parameters, frames_and_sweeps(parameters))
    processes.wait_until(lambda: not processes.our_processes(), what="the end of all processes")


if __name__ == "__main__":
    main()
