"""The history of a watched lock: `LockEvent`, `LockHistory` and its summary. Client and daemon share it.

The daemon writes it (daemon/jobs/locks/), clients get it from `p.lock_history()` and `pyrpl-remote locks`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .board_status import Record
from .schema import from_data

WATCH_STARTED = "watch started"
WATCH_ENDED = "watch ended"
LOCKED = "locked"
LOST = "lost"
ATTEMPT = "attempt"
RELOCKED = "relocked"
GIVEN_UP = "given up"
UNLOCKED = "unlocked"
DAEMON_RESTARTED = "daemon restarted"
BOARD_LOST = "board lost"
BOARD_BACK = "board back"

KINDS = (
    *(WATCH_STARTED, LOCKED, LOST, ATTEMPT, RELOCKED, GIVEN_UP, UNLOCKED),
    *(BOARD_LOST, BOARD_BACK, DAEMON_RESTARTED, WATCH_ENDED),
)
"""All kinds of events."""

ALARM_ON = (LOST, RELOCKED, GIVEN_UP, BOARD_LOST)
"""The kinds of events that raise an alarm, unless others are chosen."""

COLUMNS = (
    *("time", "kind", "stage", "duration", "reason", "who"),
    *("attempt", "error_mean", "error_rms", "output"),
)
"""The fields of an event without its trace, in their order."""


@dataclass(frozen=True, eq=False)
class LockEvent:
    """One event of a watched lock.

    `time` in s since the epoch, by the daemon's clock; `kind` is one of KINDS. `stage`: the lockbox's stage
    at that time, from 0, None if it was in none. `duration` in s, None if it is not known: for a lock that
    ended ("lost", "unlocked", "board lost", "watch ended") how long it had held; for "attempt" and "relocked"
    how long that attempt took; for "board back" and "daemon restarted" how long nothing was seen. `reason` is
    a sentence; `who` caused the event, a client as the board's status shows it, "" for nobody; `attempt`
    counts attempts of the watch from 1, 0 for other events. `error_mean` and `error_rms`: mean and rms in V
    of the error signal, which is the stage's input less its set point; `output`: the output's value in V; NaN
    where they could not be measured. `trace`: what the scope saw before a loss, None if it was in use: float
    (3, n), the time in s before the event (not above 0), the stage's input and the output in V.
    """

    time: float
    kind: str
    stage: int | None = None
    duration: float | None = None
    reason: str = ""
    who: str = ""
    attempt: int = 0
    error_mean: float = math.nan
    error_rms: float = math.nan
    output: float = math.nan
    trace: np.ndarray[Any, Any] | None = None

    def to_data(self) -> dict[str, Any]:
        """The event as plain data, for JSON and for the wire: without its trace, NaN as None."""
        return {name: _finite_or_none(getattr(self, name)) for name in COLUMNS}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LockEvent:
        """The event for the data of `to_data`, to which `trace` may be added."""
        numbers = {
            name: math.nan if data.get(name) is None else float(data[name])
            for name in ("error_mean", "error_rms", "output")
        }
        return from_data(cls, {**data, **numbers})


@dataclass(frozen=True, eq=False)
class LockSummary(Record):
    """What a history adds up to.

    `losses`, `relocks` (by the watch), `failed` (attempts). `watched` and `locked`: for how long, in s;
    `locked_fraction`: the share of the watched time in which it was locked, NaN if there is none. `longest`:
    the longest lock, in s; `last_reason` and `last_loss`: why and when it was lost last ("", None if never).
    """

    losses: int = 0
    relocks: int = 0
    failed: int = 0
    watched: float = 0.0
    locked: float = 0.0
    locked_fraction: float = math.nan
    longest: float = 0.0
    last_reason: str = ""
    last_loss: float | None = None


class LockHistory(Sequence[LockEvent]):
    """The events of a watched lock, the oldest first.

    A sequence: index it, iterate over it, `len` counts it. Attributes: `since` and `until` (the time that it
    covers, in s since the epoch), `locked_before` and `watched_before` (what holds at `since`), `left_out`
    (how many older events of this time are not here, because of the limit).
    """

    def __init__(
        self,
        events: Sequence[LockEvent],
        since: float,
        until: float,
        watched_before: bool = False,
        locked_before: bool = False,
        left_out: int = 0,
    ) -> None:
        self._events = tuple(events)
        self.since, self.until = since, until
        self.watched_before, self.locked_before = watched_before, locked_before
        self.left_out = left_out

    def __getitem__(self, number: Any) -> Any:
        return self._events[number]

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        one = self.summary()
        locked = "" if math.isnan(one.locked_fraction) else f", locked {one.locked_fraction:.1%} of the time"
        return f"<LockHistory: {len(self)} events, {one.losses} losses{locked}>"

    def to_numpy(self) -> np.ndarray[Any, Any]:
        """A structured array, shape (n,), a row for each event with LockEvent's fields but the trace.

        Times in s, values in V; a stage or a duration that is not known is -1 or NaN.
        """
        text = [(name, f"U{max([1, *(len(getattr(e, name)) for e in self)])}") for name in _TEXTS]
        types = [*_NUMBERS, *text]
        array = np.empty(len(self), dtype=sorted(types, key=lambda one: COLUMNS.index(one[0])))
        for name, _ in types:
            array[name] = [_number(getattr(event, name), name) for event in self]
        return array

    def locks(self) -> Iterator[tuple[float, float]]:
        """Pairs of times, from when until when it was locked, in s since the epoch."""
        return _intervals(self, LOCKING, UNLOCKING, self.locked_before)

    def summary(self) -> LockSummary:
        """Losses, time locked, the longest lock and the last reason; see LockSummary."""
        watched = sum(end - begin for begin, end in _intervals(self, WATCHING, BLIND, self.watched_before))
        lengths = [end - begin for begin, end in self.locks()]
        losses = [event for event in self if event.kind == LOST]
        return LockSummary(
            losses=len(losses),
            relocks=sum(event.kind == RELOCKED for event in self),
            failed=sum(event.kind == ATTEMPT for event in self),
            watched=watched,
            locked=sum(lengths),
            locked_fraction=min(1.0, sum(lengths) / watched) if watched else math.nan,
            longest=max(lengths, default=0.0),
            last_reason=losses[-1].reason if losses else "",
            last_loss=losses[-1].time if losses else None,
        )


LOCKING = {LOCKED, RELOCKED}
"""The events with which a lock begins."""

UNLOCKING = {LOST, UNLOCKED, BOARD_LOST, DAEMON_RESTARTED, WATCH_STARTED, WATCH_ENDED}
"""The events with which a lock ends, or is no longer seen."""

WATCHING = {WATCH_STARTED, BOARD_BACK, DAEMON_RESTARTED}
"""The events with which the watch begins to see the lock."""

BLIND = {BOARD_LOST, DAEMON_RESTARTED, WATCH_STARTED, WATCH_ENDED}
"""The events with which it no longer sees it."""

VOLTS = 1 / 8192
"""The step of a trace's values, which travel and are kept as 16-bit integers: that of the converters."""

