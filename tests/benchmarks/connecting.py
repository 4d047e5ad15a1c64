"""Measures how long it takes to connect, and how much processor time an idle daemon uses.

Run by hand: `python -m tests.benchmarks.connecting`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import psutil

from pyrpl_remote import connect
from pyrpl_remote.daemon.serving.access import Access, Admitted
from pyrpl_remote.daemon.serving.clients import Clients
from pyrpl_remote.daemon.serving.server import BoardServer
from pyrpl_remote.protocol import Greeting, Role
from pyrpl_remote.transport import channel as channels
from pyrpl_remote.transport.channel import Channel
from pyrpl_remote.transport.secret import own_secret
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
    greetings()
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
        print(f"idle daemon: {used(daemon, lambda: time.sleep(IDLE_SECONDS)):.2%} of a core (aim: 1 %)")
        p.rp.scope.setup(duration=2.0, trigger_source="immediately", rolling_mode=False, trace_average=1)
        share = used(daemon, lambda: p.rp.scope.single(timeout=60))
        print(f"daemon while a curve of 2 s is taken: {share:.2%} of a core (aim: 20 %)")
        p.networkanalyzer.setup(
            start_freq=1e3, stop_freq=1e5, points=51, rbw=1000, average_per_point=1, trace_average=1
        )
        p.networkanalyzer.single(timeout=60)
        share = used(daemon, lambda: time.sleep(1.0))
        print(f"daemon in the second after a sweep: {share:.2%} of a core (aim: 20 %)")
    while processes.our_processes():
        time.sleep(0.05)


def greetings(pairs: int = 300) -> None:
    """Compare greetings with proofs and without, of which the daemon knows no secret and asks nobody."""

    class LetsEverybodyIn(Access):
        def of_greeting(self, *_: Any, **__: Any) -> Admitted:
            return Admitted(Role.OWNER)

    class TrustsEverybody(Channel):
        def _is_proved(self, secret: bytes | None, welcome: object) -> bool:
            return True

    nothing: Any = None  # no request is carried out

    class Server(BoardServer):
        def clientDisconnect(self, conn: Any) -> None:
            self.admission.left(conn)

    servers = [
        Server("pyrpl.greeted", Clients(None, lambda: None), nothing, nothing, access=access)
        for access in (None, LetsEverybodyIn("greeted"))
    ]
    for server in servers:
        threading.Thread(target=server.requestLoop, daemon=True).start()
    taken: list[list[float]] = [[], []]
    for _ in range(pairs):
        for number, kind in enumerate((Channel, TrustsEverybody)):
            vars(channels)["own_secret"] = own_secret if number == 0 else lambda: None
            greeting = Greeting(uuid.uuid4().hex, program="b", user="u", host="h", pid=1)
            made = kind(servers[number].board_uri, greeting)
            begin = time.perf_counter()
            made.open()
            taken[number].append(time.perf_counter() - begin)
            made.close()
    vars(channels)["own_secret"] = own_secret
    for server in servers:
        server.shutdown()
    proved, plain = (statistics.median(times) for times in taken)
    print(
        f"greeting with proofs: {proved * 1e3:.2f} ms, {proved / plain:.2f} x without (aim: 1.5 x, "
        f"without: {plain * 1e3:.2f} ms)"
    )


def used(process: psutil.Process, work: Callable[[], object]) -> float:
    """The share of a core that `process` uses while `work()` runs in this process."""
    before, begin = sum(process.cpu_times()[:2]), time.monotonic()
    work()
    return (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - begin)


if __name__ == "__main__":
    main()
