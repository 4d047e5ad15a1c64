"""The events of subscriptions: `Change`, `CurveFrame`, `Emission`, `LinkStatus`, `LockEvent`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...board_status import LinkStatus
from ...lock_history import LockEvent
from ...schema import from_data


@dataclass(frozen=True)
class Change:
    """An attribute was set.

    `module` is the path, such as "rp.scope", and `name` the attribute's. `value` is the attribute's new value
    as PyRPL reports it, or its repr if it cannot be sent. `who` set it: a client, as "notebook (pid 42, ada
    at lab1)", or "PyRPL" for PyRPL itself, its window, and anything that happens after a call has returned,
    such as the end of an acquisition. `time` is in s since the epoch, by the daemon's clock. `lost` is the
    number of changes before this one that are missing, because this client received them too slowly; the
    start of another daemon, which may set any attribute, counts as one.
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
    analysers (in s for the network analyser if its span is zero). y: shape (2, n) in V for the scope, (n,)
    complex for the network analyser. Of the spectrum analyser, in Vpk²: (4, n) in baseband, the spectra of
    both inputs, then real and imaginary part of their cross spectrum; (n,) around a centre. `number` counts
    the curves since the subscription, from 1. `skipped` is how many were left out since the previous frame.
    """

    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    number: int
    skipped: int


@dataclass(frozen=True, eq=False)
class Emission:
    """A Qt signal of PyRPL was sent with the arguments `value`; `lost` is as for Change."""

    value: list[Any]
    lost: int = 0


def _link_status(**fields: Any) -> LinkStatus:
    return from_data(LinkStatus, fields)


def _lock_event(**fields: Any) -> LockEvent:
    return LockEvent.from_data(fields)


KINDS: dict[str, Callable[..., Change | CurveFrame | Emission | LinkStatus | LockEvent]] = {
    "change": Change,
    "curve": CurveFrame,
    "signal": Emission,
    "link": _link_status,
    "lock": _lock_event,
}
"""What makes the event for each kind of subscription of the fields that the daemon sends."""
