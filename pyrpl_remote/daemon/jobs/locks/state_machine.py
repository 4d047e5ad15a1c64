"""`LockMachine`: what the watch of a lock concludes from what it sees, and when it may take the lock again.

It knows neither PyRPL nor threads nor clocks: each of its functions is told something, with the time, and
returns the events for the history. watch.py calls them, and carries out the attempts.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ....lock_history import (
    ATTEMPT,
    BOARD_BACK,
    BOARD_LOST,
    DAEMON_RESTARTED,
    GIVEN_UP,
    LOCKED,
    LOST,
    RELOCKED,
    UNLOCKED,
    WATCH_ENDED,
    WATCH_STARTED,
    LockEvent,
)

LOCK_ON = "lock_on"
"""The state of PyRPL's lockbox at the end of its sequence: locked, or supposed to be."""

OFF = ("unlock", "sweep")
"""The states of PyRPL's lockbox in which nobody wants a lock."""

LONGEST_PAUSE = 3600.0
"""The pause between attempts grows up to this, in s."""


class Phase(enum.Enum):
    """What the watch takes the lock for; the values are shown to users."""

    OFF = "not locked"
    """Nobody wants it locked: it was unlocked on purpose, or was never locked."""
    ACQUIRING = "being locked"
    """Somebody else's sequence is running."""
    LOCKED = "locked"
    LOST = "lost"
    ATTEMPTING = "being relocked"
    """The watch's own sequence is running."""
    GIVEN_UP = "given up"
    AWAY = "board lost"


@dataclass(frozen=True)
class Found:
    """What the lockbox is in: PyRPL's `state`, and whether it is `locked` by PyRPL's own criterion."""

    state: str | int
    locked: bool


