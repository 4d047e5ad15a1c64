"""Hostile inputs against a board's daemon and the name server, while a good client is served.

    python -m tests.campaigns.hostile --inputs 100000 --seed 1

The good client reads and writes, connects anew, and looks for the board all the while: each answer must be
right.
In the end memory, threads and open files of both processes are as they were after the first inputs, and the
good client's session is the only one. The exit code is 1 if anything of this fails. The inputs of a seed are
always the same.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

import tests.environment  # noqa: F401 - it sets folders and ports of its own
from pyrpl_remote import discover
from pyrpl_remote.names import directory
from tests.campaigns import hostile_inputs
from tests.campaigns.hostile_inputs import Target
from tests.daemons import fake_board
from tests.processes import our_processes

THREADS = 8
FIRST = 0.1
"""After which part of the inputs the processes are measured first: then all their code was used."""

SETTLE_SECONDS = 60.0
"""How long the processes may take to be as before."""

MORE_BYTES = 48 * 2**20
MORE_THREADS = 4
MORE_FILES = 6
"""By how much they may have grown."""

ANSWER_SECONDS = 8.0
"""How long the good client may wait for an answer."""


class GoodClient:
    """Uses the board in its own thread. Attributes: `answers`, `slowest` (s), `wrong` (texts)."""

    def __init__(self, p: Any, name: str) -> None:
        self._p, self._name = p, name
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers = 0
        self.slowest = 0.0
        self.wrong: list[str] = []

    def __enter__(self) -> GoodClient:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        for turn in itertools.count():
            if self._end.wait(0.01):
                return
            begin = time.monotonic()
            try:
                self._ask(turn)
            except Exception as error:  # noqa: BLE001 - boundary: it is reported in the end
                self.wrong.append(f"{type(error).__name__}: {error}")
            took = time.monotonic() - begin
            self.answers += 1
            self.slowest = max(self.slowest, took)
            if took > ANSWER_SECONDS:
                self.wrong.append(f"an answer took {took:.1f} s")

    def _ask(self, turn: int) -> None:
        pid, value = self._p.rp.pid0, (turn % 8000) / 8192
        pid.setpoint = value
        assert pid.setpoint == value, f"{pid.setpoint} was read, not {value}"
        if turn % 50 == 0:
            assert self._p.status()["board"] == self._name  # on a new connection
            assert [entry.name for entry in discover()].count(self._name) == 1, "the board is not found"
        if turn % 50 == 25:
            # a connection for each thread
            found: list[float] = []
            thread = threading.Thread(target=lambda: found.append(pid.setpoint))
            thread.start()
            thread.join()
            assert found == [value], f"another thread read {found}"


def targets(p: Any) -> list[Target]:
    """What is attacked. The gate of a host will be one more."""
    entry = next(entry for entry in discover() if entry.name == p.status()["board"])
    object_id, _, place = entry.uri.removeprefix("PYRO:").partition("@")
    host, _, port = directory.location().rpartition(":")
    daemon_host, _, daemon_port = place.rpartition(":")
    return [
        hostile_inputs.board(daemon_host, int(daemon_port), object_id),
        hostile_inputs.name_server(host, int(port)),
    ]


def processes(p: Any) -> dict[str, psutil.Process]:
    """The processes that are attacked, by the names of their targets."""
    found = {"daemon": psutil.Process(p.status()["daemon"]["pid"])}
    for process in our_processes():
        if "pyrpl_remote.names.server" in process.cmdline():
            found["name server"] = process
    return found


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


def run(inputs: int, seed: int) -> dict[str, Any]:
    """The campaign; returns its report, in which `failures` is empty if all went well."""
    kinds: Counter[str] = Counter()
    failures: list[str] = []
    begin = time.monotonic()
    with fake_board("hostile") as p, GoodClient(p, "hostile") as good, ThreadPoolExecutor(THREADS) as pool:
        attacked, watched = targets(p), processes(p)

        def one(number: int) -> None:
            rng = random.Random(f"{seed} {number}")
            target = rng.choices(attacked, [3, 1])[0]
            kinds[f"{target.name}: {hostile_inputs.attack(target, rng)}"] += 1

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
    wrong = Counter(good.wrong)
    return {
        "inputs": inputs,
        "seed": seed,
        "seconds": round(time.monotonic() - begin, 1),
        "kinds": dict(sorted(kinds.items())),
        "before": before,
        "after": now,
        "good answers": good.answers,
        "slowest answer": round(good.slowest, 3),
        "failures": failures + [f"the good client ({count} x): {text}" for text, count in wrong.items()],
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
