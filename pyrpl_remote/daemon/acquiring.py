"""The acquisition that a call of a method such as `single` begins: its start, its end, its time limit."""

from __future__ import annotations

import functools
import inspect
import math
import numbers
from collections.abc import Callable, Hashable
from typing import Any

from .adapter.modules.long_calls import place_of, run
from .caller import Caller
from .qt.acquisitions import Acquisition
from .records import with_this_cause


def acquisition_of(
    caller: Caller,
    module: Any,
    path: str,
    name: str,
    args: list[Any],
    kwargs: dict[str, Any],
    replaceable: bool,
) -> Acquisition:
    """The acquisition for a call of the method `name`, which PyRPL also has as `name_async`.

    `replaceable` is as for Dispatcher.call. Raises TypeError or ValueError for arguments that it cannot have.
    """
    bound = _signature(getattr(type(module), name)).bind(module, *args, **kwargs)
    timeout = None if name.endswith("_async") else _limit(bound.arguments.pop("timeout", None))
    start = getattr(module, f"{name.removesuffix('_async')}_async")
    stop = getattr(module, "stop", None) or getattr(module, "unlock", None) or _do_nothing
    place: Hashable = place_of(module)
    if inspect.iscoroutinefunction(start):
        # PyRPL cancels no acquisition for it: scope.wait_for_pretrigger waits for one that runs
        stop, place = _do_nothing, object()
    return Acquisition(
        path=path,
        holder=caller.label,
        # it may begin later, at the end of another client's acquisition
        start=with_this_cause(lambda: run(start(*bound.args[1:], **bound.kwargs))),
        stop=stop,
        timeout=timeout,
        program=caller.program,
        replaceable=replaceable,
        place=place,
    )


def _do_nothing() -> None:
    pass


@functools.lru_cache(maxsize=256)
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _limit(timeout: Any) -> float | None:
    """A time limit in s, None for no limit. Raises TypeError or ValueError for any other value."""
    if timeout is None or (isinstance(timeout, numbers.Real) and math.isinf(timeout)):
        return None
    if not isinstance(timeout, numbers.Real):
        raise TypeError(f"timeout is a number of seconds, or None, not {timeout!r}")
    if math.isnan(timeout):
        raise ValueError("timeout is a number of seconds, not NaN")
    return float(timeout)
