"""From the events of a lock's history to the stretches of time that the strip shows in colours."""

from __future__ import annotations

from dataclasses import dataclass

from pyrpl_remote import LockEvent, LockHistory
from pyrpl_remote import lock_history as kinds

LOCKED, LOST, RELOCKING, UNLOCKED = "locked", "lost", "relocking", "unlocked"
"""The states of a watched lock. While it is not watched, or the board was away, there is no stretch."""

STATES = (LOCKED, RELOCKING, LOST, UNLOCKED)
"""All of them, as a legend shows them."""

_AFTER = {
    kinds.WATCH_STARTED: UNLOCKED,
    kinds.LOCKED: LOCKED,
    kinds.RELOCKED: LOCKED,
    kinds.LOST: LOST,
    kinds.ATTEMPT: LOST,
    kinds.GIVEN_UP: LOST,
    kinds.UNLOCKED: UNLOCKED,
    kinds.BOARD_BACK: UNLOCKED,
    kinds.DAEMON_RESTARTED: UNLOCKED,
    kinds.BOARD_LOST: None,
    kinds.WATCH_ENDED: None,
}
"""The state from an event of each kind on; that after the board was away is said by the next event."""


@dataclass(frozen=True)
class Stretch:
    """A state from `begin` to `end`, in s since the epoch."""

    begin: float
    end: float
    state: str


def stretches(history: LockHistory, until: float) -> list[Stretch]:
    """The stretches from the start of the history to `until`, in their order.

    An attempt to take the lock again is told when it has ended, with its duration: it lies within the stretch
    before.
    """
    made: list[Stretch] = []
    begin = history.since
    state = LOCKED if history.locked_before else UNLOCKED if history.watched_before else None
    for event in history:
        for one in _before(event, begin, state):
            _add(made, one)
        begin, state = event.time, _AFTER.get(event.kind, state)
    if state is not None:
        _add(made, Stretch(begin, max(begin, until), state))
    return made


def _before(event: LockEvent, begin: float, state: str | None) -> list[Stretch]:
    """What was between the event before, at `begin`, and this one."""
    end = event.time
    split = max(begin, end - (event.duration or 0.0))
    if event.kind in (kinds.ATTEMPT, kinds.RELOCKED):
        parts = [(begin, split, state), (split, end, RELOCKING)]
    elif event.kind == kinds.DAEMON_RESTARTED:  # nobody watched meanwhile
        parts = [(begin, split, state)]
    else:
        parts = [(begin, end, state)]
    return [Stretch(first, last, what) for first, last, what in parts if what is not None and last > first]


def _add(made: list[Stretch], one: Stretch) -> None:
    if made and made[-1].state == one.state and made[-1].end == one.begin:
        made[-1] = Stretch(made[-1].begin, one.end, one.state)
    else:
        made.append(one)
