"""Long calls of PyRPL, done so that other work can run in the Qt thread meanwhile.

Calls that PyRPL offers as coroutines run in its event loop (`run`). `coroutine_of` has others that only wait.
The rest are done in pieces: `PIECEWISE` has a generator for each, which does one piece at each step and
returns what PyRPL's own method returns.
"""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import Awaitable, Callable, Generator, Hashable
from concurrent.futures import Future
from typing import Any

from pyrpl.async_utils import ensure_future, sleep_async
from pyrpl.software_modules import Lockbox
from pyrpl.software_modules.spectrum_analyzer import SpectrumAnalyzer

from ....errors import AcquisitionCancelled

PIECE_SECONDS = 0.001
"""How long one piece takes. Another client's read waits for at most one piece."""


LOOK_SECONDS = 0.02
"""How often `sleep_while_locked` looks whether the lock was lost."""


def run(awaitable: Awaitable) -> asyncio.Future:
    """A future for a coroutine, which is started in PyRPL's event loop, or for one of PyRPL's own futures."""
    return ensure_future(awaitable)


def place_of(module: Any) -> Hashable:
    """What only one acquisition may use at a time: the module, or the scope that a spectrum analyser uses."""
    return module.scope if isinstance(module, SpectrumAnalyzer) else module


def follow(task: asyncio.Future) -> Future[Any]:
    """A future of the result of `task`, for threads without its event loop."""
    future: Future[Any] = Future()

    def settle(done: asyncio.Future) -> None:
        if future.done():
            return  # it was given up
        if done.cancelled():
            future.set_exception(AcquisitionCancelled("the call was cancelled"))
        elif (error := done.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(done.result())

    task.add_done_callback(settle)
    future.add_done_callback(lambda _: task.cancel())
    return future


async def sleep_while_locked(lockbox: Any, time_to_sleep: float) -> bool:
    """`Lockbox.sleep_while_locked`: wait `time_to_sleep` s; returns whether the lock was held until then."""
    if not (lockbox.current_state == "lock_on" and lockbox.is_locked()):
        lockbox._logger.error("Error during measurement - cavity unlocked. Aborting sleep...")  # noqa: SLF001
        return False
    unlocked = lockbox.unlock_event  # PyRPL sets it when the lock is lost, and makes another one
    end = time.monotonic() + time_to_sleep
    while not unlocked.is_set():
        remaining = end - time.monotonic()
        if remaining <= 0:
            return True
        await sleep_async(min(remaining, LOOK_SECONDS))
    return False


def coroutine_of(module: Any, name: str) -> Callable[..., Awaitable] | None:
    """The function that waits in PyRPL's event loop for the method `name` of `module`, None if there is none.

    In PyRPL these methods wait in an event loop inside the call: calls of several clients would end in the
    reverse order, the first one not before the last one.
    """
    if name != "sleep_while_locked" or getattr(type(module), name, None) is not Lockbox.sleep_while_locked:
        return None
    return functools.partial(sleep_while_locked, module)


def stats(sampler: Any, signal: Any = "in1", t: float = 1e-2) -> Generator[None, None, tuple]:
    """`Sampler.stats`: (mean, standard deviation, maximum, minimum) of a signal during `t` s, in V."""
    name = getattr(signal, "name", signal)  # PyRPL takes a module for the signal of its name
    end = time.monotonic() + t
    # the differences from the first sample, whose squares keep their digits
    first = highest = lowest = getattr(sampler, name)
    count, total, squares = 1, 0.0, 0.0
    while True:
        piece_end = min(end, time.monotonic() + PIECE_SECONDS)
        while time.monotonic() < piece_end:
            sample = getattr(sampler, name)
            count, total, squares = count + 1, total + (sample - first), squares + (sample - first) ** 2
            highest, lowest = max(highest, sample), min(lowest, sample)
        yield
        if time.monotonic() >= end:
            break
    mean = total / count
    return first + mean, math.sqrt(max(0.0, squares / count - mean**2)), highest, lowest


def mean_stddev(sampler: Any, signal: Any = "in1", t: float = 1e-2) -> Generator[None, None, tuple]:
    """`Sampler.mean_stddev`: (mean, standard deviation) of a signal during `t` s, in V."""
    mean, deviation, _, _ = yield from stats(sampler, signal, t)
    return mean, deviation


PIECEWISE = {("Sampler", "stats"): stats, ("Sampler", "mean_stddev"): mean_stddev}
"""The generators by (name of the module's type, name of the method)."""
