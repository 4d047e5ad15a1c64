"""What the callbacks of subscriptions receive: changes of attributes, and curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Change:
    """An attribute was set.

    `module` is the path ("rp.scope"); `value` is what PyRPL made of it, or its repr where it cannot travel;
    `who` did it: a client, as "notebook (pid 42, ada at lab1)", or "PyRPL" for PyRPL itself, its window, and
    all that it does after a call has returned, such as the end of an acquisition. `time` is in s since the
    epoch, by the daemon's clock. `lost` says how many changes before this one were dropped, because this
    client received them too slowly.
    """

    module: str
    name: str
    value: Any
    who: str
    time: float
    lost: int = 0


@dataclass(frozen=True, eq=False)
class CurveFrame:
    """A curve of a running acquisition, averaged as its module is set to.

    `x` and `y` are the module's data_x and data_avg. x: shape (n,), in s for the scope, in Hz for the
    analyzers (the network analyzer's in s if its span is zero). y: shape (2, n) in V for the scope, (n,)
    complex for the network analyzer, (4, n) for the spectrum analyzer. `number` counts the curves since the
    subscription, from 1; `skipped` says how many were left out since the frame before.
    """

    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    number: int
    skipped: int


KINDS: dict[str, type[Change] | type[CurveFrame]] = {"change": Change, "curve": CurveFrame}
"""By the kind of a subscription."""
