"""What lockbox_view.py reports of the lockbox, for the watch of the lock."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured at the time of an event.

    `stage`: the lockbox's, None if it is in none; `reason`: why it is not locked, "" if it is; the others as
    in LockEvent.
    """

    stage: int | None = None
    reason: str = ""
    error_mean: float = math.nan
    error_rms: float = math.nan
    output: float = math.nan
    trace: np.ndarray[Any, Any] | None = None


@dataclass(frozen=True, eq=False)
class StateSeen:
    """The lockbox changed its state, because of `who`, "" for PyRPL itself.

    `asked`: a client's request did it, not a sequence on its way; `why` says more than the state does, or "".
    """

    state: str | int
    who: str
    asked: bool
    why: str = ""
    time: float = field(default_factory=time.time)


@dataclass(frozen=True, eq=False)
class StatusSeen:
    """PyRPL has looked whether the lockbox is locked; `measured` is None if that was so before, too."""

    locked: bool
    state: str | int
    auto_lock: bool
    measured: Measured | None = None
    time: float = field(default_factory=time.time)


Seen = StateSeen | StatusSeen
