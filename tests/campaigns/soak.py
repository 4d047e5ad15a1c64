"""Lets several clients use one virtual board for long, and prints whether memory, threads and files grow.

Run by hand: `python -m tests.campaigns.soak --minutes 60`. The clients are those of soak_clients.py. Sampled
are the daemon, the name server, the virtual board, and the clients that keep their session. The exit code is
1 if one of them grew by more than BOUNDS after the warm-up, or if a client failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import time
from typing import Any

import psutil

from pyrpl_remote import connect
from tests import processes

from .soak_clients import BOARD, CLIENTS, SWEEP, comes_and_goes

WARM_UP = 1 / 3
"""The share of the time that is not judged: caches fill, and each kind of work is done for the first time."""

BOUNDS = {"memory": 3.0, "threads": 2.0, "descriptors": 2.0}
"""How much a process may grow: the median of the last third of the time less that of the second one. The
memory is the resident set, in MiB; allocators do not return all that was freed."""

SAMPLES = 120
"""How often each process is sampled in all."""

ROWS = 12
"""How many rows of the table are printed for each process."""

END_SECONDS = 60.0
"""How long a client may take to end its round."""

Sample = dict[str, float]
"""One sample of a process: its quantities by the names of BOUNDS, and `cpu`, its processor time in s."""


def sample(process: psutil.Process) -> Sample:
    """The process as it is now."""
    with process.oneshot():
        return {
            "memory": process.memory_info().rss / 2**20,
            "threads": process.num_threads(),
            "descriptors": process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
            "cpu": sum(process.cpu_times()[:2]),
        }


def growth(samples: list[Sample]) -> Sample:
    """How much each quantity grew from the second third to the last."""
    third = max(1, round(len(samples) * WARM_UP))
    before, after = samples[third : 2 * third], samples[2 * third :]
    return {
        name: statistics.median(one[name] for one in after) - statistics.median(one[name] for one in before)
        for name in BOUNDS
    }


def server_processes(daemon: int) -> dict[str, psutil.Process]:
    """The daemon, the virtual board that it owns, and the name server."""
    found = {"daemon": psutil.Process(daemon)}
    for process in processes.our_processes():
        command = " ".join(process.cmdline())
        if "virtual-board" in command or "pyrpl_remote.virtual" in command:
            found["virtual board"] = process
        elif "pyrpl_remote.names" in command:
            found["name server"] = process
    return found


def report(name: str, samples: list[Sample], seconds: float) -> bool:
    """Print the table of one process; returns whether it is flat."""
    print(f"\n{name}\n{'min':>8}{'MiB':>10}{'threads':>10}{'files':>8}{'% CPU':>8}")
    step = max(1, len(samples) // ROWS)
    for number in range(step - 1, len(samples), step):
        now, before = samples[number], samples[max(0, number - step)]
        cpu = 100 * (now["cpu"] - before["cpu"]) / (step * seconds / len(samples))
        at = (number + 1) * seconds / len(samples) / 60
        print(f"{at:8.1f}{now['memory']:10.1f}{now['threads']:10.0f}{now['descriptors']:8.0f}{cpu:8.1f}")
    grown = growth(samples)
    flat = all(grown[quantity] <= bound for quantity, bound in BOUNDS.items())
    found = ", ".join(
        f"{quantity} {grown[quantity]:+.1f} (at most {BOUNDS[quantity]:g})" for quantity in BOUNDS
    )
    print(f"{'flat' if flat else 'GROWS'}: {found}", flush=True)
    return flat


def run(seconds: float) -> bool:
    """Run the soak; returns whether all is flat, and no client failed."""
    context = multiprocessing.get_context("spawn")
    ending = context.Event()
    with connect(BOARD) as p:
        p.rp.scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1)
        p.networkanalyzer.setup(**SWEEP)
        clients: list[tuple[Any, Any, Any]] = []
        for work in CLIENTS:
            rounds = context.Value("L", 0)
            client = context.Process(target=work, args=(ending, rounds), name=work.__name__)
            client.start()
            clients.append((client, rounds, work))
        processes.wait_until(
            lambda: all(rounds.value or not client.is_alive() for client, rounds, _ in clients),
            END_SECONDS,
            "the first round of each client",
        )
        sampled = server_processes(p.status()["daemon"]["pid"])
        sampled |= {
            f"client {work.__name__}": psutil.Process(client.pid)
            for client, _, work in clients
            if work is not comes_and_goes
        }
        taken: dict[str, list[Sample]] = {name: [] for name in sampled}
        begin = time.monotonic()
        for number in range(SAMPLES):
            time.sleep(max(0.0, begin + (number + 1) * seconds / SAMPLES - time.monotonic()))
            if not all(client.is_alive() for client, _, _ in clients):
                break
            for name, process in sampled.items():
                taken[name].append(sample(process))
        took = time.monotonic() - begin
        ending.set()
        for client, _, _ in clients:
            client.join(END_SECONDS)
        errors = p.status()["requests"]["errors"]
    good = [report(name, samples, took) for name, samples in taken.items() if samples]
    print(f"\n{took / 60:.1f} minutes, errors that the daemon counted: {errors or 'none'}")
    for client, rounds, work in clients:
        fine = client.exitcode == 0
        good.append(fine)
        print(f"{work.__name__:20}{rounds.value:10} rounds  {'well' if fine else 'FAILED'}")
        if client.is_alive():
            client.kill()
    return all(good)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    flat = run(60 * parser.parse_args().minutes)
    print("FLAT" if flat else "NOT FLAT")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
