"""Calls of PyRPL that take long: they let other work have the Qt thread in between.

Those that PyRPL has as a coroutine wait in its event loop (`run`). The others are done in pieces:
`PIECEWISE` has for each of them a generator that does one piece a step and returns what PyRPL's own method
returns.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Generator
from typing import Any

from pyrpl.async_utils import ensure_future

PIECE_SECONDS = 0.005
"""How long one piece takes; another client's read waits for at most one."""


def run(awaitable: Awaitable) -> asyncio.Future:
    """PyRPL's future, begun in its event loop where it is a coroutine."""
    return ensure_future(awaitable)


def stats(sampler: Any, signal: str = "in1", t: float = 1e-2) -> Generator[None, None, tuple]:
    """`Sampler.stats`: mean, standard deviation, maximum and minimum of a signal over `t` s, in V."""
    end = time.monotonic() + t
    pieces: list[tuple] = []
    while not pieces or time.monotonic() < end:
        pieces.append(sampler.stats(signal, min(PIECE_SECONDS, max(0.0, end - time.monotonic()))))
        yield
    means, deviations, maxima, minima = zip(*pieces)
    # pieces of equal duration hold about as many samples each: their moments have equal weights
    mean = math.fsum(means) / len(means)
    square = math.fsum(d**2 + m**2 for d, m in zip(deviations, means)) / len(means)
    return mean, math.sqrt(max(0.0, square - mean**2)), max(maxima), min(minima)


def mean_stddev(sampler: Any, signal: str = "in1", t: float = 1e-2) -> Generator[None, None, tuple]:
    """`Sampler.mean_stddev`: the first two of `stats`."""
    mean, deviation, _, _ = yield from stats(sampler, signal, t)
    return mean, deviation


PIECEWISE = {("Sampler", "stats"): stats, ("Sampler", "mean_stddev"): mean_stddev}
"""By the module's type and the method's name."""
