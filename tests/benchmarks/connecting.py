"""How long it takes to connect, and what an idle daemon costs.

Run by hand: `python -m tests.benchmarks.connecting`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import psutil

from pyrpl_remote import connect
from tests import processes

IDLE_SECONDS = 10.0

SECOND_CLIENT = """
import time
from pyrpl_remote import connect
begin = time.perf_counter()
p = connect("virtual")
print(time.perf_counter() - begin)
"""


def main() -> None:
    with connect("virtual"):
        pass  # compiles the virtual FPGA, where that was never done
    while processes.our_processes():
        time.sleep(0.05)
    begin = time.perf_counter()
    with connect("virtual") as p:
        print(f"connect with nothing running: {time.perf_counter() - begin:.2f} s (aim: 6 s)")
        command = [sys.executable, "-c", SECOND_CLIENT]
        taken = [float(subprocess.run(command, capture_output=True, text=True).stdout) for _ in range(5)]
        print(f"connect of a second client: {statistics.median(taken):.3f} s (aim: 0.3 s)")
        daemon = psutil.Process(p.status()["daemon"]["pid"])
        before = sum(daemon.cpu_times()[:2])
        time.sleep(IDLE_SECONDS)
        print(
            f"idle daemon: {(sum(daemon.cpu_times()[:2]) - before) / IDLE_SECONDS:.2%} of a core (aim: 1 %)"
        )
    while processes.our_processes():
        time.sleep(0.05)


if __name__ == "__main__":
    main()
