"""Hostile inputs against a board's daemon, the name server and the gate, while good clients are served.

    python -m tests.campaigns.hostile --inputs 100000 --seed 1

Programs of this user attack the daemon, and where root runs this those of another user, too; the gate is
attacked by machines that are not paired, by a viewer and by an operator. Nobody may do what he must not. Two
good clients, here and on a paired machine, read and write, connect anew, and look for the board all the
while: each answer must be right. In the end memory, threads and open files of all processes are as they were
after the first inputs, the logs are short and without tracebacks, and the session of the good client is the
only one. The exit code is 1 if anything of this fails. The inputs of a seed are the same each time, but for
keys, nonces and times.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from pyrpl_remote import discover
from pyrpl_remote.names import directory
from tests import environment  # it sets folders and ports of its own
from tests.campaigns import hostile_greetings, hostile_hosts, hostile_inputs, hostile_traffic
from tests.campaigns.hostile_good import GoodClient
from tests.campaigns.hostile_inputs import Target
from tests.daemons import fake_board
from tests.gate.hosts import Host
from tests.processes import our_processes, reports

THREADS = 8
FIRST = 0.1
"""After which part of the inputs the processes are measured first: then all their code was used."""

SETTLE_SECONDS = 60.0
"""How long the processes may take to be as before."""

MORE_BYTES = 48 * 2**20
MORE_THREADS = 4
MORE_FILES = 6
"""By how much they may have grown."""


LOG_BYTES = 2**20
"""How long the log of a process may be. Refusals are logged a few a minute."""

NAME = "hostile"
"""What the board is called."""


def local_targets(p: Any) -> list[Target]:
    """What is attacked on this machine: the daemon, by this user and by another one, and the name server."""
    entry = next(entry for entry in discover() if entry.name == NAME)
    object_id, _, place = entry.uri.removeprefix("PYRO:").partition("@")
    host, _, port = directory.location().rpartition(":")
    daemon_host, _, daemon_port = place.rpartition(":")
    daemon = hostile_inputs.board(daemon_host, int(daemon_port), object_id)
    traffic = hostile_traffic.changed_traffic(hostile_traffic.record(daemon, NAME))
    daemon.kinds = {**hostile_greetings.daemon_kinds(), traffic: 20}
    found = [daemon, hostile_inputs.name_server(host, int(port))]
    if hostile_greetings.can_be_another_user():
        strangers = hostile_greetings.Strangers(
            "daemon, by another user", daemon.host, daemon.port, object_id, daemon.verbs
        )
        strangers.kinds = hostile_greetings.stranger_kinds()
        found.append(strangers)
    return found


WATCHED = {
    "pyrpl_remote.names.server": "name server",
    "pyrpl_remote.gate": "gate",
    "pyrpl_remote.daemon": "daemon",
}
"""The modules of the processes that are attacked, with the names that they have in the report."""


def processes() -> dict[str, psutil.Process]:
    """The processes that are attacked, by their names."""
    return {
        name: process
        for process in our_processes()
        for module, name in WATCHED.items()
        if module in process.cmdline()
    }


@contextmanager
def far_client(machine: Host) -> Iterator[list[dict[str, Any]]]:
    """A good client on a paired machine; its report is in the list at the end of the block."""
    process = machine.start_python(
        f"""
        from pyrpl_remote import connect
        from tests.campaigns.hostile_good import GoodClient
        with connect({NAME!r}, on={hostile_hosts.HOST!r}) as p:
            with GoodClient(p, {NAME!r}, p.rp.pid1) as good:
                report(ready=True)
                input()
        report(**good.report())
        """
    )
    found: list[dict[str, Any]] = []
    output = process.stdout
    assert output is not None
    first = ""
    while "ready" not in first:
        first = output.readline()
        assert first, "the good client of the paired machine has ended"
    try:
        yield found
    finally:
        text = process.communicate("\n", timeout=60)[0]
        found.append(reports(text) or {"answers": 0, "slowest": 0.0, "wrong": [text[-2000:]]})


def measured(process: psutil.Process) -> dict[str, int]:
    """Memory in bytes, threads and open files of a process."""
    files = process.num_fds() if hasattr(process, "num_fds") else 0
    return {"memory": process.memory_info().rss, "threads": process.num_threads(), "files": files}


def grown(before: dict[str, int], now: dict[str, int]) -> list[str]:
    """What has grown by more than it may."""
    most = {"memory": MORE_BYTES, "threads": MORE_THREADS, "files": MORE_FILES}
    return [
        f"{what}: {before[what]} -> {now[what]}" for what in most if now[what] > before[what] + most[what]
    ]


def logged() -> list[str]:
    """What is wrong with the logs of the processes that were attacked."""
    found = []
    for path in Path(os.environ["PYRPL_REMOTE_DIR"]).glob("*.log"):
        text = path.read_text("utf-8", "replace")
        if "\nTraceback" in text:
            begin = text.index("\nTraceback")
            found.append(f"{path.name} has a traceback: {text[max(0, begin - 300) : begin + 2000]}")
        if len(text) > LOG_BYTES:
            found.append(f"{path.name} has {len(text)} characters")
    return found


def run(inputs: int, seed: int) -> dict[str, Any]:
    """The campaign; returns its report, in which `failures` is empty if all went well."""
    kinds: Counter[str] = Counter()
    begin = time.monotonic()
    folder = Path(environment.FOLDER) / "machines"
    with fake_board(NAME) as p, ThreadPoolExecutor(THREADS) as pool, GoodClient(p, NAME, p.rp.pid0) as good:
        local = local_targets(p)
        with hostile_hosts.shared(local[0], folder) as machines:
            attacked, watched = [*local, *machines.targets], processes()
            weights = [*(4, 1, 2)[: len(local)], 2, 1, 1]

            def one(number: int) -> None:
                if number and number % 1000 == 0:
                    print(f"{number} inputs, {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
                rng = random.Random(f"{seed} {number}")
                target = rng.choices(attacked, weights)[0]
                kinds[f"{target.name}: {hostile_inputs.attack(target, rng)}"] += 1

            with far_client(machines.good) as far:
                first = max(1, int(inputs * FIRST))
                list(pool.map(one, range(first)))
                before = {name: measured(process) for name, process in watched.items()}
                list(pool.map(one, range(first, inputs)))
                for target in attacked:
                    target.close()
            deadline = time.monotonic() + SETTLE_SECONDS
            while True:
                now = {name: measured(process) for name, process in watched.items()}
                failures = [f"{name}: {what}" for name in now for what in grown(before[name], now[name])]
                sessions = len(p.status()["clients"])
                failures += [f"{sessions} sessions are left"] if sessions != 1 else []
                if not failures or time.monotonic() > deadline:
                    break
                time.sleep(0.5)
            failures += logged()
    failures += [
        f"{target.name}: ({count} x) {text}"
        for target in attacked
        for text, count in Counter(target.wrong).items()
    ]
    clients = {"here": good.report(), "on a paired machine": far[0]}
    failures += [
        f"the good client {where}: {text}" for where, said in clients.items() for text in said["wrong"]
    ]
    return {
        "inputs": inputs,
        "seed": seed,
        "seconds": round(time.monotonic() - begin, 1),
        "kinds": dict(sorted(kinds.items())),
        "before": before,
        "after": now,
        "good clients": clients,
        "failures": failures,
    }


def main() -> int:
    """Run the campaign and print its report; the exit code is 1 if anything failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = run(options.inputs, options.seed)
    print(json.dumps(report, indent=1))
    return 1 if report["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
