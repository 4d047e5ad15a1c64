"""Measures transfers of curves and samples between a client and its daemon, each in new processes.

A process that has transferred large arrays for some time keeps its memory; a new one requests each buffer
from the system, as a script or a notebook does. Transfers over a bare socket, in separate processes,
alternate with them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from pyrpl_remote import connect

from .yardsticks import CONTEXT, SHAPE, Yardsticks

ROUNDS = 9
"""How often a process of ours and one with a bare socket take turns."""

CALLS = 200
"""How often each process calls; its median counts."""


def against_a_socket(board: str, what: str) -> tuple[float, float]:
    """The duration of our call in s, and its ratio to a bare socket; `what` is "fetch" or "send"."""
    taken = [(_in_a_process(_ours, board, what), _in_a_process(_bare, board, what)) for _ in range(ROUNDS)]
    ours = statistics.median(mine for mine, _ in taken)
    return ours, statistics.median(mine / bare for mine, bare in taken)


def _in_a_process(target: Callable[..., None], board: str, what: str) -> float:
    results = CONTEXT.Queue()
    process = CONTEXT.Process(target=target, args=(board, what, results))
    process.start()
    try:
        return results.get(timeout=60)
    finally:
        process.join()


def _ours(board: str, what: str, results: Any) -> None:
    # data_avg and data_x lie in PyRPL's memory: no board takes part
    with connect(board) as p:
        scope, row = p.rp.scope, np.linspace(-1, 1, SHAPE[1])
        if what == "fetch":
            assert scope.data_avg.shape == SHAPE
            results.put(_median(lambda: scope.data_avg))
        else:
            results.put(_median(lambda: setattr(scope, "data_x", row)))


def _bare(board: str, what: str, results: Any) -> None:
    with Yardsticks() as yardsticks:
        results.put(_median(yardsticks.fetch if what == "fetch" else yardsticks.send))


def _median(call: Callable[[], object]) -> float:
    call()
    taken = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)
