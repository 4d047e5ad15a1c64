"""Prints what many clients, many viewers and many boards cost, each in a table.

Run by hand: `python -m tests.benchmarks.scale [clients] [viewers] [boards]`; without names it measures all.
Every client is a process of its own, and every board has a real daemon, with PyRPL's simulated registers,
as far as the memory allows: what is left out, or stands in, is printed.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import Pyro5.api

from pyrpl_remote import connect, discover
from pyrpl_remote.daemon.life.registration import Registration
from pyrpl_remote.names.directory import Entry
from tests import processes
from tests.daemons import fake_board

from .remote import show

CLIENTS, FEW_CLIENTS, VIEWERS, BOARDS = 200, 50, 12, 50

AT_ONCE = 4
"""How many processes start at the same time: more would measure how they wait for the processor."""

PYRPLS_RATE = 19.0
"""Frames per second that each of the viewers gets with PyRPL's own pause between traces."""

IDLE_SECONDS, VIEW_SECONDS = 15.0, 10.0

RESERVE = 2 * 2**30
"""The memory in bytes that is left to the rest of the machine."""

CLIENT_BYTES, BOARD_BYTES = 40 * 2**20, 110 * 2**20
"""How much memory one more client, or the daemon of one more board, is expected to take."""

#: one client: connects, reads, says how long both took, and stays until its stdin ends
CLIENT = """
import json, os, statistics, sys, time
import psutil
from pyrpl_remote import connect
begin = time.perf_counter()
with connect(sys.argv[1]) as p:
    connected = time.perf_counter() - begin
    scope, taken = p.rp.scope, []
    for _ in range(200):
        begin = time.perf_counter()
        scope.trace_average
        taken.append(time.perf_counter() - begin)
    process = psutil.Process()
    print(json.dumps({"connect": connected, "read": statistics.median(taken),
        "memory": process.memory_info().rss, "threads": process.num_threads()}), flush=True)
    sys.stdin.read()
os._exit(0)  # two hundred interpreters that clean up at the same time take minutes
"""

#: one viewer: counts the frames of the scope from the first line on stdin until the end of stdin
VIEWER = """
import json, sys
import psutil
from pyrpl_remote import connect
with connect(sys.argv[1]) as p:
    frames = []
    subscription = p.rp.scope.on_curve(lambda event: frames.append((event.number, event.skipped)))
    print("{}", flush=True)
    sys.stdin.readline()
    begin, cpu = len(frames), sum(psutil.Process().cpu_times()[:2])
    sys.stdin.readline()
    seen = frames[begin:]
    print(json.dumps({"frames": len(seen), "skipped": sum(skipped for _, skipped in seen),
        "cpu": sum(psutil.Process().cpu_times()[:2]) - cpu}), flush=True)
"""