class LockMachine:
    """The conclusions of one watch. All times are in s since the epoch.

    Attributes: `phase`, `since` (when it began), `attempt` (the number of the last attempt since the lock was
    lost), `pause` (how long to wait before the next attempt, from when the phase became LOST or the last
    attempt ended).
    """

    def __init__(self, attempts: int | None, pause: float) -> None:
        """`attempts`: after how many failures in a row the watch gives up, None for never; `pause` in s."""
        self.phase = Phase.OFF
        self.since = 0.0
        self.attempt = 0
        self.pause = 0.0
        self._attempts = attempts
        self._pause = pause
        # how often in a row the lock failed to last: attempts that failed, and relocks that were lost at once
        self._short = 0
        self._before_away = Phase.OFF
        self._by = ""  # who has begun the present sequence
        self._lock_since: float | None = None
        self._attempt_since = 0.0
        self._relocked: float | None = None

    def begin(self, found: Found, now: float, who: str) -> list[LockEvent]:
        """The watch starts: `who` wants it."""
        self._enter(Phase.OFF, now)
        return [LockEvent(now, WATCH_STARTED, who=who), *self._found(found, now, "")]

    def resume(
        self, last: LockEvent | None, found: Found, now: float, away: float, kept: bool
    ) -> list[LockEvent]:
        """The watch goes on in another daemon, `away` s after the one before was seen last.

        `last`: the event that says what the lock was then. `kept`: the FPGA has worked on all the time: a
        lockbox that is unlocked now was unlocked by somebody.
        """
        self._enter(_phase_after(last), now)
        if self.phase is Phase.LOCKED and last is not None:
            self._lock_since = last.time
        events = [LockEvent(now, DAEMON_RESTARTED, duration=away)]
        gone = "while the daemon was away" if kept else "while the daemon was away: the board has restarted"
        return events + self._found(found, now, gone, unlocked=kept)

    def end(self, now: float, who: str) -> list[LockEvent]:
        """The watch ends for good."""
        return [LockEvent(now, WATCH_ENDED, duration=self._lock_duration(now), who=who)]

    def board_lost(self, reason: str, now: float) -> list[LockEvent]:
        """The link to the board is lost: nothing is seen from now on."""
        if self.phase is Phase.AWAY:
            return []
        self._before_away = Phase.LOST if self.phase is Phase.ATTEMPTING else self.phase
        event = LockEvent(now, BOARD_LOST, duration=self._lock_duration(now), reason=reason)
        self._enter(Phase.AWAY, now)
        return [event]

    def board_back(self, reason: str, found: Found, now: float) -> list[LockEvent]:
        """The link is back; `reason` says what happened to the board."""
        if self.phase is not Phase.AWAY:
            return []
        away = now - self.since
        self._enter(self._before_away, now)
        gone = f"while the board was away{reason and ': ' + reason}"
        return [LockEvent(now, BOARD_BACK, duration=away, reason=reason), *self._found(found, now, gone)]

    def state_changed(
        self, state: str | int, who: str, now: float, why: str = "", asked: bool = True
    ) -> list[LockEvent]:
        """The lockbox changed its state, because of `who`, "" for PyRPL itself; `why` says more.

        `asked`: a client's request did it, not a sequence on its way.
        """
        if self.phase is Phase.AWAY:
            return []
        if state in OFF:
            # a sequence of a user's own class may unlock on its way
            if self.phase is Phase.ATTEMPTING and not asked:
                return []
            return self._unlocked(now, who, why or ("swept" if state == "sweep" else ""))
        if self.phase is Phase.ATTEMPTING or state == LOCK_ON:
            return []
        held, again = self._lock_duration(now), "its sequence was started again"
        events = [LockEvent(now, UNLOCKED, duration=held, reason=again, who=who)]
        was_locked = self.phase is Phase.LOCKED
        self._enter(Phase.ACQUIRING, now)
        self._by = who
        return events if was_locked else []

    def status(
        self, locked: bool, state: str | int, now: float, reason: str = "", auto_lock: bool = False
    ) -> list[LockEvent]:
        """PyRPL has looked whether it is locked; `reason` says why it is not.

        `auto_lock`: PyRPL starts its sequence again by itself, as often as it takes.
        """
        if state != LOCK_ON or self.phase in (Phase.ATTEMPTING, Phase.AWAY):
            return []
        if locked:
            return self._is_locked(now)
        if self.phase is Phase.LOCKED:
            return self._lost(now, reason)
        if self.phase is Phase.ACQUIRING:
            # somebody's sequence has ended without a lock: who wants it locked gets the watch's help
            took = now - self.since
            self._want(now, at_once=True)
            event = LockEvent(now, ATTEMPT, duration=took, reason=reason, who=self._by)
            return [] if auto_lock else [event]
        return []

    def is_back(self, now: float) -> list[LockEvent]:
        """Just before an attempt it is found to be locked."""
        return self._is_locked(now)

    def attempt_begins(self, now: float) -> None:
        """The watch starts PyRPL's sequence."""
        self.attempt += 1
        self._attempt_since = now
        self._enter(Phase.ATTEMPTING, now)

    def attempt_ended(self, locked: bool, reason: str, now: float) -> list[LockEvent]:
        """The watch's sequence has ended; `reason` says why it did not lock."""
        if self.phase is not Phase.ATTEMPTING:
            return []
        took = now - self._attempt_since
        if locked:
            self._enter(Phase.LOCKED, now)
            self._lock_since = self._relocked = now
            return [LockEvent(now, RELOCKED, duration=took, attempt=self.attempt)]
        events = [LockEvent(now, ATTEMPT, duration=took, reason=reason, attempt=self.attempt)]
        if self._attempts is not None and self.attempt >= self._attempts:
            self._enter(Phase.GIVEN_UP, now)
            times = "once" if self.attempt == 1 else f"{self.attempt} times"
            return [*events, LockEvent(now, GIVEN_UP, reason=f"tried {times}: {reason}")]
        self._short += 1
        self._want(now, at_once=False)
        return events

    def _is_locked(self, now: float) -> list[LockEvent]:
        if self.phase is Phase.LOCKED:
            return []
        back = self.phase in (Phase.LOST, Phase.GIVEN_UP)
        who = self._by if self.phase is Phase.ACQUIRING else ""
        self._enter(Phase.LOCKED, now)
        self._lock_since, self._relocked, self._short = now, None, 0
        return [LockEvent(now, LOCKED, reason="it came back by itself" if back else "", who=who)]

    def _found(self, found: Found, now: float, gone: str, unlocked: bool = True) -> list[LockEvent]:
        """Compare what is found with the phase of before; `gone` says when, and why, the lock went.

        `unlocked`: an unlocked lockbox was unlocked on purpose.
        """
        before = self.phase
        if found.locked and found.state == LOCK_ON:
            self._enter(Phase.LOCKED, now)
            self._lock_since = now
            return [LockEvent(now, LOCKED, reason="it is still locked" if before is Phase.LOCKED else "")]
        wanted = before in (Phase.LOCKED, Phase.LOST, Phase.ACQUIRING)
        if found.state in OFF and unlocked:
            self._enter(Phase.OFF, now)
            return [] if before is Phase.OFF else [LockEvent(now, UNLOCKED, reason=gone)]
        if before is Phase.LOCKED:
            self._want(now, at_once=True)
            return [LockEvent(now, LOST, reason=f"it was lost {gone}")]
        if wanted or (before is Phase.OFF and found.state == LOCK_ON):
            self._want(now, at_once=True)
        elif found.state not in (LOCK_ON, *OFF):
            self._enter(Phase.ACQUIRING, now)
        return []

    def _unlocked(self, now: float, who: str, reason: str) -> list[LockEvent]:
        if self.phase is Phase.OFF:
            return []
        event = LockEvent(now, UNLOCKED, duration=self._lock_duration(now), reason=reason, who=who)
        self._enter(Phase.OFF, now)
        return [event]

    def _lost(self, now: float, reason: str) -> list[LockEvent]:
        event = LockEvent(now, LOST, duration=self._lock_duration(now), reason=reason)
        lasted = self._relocked is None or now - self._relocked >= self._pause
        self._short = 0 if lasted else self._short + 1
        self._want(now, at_once=lasted)
        return [event]

    def _want(self, now: float, at_once: bool) -> None:
        if self.phase is not Phase.ATTEMPTING:
            self.attempt = 0
        self._enter(Phase.LOST, now)
        self.pause = 0.0 if at_once else min(LONGEST_PAUSE, self._pause * 2.0 ** min(self._short - 1, 30))

    def _lock_duration(self, now: float) -> float | None:
        if self.phase is not Phase.LOCKED or self._lock_since is None:
            return None
        return max(0.0, now - self._lock_since)

    def _enter(self, phase: Phase, now: float) -> None:
        if phase is not self.phase or not self.since:
            self.phase, self.since = phase, now


def _phase_after(last: LockEvent | None) -> Phase:
    """The phase that the last decisive event of a history left behind."""
    if last is None:
        return Phase.OFF
    return {
        LOCKED: Phase.LOCKED,
        RELOCKED: Phase.LOCKED,
        LOST: Phase.LOST,
        ATTEMPT: Phase.LOST,
        GIVEN_UP: Phase.GIVEN_UP,
    }.get(last.kind, Phase.OFF)


DECISIVE = {LOCKED, RELOCKED, LOST, ATTEMPT, GIVEN_UP, UNLOCKED, WATCH_STARTED}
"""The events that say in which phase the lock is."""
