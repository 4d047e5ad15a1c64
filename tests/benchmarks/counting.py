"""Prints what it costs to count a request, and to measure an access to the board.

Run by hand: python -m tests.benchmarks.counting
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from time import perf_counter

from pyrpl_remote.daemon.adapter.board.access_times import AccessTimes
from pyrpl_remote.daemon.caller import Caller
from pyrpl_remote.daemon.life.metrics import Metrics

CALLS = 100_000


def nanoseconds(work: Callable[[], object]) -> float:
    """The time of one call of `work`, without that of calling a function that does nothing."""
    best, empty = (min(timeit.repeat(one, number=CALLS, repeat=7)) for one in (work, lambda: None))
    return (best - empty) / CALLS * 1e9


def main() -> None:
    """Print the table."""
    metrics, caller, times = Metrics(), Caller("session", "notebook"), AccessTimes()

    note = metrics.in_qt_thread.note

    def count_request() -> None:  # as serving/requests.py does
        begin = perf_counter()
        caller.sent.requests += 1
        note("get", perf_counter() - begin)

    def count_elsewhere() -> None:
        begin = perf_counter()
        caller.sent.requests += 1
        metrics.note_elsewhere("get", perf_counter() - begin)

    def measure_access() -> None:  # as adapter/board/link.py does, which took the second time before too
        begin = perf_counter()
        times.note(3e-4 - begin, 1)

    print(f"a request in the Qt thread    {nanoseconds(count_request):6.0f} ns")
    print(f"a request in another thread   {nanoseconds(count_elsewhere):6.0f} ns")
    print(f"an access to the board        {nanoseconds(measure_access):6.0f} ns")
    began = perf_counter()
    for _ in range(100):
        metrics.status()
    print(f"the requests of a status      {(perf_counter() - began) * 1e4:6.0f} us")


if __name__ == "__main__":
    main()
