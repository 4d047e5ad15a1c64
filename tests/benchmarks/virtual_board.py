"""Measures the virtual board with PyRPL over its sockets: start, idle load, traces, sweeps.

Run by hand: `python -m tests.benchmarks.virtual_board`. Figures are absolute, so they need a machine without
other load; the time of a bare register read, measured in the same run, shows whether there was any.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil

ROUNDS = 11
"""Calls of which a time is the median."""

IDLE_SECONDS = 10.0
"""Seconds over which the processor time of an idle board is measured."""

QUIET_SECONDS = 2.0
"""Seconds after the last access until a board is idle."""

START = [
    sys.executable,
    "-m",
    "pyrpl_remote",
    "virtual-board",
    "--json",
    "--exit-with-stdin",
    "--ssh-port",
    "0",
    "--monitor-port",
    "0",
]


def median_ms(function: Callable[[], object]) -> float:
    """Median time of a call in ms."""
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        function()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e3


def idle_load(board: psutil.Process) -> float:
    """Share of a core that the board uses while nothing accesses it."""
    time.sleep(QUIET_SECONDS)
    before = sum(board.cpu_times()[:2])
    time.sleep(IDLE_SECONDS)
    return (sum(board.cpu_times()[:2]) - before) / IDLE_SECONDS


def start() -> tuple[subprocess.Popen, dict]:
    """Start a board; returns its process, and the ports that it prints."""
    process = subprocess.Popen(START, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())


def stop(process: subprocess.Popen) -> None:
    process.stdin.close()
    process.wait()


@contextlib.contextmanager
def running_board() -> Iterator[dict]:
    """A board that runs until the block ends; yields the parameters with which PyRPL connects to it."""
    process, ports = start()
    try:
        yield {"hostname": ports["host"], "sshport": ports["ssh_port"], "port": ports["monitor_port"]}
    finally:
        stop(process)


def main() -> None:
    stop(start()[0])  # compiles the FPGA's model if numba's cache does not hold it
    begin = time.perf_counter()
    process, ports = start()
    print(f"start to ready, warm cache:           {time.perf_counter() - begin:8.2f} s  (aim: 2 s)")

    from pyrpl import Pyrpl

    p = Pyrpl(
        config="benchmark",
        hostname=ports["host"],
        sshport=ports["ssh_port"],
        port=ports["monitor_port"],
        gui=False,
        delay=0.01,
    )
    r, na = p.rp, p.networkanalyzer
    print(f"register read:                        {median_ms(lambda: r.hk.led):8.2f} ms")
    r.scope.setup(
        input1="in1", duration=1e-3, trigger_source="immediately", trace_average=1, rolling_mode=False
    )
    trace = median_ms(lambda: r.scope.single(timeout=5))
    print(f"1 ms scope trace:                     {trace:8.2f} ms (aim: 20 ms)")
    na.setup(
        start_freq=1e4,
        stop_freq=1e6,
        points=51,
        rbw=1000,
        average_per_point=1,
        trace_average=1,
        output_direct="out1",
    )
    sweep = median_ms(lambda: na.single(timeout=60)) / 1e3
    print(f"51-point sweep, rbw 1 kHz:            {sweep:8.2f} s  (aim: 1.5 s)")
    board = psutil.Process(process.pid)
    print(f"idle, PyRPL connected:                {idle_load(board):8.2%} of a core (aim: 2 %)")
    r.asg0.setup(frequency=1e3, amplitude=0.5, output_direct="out1", trigger_source="immediately")
    print(f"idle, asg0 playing a sine:            {idle_load(board):8.2%} of a core (aim: 2 %)")
    p._clear()
    stop(process)


if __name__ == "__main__":
    main()
