"""What the daemon costs: reads and curves through it, as ratios to a bare socket and to plain Pyro5, in one run.

Run by hand: `python -m tests.benchmarks.link`. All servers are processes of their own on loopback; the attribute and
the curve lie in PyRPL's memory, so that the board's own time does not count. Medians of rounds, the ways in turn.
"""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from tests import conftest  # noqa: F401  an environment of its own

import numpy as np
import psutil
import Pyro5.api
import serpent

from pyrpl_remote import connect

SHAPE = (2, 16384)
ROUNDS = 9
READS = 200
FETCHES = 30
IDLE_SECONDS = 10.0


@Pyro5.api.expose
class Plain:
    """The same attribute and curve in plain Pyro5 with its default serializer; bytes, for lists are far slower."""

    value = property(lambda self: 1)

    def curve(self):
        return np.zeros(SHAPE).tobytes()


def serve_pyro(pipe) -> None:
    Pyro5.api.config.SERVERTYPE = "thread"
    with Pyro5.api.Daemon() as daemon:
        pipe.send(str(daemon.register(Plain())))
        daemon.requestLoop()


def serve_socket(pipe) -> None:
    curve = np.zeros(SHAPE).tobytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        pipe.send(server.getsockname()[1])
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := connection.recv(8):
            connection.sendall(curve if request[:1] == b"c" else request)


def receive(connection: socket.socket, count: int) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    while view:
        view = view[connection.recv_into(view) :]
    return data


def microseconds(function: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - start) / times * 1e6


def medians(ways: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    rounds = [{name: microseconds(function, times) for name, function in ways.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(one[name] for one in rounds) for name in ways}


def show(what: str, found: dict[str, float]) -> None:
    bare = found["bare socket"]
    for name, value in found.items():
        print(f"{what:32} {name:14} {value:10.0f} µs {value / bare:8.2f} x bare socket")


def start(context, target) -> tuple[multiprocessing.Process, object]:
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs,), daemon=True)
    process.start()
    return process, ours.recv()


def main() -> None:
    context = multiprocessing.get_context("spawn")
    with connect("virtual"):
        pass  # compiles the virtual FPGA, where that was never done
    while conftest.our_processes():
        time.sleep(0.05)
    begin = time.perf_counter()
    p = connect("virtual")
    print(f"connect with nothing running: {time.perf_counter() - begin:.2f} s (aim: 6 s)")
    second = "import time\nfrom pyrpl_remote import connect\nt = time.perf_counter()\np = connect('virtual')\nprint(time.perf_counter() - t)"
    taken = [float(subprocess.run([sys.executable, "-c", second], capture_output=True, text=True).stdout) for _ in range(5)]
    print(f"connect of a second client: {statistics.median(taken):.3f} s (aim: 0.3 s)")

    scope = p.rp.scope
    scope.setup(duration=1e-4, trigger_source="immediately")
    scope.single(timeout=10)
    servers = [start(context, serve_socket), start(context, serve_pyro)]
    bare = socket.create_connection(("127.0.0.1", servers[0][1]))
    bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pyro = Pyro5.api.Proxy(servers[1][1])

    def bare_read():
        bare.sendall(b"r1234567")
        receive(bare, 8)

    def bare_fetch():
        bare.sendall(b"c1234567")
        return np.frombuffer(receive(bare, 8 * SHAPE[0] * SHAPE[1])).reshape(SHAPE)

    show(
        "attribute read",
        medians({"bare socket": bare_read, "plain Pyro5": lambda: pyro.value, "daemon": lambda: scope.trace_average}, READS),
    )
    show(
        "(2, 16384) float64 fetched",
        medians(
            {
                "bare socket": bare_fetch,
                "plain Pyro5": lambda: np.frombuffer(serpent.tobytes(pyro.curve())).reshape(SHAPE),
                "daemon": lambda: scope.data_avg,
            },
            FETCHES,
        ),
    )
    daemon = psutil.Process(p.status()["daemon"]["pid"])
    before = daemon.cpu_times()
    time.sleep(IDLE_SECONDS)
    after = daemon.cpu_times()
    used = after.user + after.system - before.user - before.system
    print(f"idle daemon: {used / IDLE_SECONDS:.2%} of a core (aim: 1 %)")
    p.close()
    pyro._pyroRelease()
    bare.close()
    for process, _ in servers:
        process.terminate()
        process.join()


if __name__ == "__main__":
    main()
