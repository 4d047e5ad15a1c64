"""Four clients with eight threads each use one virtual board at the same time, and check every value.

The tests run it for some seconds (test_hammer.py); a long run is
`python -m tests.end_to_end.hammer --seconds 300`.
"""

from __future__ import annotations

import argparse
import collections
import functools
import multiprocessing
import random
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from pyrpl_remote import connect
from tests import processes

CLIENTS = 4
TURN_SECONDS = 120.0
"""How long an acquisition waits for those of the other clients."""

# twelve registers, three for each client: only one thread writes each
OWN = [(f"pid{n}", name) for n in range(3) for name in ("setpoint", "p", "min_voltage", "max_voltage")]
STEPS = {"setpoint": 2.0**-13, "p": 2.0**-12, "min_voltage": 2.0**-13, "max_voltage": 2.0**-13}


def write_and_read(p, module: str, name: str) -> None:
    value = random.randrange(-4000, 4000) * STEPS[name]
    setattr(getattr(p.rp, module), name, value)
    found = getattr(getattr(p.rp, module), name)
    assert found == value, f"{module}.{name}: wrote {value}, read {found}"


def snapshot(p) -> None:
    values = p.rp.asg0.snapshot()
    assert values["frequency"] >= 0
    assert p.rp.scope.snapshot("duration", "input1")["input1"] == "in1"


def acquire(p) -> None:
    curve = p.rp.scope.single(timeout=TURN_SECONDS)
    assert curve.shape == (2, 16384)
    assert np.isfinite(curve).all()


def sweep(p) -> None:
    curve = p.networkanalyzer.single(timeout=TURN_SECONDS)
    assert curve.shape == (5,)
    assert np.isfinite(curve).all()


def average(p) -> None:
    mean, _, maximum, minimum = p.rp.sampler.stats("in1", t=0.02)
    assert minimum <= mean <= maximum


def come_and_go(p) -> None:
    with connect("virtual") as q:
        assert q.rp.hk.id == p.rp.hk.id


def client(number: int, seconds: float, results) -> None:
    own = OWN[3 * number : 3 * number + 3]
    work: list[Callable[[Any], None]] = [functools.partial(write_and_read, module=m, name=n) for m, n in own]
    work += [snapshot, acquire, sweep, average, come_and_go]
    names = [f"{m}.{n}" for m, n in own] + [w.__name__ for w in work[3:]]
    done: collections.Counter = collections.Counter()
    failures: list[str] = []

    def hammer(name, one) -> None:
        while time.monotonic() < end and not failures:
            try:
                one(p)
            except Exception:  # noqa: BLE001 - boundary: every failure is part of the result
                failures.append(f"client {number}, {name}:\n{traceback.format_exc()}")
            done[name.split(".")[-1] if "." in name else name] += 1

    with connect("virtual") as p:
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=hammer, args=pair, daemon=True) for pair in zip(names, work)]
        for thread in threads:
            thread.start()
        for thread, name in zip(threads, names):
            thread.join(seconds + 2 * TURN_SECONDS)
            if thread.is_alive():
                failures.append(f"client {number}, {name}: stuck")
    results.put((done, failures))


def hammer(seconds: float) -> tuple[collections.Counter, list[str]]:
    """Run all clients. Returns how often each kind of work was done, and the failures as texts."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    with connect("virtual") as p:
        p.rp.asg0.setup(
            waveform="sin", frequency=1e4, amplitude=0.5, output_direct="out1", trigger_source="immediately"
        )
        p.rp.scope.setup(
            input1="in1", duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1
        )
        p.networkanalyzer.setup(
            points=5, start_freq=1e4, stop_freq=1e5, rbw=1e4, average_per_point=1, trace_average=1
        )
        clients = [context.Process(target=client, args=(n, seconds, results)) for n in range(CLIENTS)]
        for one in clients:
            one.start()
        done: collections.Counter = collections.Counter()
        failures: list[str] = []
        for _ in clients:
            counted, failed = results.get(timeout=seconds + 4 * TURN_SECONDS)
            done += counted
            failures += failed
        for one in clients:
            one.join(TURN_SECONDS)
            assert one.exitcode == 0
    return done, failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    done, failures = hammer(parser.parse_args().seconds)
    for name, count in sorted(done.items()):
        print(f"{name:16} {count:8}")
    print("\n".join(failures) or "no error, no wrong value, no thread stuck")
    processes.wait_until(lambda: not processes.our_processes(), what="the end of all processes")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
