"""`LockWatch`: the job that follows the lockbox, takes the lock again, and tells of it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from ....board_status import LOCK_WATCH, UP
from ....errors import BoardLinkLost, PyrplRemoteError
from ....lock_history import KINDS, LOST, RELOCKED, LockEvent
from ....protocol import Role
from ...adapter.lockbox.lock_seen import Measured, Seen, StateSeen, StatusSeen
from ..job import Job
from ..job_board import JobBoard, JobEnded
from .alarms import shown_address
from .options import Options
from .reports import ALIVE, Reports
from .state_machine import DECISIVE, Found, LockMachine, Phase
from .tracing import Tracing

if TYPE_CHECKING:
    from ...adapter.lockbox.lockbox_view import LockboxView

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How often the watch looks whether it may take the lock, where somebody else uses the lockbox."""

TEND_SECONDS = 5.0
"""How often the watch looks whether PyRPL's monitor is alive, and the scope free."""

NOTE_SECONDS = 30.0
"""How often the watch notes that it is alive itself: each note is a write to the disk."""


@dataclass(frozen=True)
class _AttemptEnded:
    """The watch's own sequence has ended."""

    locked: bool
    reason: str
    measured: Measured
    time: float


class LockWatch(Job):
    """A watch of the board's lock."""

    kind: ClassVar[str] = LOCK_WATCH

    def __init__(self, parameters: Mapping[str, Any], board: JobBoard) -> None:
        super().__init__(parameters, board)
        self._options = Options.of(parameters)
        if not board.resumed:
            self._options.require_owner(board.here and board.role is Role.OWNER, board.by)
        self.parameters = self._options.data()
        self._machine = LockMachine(self._options.attempts, self._options.pause)
        self._seen: deque[Seen | _AttemptEnded] = deque()
        self._reports: Reports | None = None
        self._view: LockboxView | None = None
        self._tracing: Tracing | None = None
        self._attempt: Future[Any] | None = None
        self._due = self._tend_due = self._note_due = 0.0
        self._blocked = self._failure = ""
        if not board.qt(lambda: hasattr(board.pyrpl, "lockbox")):
            raise ValueError(f"board {board.name!r} has no lockbox: its configuration leaves it out")

    def run(self, ending: threading.Event) -> None:
        """Watch, until `ending` is set."""
        board = self.board
        self._reports = Reports(board, self._options)
        try:
            board.subscribe("link")
            self._begin(ending)
            while not ending.is_set():
                self._round(ending)
            if board.ended_by is not None and self._machine.since:  # else it has not begun
                self._tell(self._machine.end(time.time(), board.ended_by))
        finally:
            if self._attempt is not None:  # PyRPL's sequence goes on to its end; nobody waits for it
                self.board.release(self._attempt)
            if self._view is not None:
                board.post(self._view.close)
            if self._tracing is not None:
                self._tracing.close()
            self._reports.close()

    def text(self) -> str:
        """The phase of the lock, and what the watch waits for."""
        machine = self._machine
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(machine.since)) if machine.since else "now"
        parts = [f"{machine.phase.value} since {since}"]
        if machine.phase is Phase.LOST:
            if not self._options.relock:
                parts.append("it is only watched")
            elif self._blocked:
                parts.append(self._blocked)
            else:
                wait = max(0.0, self._due - time.monotonic())
                parts.append(f"attempt {machine.attempt + 1} in {wait:.0f} s")
        if self._failure:
            parts.append(f"it failed at something: {self._failure}")
        if self._reports is not None:
            parts += self._reports.failures()
        return "; ".join(parts)

    def data(self) -> dict[str, Any]:
        """Phase, since when, and how many losses and relocks the history of this board has."""
        counts = {LOST: 0, RELOCKED: 0} if self._reports is None else self._reports.recorder.counts
        return {
            "phase": self._machine.phase.value,
            "locked": self._machine.phase is Phase.LOCKED,
            "since": self._machine.since,
            "losses": counts[LOST],
            "relocks": counts[RELOCKED],
            "attempt": self._machine.attempt,
        }

    def shown_parameters(self) -> dict[str, Any]:
        """The parameters for everybody: without what may be a secret in a command, or a web address."""
        shown = dict(self.parameters)
        if self._options.command is not None:
            shown["command"] = self._options.command[0]
        if self._options.webhook is not None:
            shown["webhook"] = shown_address(self._options.webhook)
        return shown

    def _begin(self, ending: threading.Event) -> None:
        """Find out what the lock is."""
        while self.board.wait_for_link(ending) and not ending.is_set():
            try:
                found = self.board.qt(self._open_view)
            except BoardLinkLost:
                continue
            assert self._reports is not None and self._view is not None
            now, recorder = time.time(), self._reports.recorder
            if self._options.trace:
                self._tracing = Tracing(self.board, recorder)
                self._tracing.open(self._view)
            if self.board.resumed:
                latest, last = recorder.last(set(KINDS)), recorder.last(DECISIVE)
                alive = max(recorder.note(ALIVE) or 0.0, now if latest is None else latest.time)
                state, kept = Found(found.state, found.locked), self.board.fpga_kept
                events = self._machine.resume(last, state, now, max(0.0, now - alive), kept)
            else:
                events = self._machine.begin(Found(found.state, found.locked), now, self.board.by)
            if aside := recorder.set_aside():
                events[0] = replace(events[0], reason=aside)
            self._tell(events, found.measured)
            return

    def _open_view(self) -> StatusSeen:
        """Follow the lockbox; in the Qt thread."""
        from ...adapter.lockbox.lockbox_view import LockboxView  # not at the top: it imports PyRPL

        if self._view is None:
            self._view = LockboxView(self.board.pyrpl, self.board.asking, self._holder, self._put)
            self._view.open()
        return self._view.look()

    def _holder(self) -> str:
        """Another client for which the lockbox acquires, or will; "" for none."""
        return next((holder for path, holder in self.board.holders() if path.startswith("lockbox")), "")

    def _put(self, seen: Seen | _AttemptEnded) -> None:
        self._seen.append(seen)
        self.board.wake()

    def _round(self, ending: threading.Event) -> None:
        """Wait for what happens, and do what is due."""
        pending = self._wants_to_relock()
        wait = min(self._tend_due, self._due if pending else self._tend_due) - time.monotonic()
        try:
            for event in self.board.events(max(0.0, wait)):
                self._link_changed(event.content["state"], event.content["reason"])
            while self._seen:
                self._conclude(self._seen.popleft())
            if self._wants_to_relock() and time.monotonic() >= self._due:
                self._begin_attempt()
            if time.monotonic() >= self._tend_due:
                self._tend()
        except JobEnded:
            raise
        except BoardLinkLost as error:  # its event comes
            log.debug("the watch could not reach the board: %s", error)
            self._due = time.monotonic() + LOOK_SECONDS
        except Exception as error:  # boundary: the watch goes on, whatever a user's own lockbox raises
            failure = f"{type(error).__name__}: {error}"
            if failure != self._failure:
                log.exception("the watch of the lock failed at something, and goes on")
            self._failure = failure
            ending.wait(LOOK_SECONDS)
        else:
            self._failure = ""

    def _wants_to_relock(self) -> bool:
        return self._options.relock and self._machine.phase is Phase.LOST

    def _conclude(self, seen: Seen | _AttemptEnded) -> None:
        machine = self._machine
        before = machine.phase, machine.since
        measured: Measured | None = None
        if isinstance(seen, StateSeen):
            events = machine.state_changed(seen.state, seen.who, seen.time, seen.why, seen.asked)
        elif isinstance(seen, StatusSeen):
            measured = seen.measured
            reason = "" if measured is None else measured.reason
            events = machine.status(seen.locked, seen.state, seen.time, reason, seen.auto_lock)
        else:
            self._attempt = None
            measured = seen.measured
            events = machine.attempt_ended(seen.locked, seen.reason, seen.time)
        if machine.phase is Phase.LOST and before != (machine.phase, machine.since):
            self._due = time.monotonic() + machine.pause
            self._blocked = ""
        self._tell(events, measured)

    def _link_changed(self, state: str, reason: str) -> None:
        if state != UP:
            self._tell(self._machine.board_lost(f"{state}: {reason}", time.time()))
            return
        if self._machine.phase is not Phase.AWAY:
            return
        assert self._view is not None
        view = self._view

        def look() -> StatusSeen:
            view.restart_monitor()  # PyRPL's ended with an error when the link was lost
            return view.look()

        try:
            found = self.board.qt(look)
        except BoardLinkLost:
            return  # the next event says so
        events = self._machine.board_back(reason, Found(found.state, found.locked), time.time())
        self._due = time.monotonic() + self._machine.pause
        self._tell(events, found.measured)

    def _begin_attempt(self) -> None:
        view = self._view
        assert view is not None

        def look() -> str | StatusSeen | None:
            if blocker := view.blocker():
                return blocker
            found = view.look()
            return found if found.locked else None

        outcome: Future[Any] | str | StatusSeen = self.board.begin_unless(
            look, self._attempt_done, "lockbox", "lock"
        )
        now = time.time()
        if isinstance(outcome, StatusSeen):
            self._tell(self._machine.is_back(now), outcome.measured)
        elif isinstance(outcome, str):
            if outcome != self._blocked:
                log.info("the lock is not taken again now: %s", outcome)
            self._blocked = outcome
            self._due = time.monotonic() + LOOK_SECONDS
        else:
            self._blocked = ""
            self._machine.attempt_begins(now)
            self._attempt = outcome

    def _attempt_done(self, future: Future[Any]) -> None:
        """Called in the Qt thread when the watch's sequence has ended."""
        view = self._view
        assert view is not None
        try:
            locked, reason = bool(future.result()), ""
        except PyrplRemoteError as error:
            locked, reason = False, error.message
        except Exception as error:  # noqa: BLE001 - boundary: a user's own sequence may raise anything
            locked, reason = False, f"{type(error).__name__}: {error}"
        measured = view.measure(locked)
        self._put(_AttemptEnded(locked, reason or measured.reason, measured, time.time()))

    def _tend(self) -> None:
        self._tend_due = time.monotonic() + TEND_SECONDS
        if self._reports is not None and time.monotonic() >= self._note_due:
            self._note_due = time.monotonic() + NOTE_SECONDS
            self._reports.note_alive()
        if self._view is not None and self._machine.phase is not Phase.AWAY:
            self.board.qt(self._view.ensure_monitor)
            if self._tracing is not None and self._machine.phase is Phase.LOCKED:
                self._tracing.tend(self._view)

    def _tell(self, events: list[LockEvent], measured: Measured | None = None) -> None:
        assert self._reports is not None
        self._reports.tell(events, measured)