MAX_POINTS = 16384
"""The longest trace, in points of each channel."""


def packed(trace: np.ndarray[Any, Any]) -> tuple[float, bytes]:
    """A trace as its span in s, and its values compressed."""
    counts = np.clip(np.rint(trace[1:] / VOLTS), -32768, 32767).astype("<i2")
    return float(trace[0, -1] - trace[0, 0]), zlib.compress(counts.tobytes())


def unpacked(span: float, points: bytes) -> np.ndarray[Any, Any]:
    """The trace of `packed`, float (3, n). Raises ValueError for anything else."""
    stream = zlib.decompressobj()
    try:
        counts = np.frombuffer(stream.decompress(points, 4 * MAX_POINTS), "<i2").reshape(2, -1)
    except (zlib.error, ValueError) as error:
        raise ValueError(f"no trace: {error}") from error
    if not stream.eof:
        raise ValueError(f"no trace of at most {MAX_POINTS} points")
    return np.vstack([np.linspace(-span, 0.0, counts.shape[1]), counts * VOLTS])


def history_from_data(data: Mapping[str, Any]) -> LockHistory:
    """The history for what the daemon sends (see daemon/jobs/locks/history_file.py, `read`)."""
    events = []
    for row in data["events"]:
        *values, trace = row
        fields: dict[str, Any] = dict(zip(COLUMNS, values))
        events.append(LockEvent.from_data({**fields, "trace": unpacked(*trace) if trace else None}))
    # a daemon of another release may send more, or fewer
    names = ("since", "until", "watched_before", "locked_before", "left_out")
    return LockHistory(events, **{name: data[name] for name in names if name in data})


_TEXTS = ("kind", "reason", "who")
_NUMBERS: list[tuple[str, str]] = [
    *[(name, "f8") for name in ("time", "duration", "error_mean", "error_rms", "output")],
    *[(name, "i4") for name in ("stage", "attempt")],
]


def _intervals(
    history: LockHistory, beginning: set[str], ending: set[str], open_before: bool
) -> Iterator[tuple[float, float]]:
    """The times between events of `beginning` and of `ending`; the last may end with the history."""
    begin = history.since if open_before else None
    for event in history:
        if begin is not None and event.kind in ending:
            # what nobody saw does not count: the daemon was away from then on
            away = (event.duration or 0.0) if event.kind == DAEMON_RESTARTED else 0.0
            yield begin, max(begin, event.time - away)
            begin = None
        if begin is None and event.kind in beginning:
            begin = event.time
    if begin is not None:
        yield begin, max(begin, history.until)


def _number(value: Any, name: str) -> Any:
    if value is not None:
        return value
    return -1 if name == "stage" else math.nan


def _finite_or_none(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
