"""Long calls of PyRPL, done so that other work can run in the Qt thread meanwhile.

Calls that PyRPL offers as coroutines run in its event loop (`run`). The others are done in pieces:
`PIECEWISE` has a generator for each, which does one piece at each step and returns what PyRPL's own method
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
"""How long one piece takes. Another client's read waits for at most one piece."""


def run(awaitable: Awaitable) -> asyncio.Future:
    """A future for a coroutine, which is started in PyRPL's event loop, or for one of PyRPL's own futures."""
    return ensure_future(awaitable)


def stats(sampler: Any, signal: str = "in1", t: float = 1e-2) -> Generator[None, None, tuple]:
    """`Sampler.stats`: (mean, standard deviation, maximum, minimum) of a signal during `t` s, in V."""
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
    """`Sampler.mean_stddev`: (mean, standard deviation) of a signal during `t` s, in V."""
    mean, deviation, _, _ = yield from stats(sampler, signal, t)
    return mean, deviation


PIECEWISE = {("Sampler", "stats"): stats, ("Sampler", "mean_stddev"): mean_stddev}
"""The generators by (name of the module's type, name of the method)."""
