"""How fast the virtual board is for PyRPL over its sockets: start, idling, traces, sweeps.

Run by hand: `python -m tests.benchmarks.virtual_board`. Figures are absolute and so only as good as the machine is quiet; the
time of a bare register read, measured in the same run, says how quiet it was.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil

ROUNDS = 11
IDLE_SECONDS = 10.0

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


def median_ms(function) -> float:
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        function()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e3


def start() -> tuple[subprocess.Popen, dict]:
    process = subprocess.Popen(START, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())


def stop(process: subprocess.Popen) -> None:
    process.stdin.close()
    process.wait()


@contextlib.contextmanager
def running_board() -> Iterator[dict]:
    """A board, and the parameters with which PyRPL finds it."""
    process, ports = start()
    try:
        yield {"hostname": ports["host"], "sshport": ports["ssh_port"], "port": ports["monitor_port"]}
    finally:
        stop(process)


def main() -> None:
    stop(start()[0])  # compiles the FPGA, where that was never done
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
    print(
        f"1 ms scope trace:                     {median_ms(lambda: r.scope.single(timeout=5)):8.2f} ms (aim: 20 ms)"
    )
    na.setup(
        start_freq=1e4,
        stop_freq=1e6,
        points=51,
        rbw=1000,
        average_per_point=1,
        trace_average=1,
        output_direct="out1",
    )
    print(
        f"51-point sweep, rbw 1 kHz:            {median_ms(lambda: na.single(timeout=60)) / 1e3:8.2f} s  (aim: 1.5 s)"
    )
    board = psutil.Process(process.pid)
    time.sleep(1)
    before = sum(board.cpu_times()[:2])
    time.sleep(IDLE_SECONDS)
    print(
        f"idle, PyRPL connected:                {(sum(board.cpu_times()[:2]) - before) / IDLE_SECONDS:8.2%} of a core (aim: 2 %)"
    )
    p._clear()
    stop(process)


if __name__ == "__main__":
    main()