class Started:
    """Processes that run the same lines for one board; they end with the block."""

    def __init__(self, lines: str, board: str, count: int) -> None:
        self.processes: list[subprocess.Popen[str]] = []
        self.first: list[dict[str, Any]] = []
        self._command = [sys.executable, "-c", lines, board]
        self.add(count)

    def add(self, count: int) -> None:
        """Start more of them, some at once; each has printed its first line when it returns."""
        for begin in range(0, count, AT_ONCE):
            new = [
                subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                for _ in range(min(AT_ONCE, count - begin))
            ]
            self.processes += new
            self.first += map(answer, new)

    def write(self) -> None:
        """Send a line to each."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()

    def __enter__(self) -> Started:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self.processes:
            process.wait(300)


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line that a process prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the process ended with {process.wait(10)}"
    return json.loads(line)


def allowed(wanted: int, size: int, what: str) -> int:
    """How many of so many bytes the free memory allows; says so if it is less than `wanted`."""
    room = max(1, int((psutil.virtual_memory().available - RESERVE) // size))
    if room < wanted:
        print(f"the memory ends at {room} {what} of {wanted}")
    return min(wanted, room)


def holds(process: psutil.Process) -> tuple[int, int, int]:
    """Memory in bytes, threads and descriptors of a process."""
    return process.memory_info().rss, process.num_threads(), process.num_fds()


def idle(*sampled: psutil.Process) -> float:
    """The share of a core that these processes use together while nobody asks for anything."""
    time.sleep(3.0)
    before = cpu_seconds(*sampled)
    begin = time.monotonic()
    time.sleep(IDLE_SECONDS)
    return (cpu_seconds(*sampled) - before) / (time.monotonic() - begin)


def cpu_seconds(*sampled: psutil.Process) -> float:
    """The processor time of all these processes."""
    return sum(sum(process.cpu_times()[:2]) for process in sampled)


def clients() -> None:
    """Many client processes on one daemon."""
    count = allowed(CLIENTS, CLIENT_BYTES, "client processes")
    few = min(FEW_CLIENTS, count)
    with fake_board("scale-clients") as p:
        daemon = psutil.Process(p.status()["daemon"]["pid"])
        show("idle daemon, 1 client", f"{idle(daemon):.2%} of a core", "1 %", True)
        before = holds(daemon)
        with Started(CLIENT, "scale-clients", few) as started:
            share = idle(daemon)
            show(f"idle daemon, {few} clients", f"{share:.2%} of a core", "1 %", share <= 0.01)
            started.add(count - few)
            after = holds(daemon)
            share = idle(daemon)
            show(f"idle daemon, {count} clients", f"{share:.2%} of a core", "", True)
            assert len(p.status()["clients"]) == count + 1
            each = [(now - then) / count for now, then in zip(after, before)]
            found = f"{each[0] / 2**20:.2f} MiB, {each[1]:.1f} threads, {each[2]:.1f} descriptors"
            show("a client costs the daemon", found, "0.5 MiB, 3 threads", each[0] < 2**19 and each[1] <= 3.1)
            for what, part in (("first", started.first[:AT_ONCE]), ("last", started.first[-AT_ONCE:])):
                connected = statistics.median(one["connect"] for one in part)
                read = statistics.median(one["read"] for one in part)
                found = f"connect {connected:.2f} s, read {read * 1e6:.0f} us"
                show(f"the {what} {AT_ONCE} clients", found, "", True)
            memory = statistics.median(one["memory"] for one in started.first) / 2**20
            threads = statistics.median(one["threads"] for one in started.first)
            show("a client's own process", f"{memory:.0f} MiB, {threads:.0f} threads", "", True)
        processes.wait_until(lambda: len(p.status()["clients"]) == 1, 30, "the end of the sessions")
        left = [now - then for now, then in zip(holds(daemon), before)]
        found = f"{left[0] / 2**20:+.1f} MiB, {left[1]:+d} threads, {left[2]:+d} descriptors"
        show("left in the daemon when all have ended", found, "0 threads, 0 descriptors", max(left[1:]) <= 0)


def viewers() -> None:
    """Several viewers of one continuous acquisition, on a virtual board."""
    with connect("virtual") as p:
        scope = p.rp.scope
        scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1)
        daemon = psutil.Process(p.status()["daemon"]["pid"])
        board = next(one for one in processes.our_processes() if "virtual-board" in one.cmdline())
        for count in (1, VIEWERS):
            with Started(VIEWER, "virtual", count) as started:
                scope.continuous()
                time.sleep(1.0)
                begin, before = time.monotonic(), [cpu_seconds(one) for one in (daemon, board)]
                started.write()
                time.sleep(VIEW_SECONDS)
                started.write()
                took = time.monotonic() - begin
                cpu = [(cpu_seconds(one) - then) / took for one, then in zip((daemon, board), before)]
                seen = [answer(process) for process in started.processes]
                scope.stop()
            frames = [one["frames"] / took for one in seen]
            skipped = sum(one["skipped"] for one in seen)
            found = f"{min(frames):.1f} to {max(frames):.1f} frames/s each, {skipped} skipped"
            met = min(frames) >= PYRPLS_RATE and not skipped
            show(f"viewers of one continuous scope: {count}", found, "19 frames/s, 0 skipped", met)
            own = statistics.mean(one["cpu"] for one in seen) / took
            found = f"daemon {cpu[0]:.0%}, board {cpu[1]:.0%}, each viewer {own:.1%}"
            show("  of a core", found, "", True)


@contextlib.contextmanager
def stand_ins(count: int) -> Iterator[None]:
    """So many boards that only have a name, all served by this process."""
    with Pyro5.api.Daemon(host="127.0.0.1", port=0) as daemon:
        registered = []
        for number in range(count):
            name = f"scale-stand-in-{number}"
            uri = str(daemon.register(Pyro5.api.expose(type("Board", (), {}))()))
            entry = Entry(name, uri, f"127.0.0.1:{60000 + number}", "", ())
            registered.append(Registration(entry, {}, str))
            registered[-1].register()
        thread = threading.Thread(target=daemon.requestLoop)  # the name server asks whether they live
        thread.start()
        yield
        for one in registered:
            one.remove()
        daemon.shutdown()
        thread.join()


def boards() -> None:
    """Many boards under one name server."""
    count = allowed(BOARDS, BOARD_BYTES, "daemons; the other boards only have names")
    with contextlib.ExitStack() as stack:
        begin = time.monotonic()
        names = [f"scale-{number}" for number in range(count)]
        proxies = [stack.enter_context(fake_board(name)) for name in names]
        took = (time.monotonic() - begin) / count
        stack.enter_context(stand_ins(BOARDS - count))
        daemons = [psutil.Process(p.status()["daemon"]["pid"]) for p in proxies]
        server = next(
            one for one in processes.our_processes() if "pyrpl_remote.names.server" in one.cmdline()
        )
        assert len(discover()) == BOARDS
        show(f"{count} daemons, {BOARDS - count} stand-ins: a start", f"{took:.2f} s each", "", True)
        memory = sum(one.memory_info().rss for one in daemons) / count / 2**20
        show("memory of a daemon", f"{memory:.0f} MiB", "", True)
        taken = []
        for name in names[:10]:
            begin = time.perf_counter()
            with connect(name, private=True):
                taken.append(time.perf_counter() - begin)
        median = statistics.median(taken)
        show("connect to one of them by its name", f"{median:.3f} s", "0.3 s", median <= 0.3)
        begin = time.perf_counter()
        discover()
        show("discover()", f"{time.perf_counter() - begin:.3f} s", "", True)
        share = idle(server)
        show("the name server, all idle", f"{share:.2%} of a core", "5 %", share < 0.05)
        share = idle(*daemons) / count
        show("an idle daemon, mean", f"{share:.2%} of a core", "1 %", share < 0.01)


PARTS = {"clients": clients, "viewers": viewers, "boards": boards}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
        processes.wait_until(lambda: not processes.our_processes(), 60, "the end of all processes")


if __name__ == "__main__":
    main()
