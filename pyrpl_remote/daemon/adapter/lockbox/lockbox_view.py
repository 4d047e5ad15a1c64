"""`LockboxView`: PyRPL's lockbox as the watch of the lock sees it. To be used in the Qt thread only.

It follows the signals that PyRPL's own window follows. The board is asked no more than PyRPL's own monitor
asks it, but for a few reads when a lock begins or is lost. A lockbox that PyRPL replaces, because its class
was changed, is followed on.
"""

# PyRPL's names of its signals and of its lockbox's tasks begin with an underscore
# ruff: noqa: SLF001

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from pyrpl.async_utils import ensure_future

from ....errors import BoardLinkLost
from ...qt.slots import guarded
from ...qt.thread import after
from .lock_reason import why_not_locked
from .lock_seen import Measured, Seen, StateSeen, StatusSeen

log = logging.getLogger(__name__)

FAILED = "the watch of the lock missed something"
"""What the log says of a slot that raised."""

INTERVAL = 0.5
"""The longest `lockstatus_interval` while the lock is watched, in s: so soon is a loss seen."""

LOCK_ON = "lock_on"
OFF = ("unlock", "sweep")


class LockboxView:
    """The lockbox of one board, whatever its class is.

    Attribute: `trace` (a function that returns what the scope saw until now, or None).
    """

    def __init__(
        self, pyrpl: Any, who: Callable[[], str], holder: Callable[[], str], put: Callable[[Seen], None]
    ) -> None:
        """`who()`: the client whose request runs now, "" for none; `put(seen)` is called for what is seen.

        `holder()`: the client for which the lockbox acquires now, "" for none but the watch.
        """
        self._pyrpl = pyrpl
        self._who = who
        self._holder = holder
        self._put = put
        self._lockbox: Any = None
        self._connected: list[tuple[Any, Callable[..., None]]] = []
        self._interval: float | None = None  # the user's own
        self._locked: bool | None = None
        self._failure = ""
        self._unlocked_by = ""
        self.trace: Callable[[], Any] = lambda: None

    @property
    def lockbox(self) -> Any:
        """PyRPL's present lockbox."""
        return self._pyrpl.lockbox

    def open(self) -> None:
        """Follow the lockbox from now on."""
        lockbox = self._lockbox = self.lockbox
        launcher = lockbox._signal_launcher
        self._connect(launcher.state_changed, self._state_changed)
        self._connect(launcher.update_lockstatus, self._status)
        self._connect(launcher.delete_widget, self._replaced)
        for output in lockbox.outputs:
            changed = partial(self._output_changed, output)
            self._connect(output._signal_launcher.update_attribute_by_name, changed)
        self._interval = None
        if lockbox.lockstatus_interval > INTERVAL:
            self._interval = lockbox.lockstatus_interval
            self._set_interval(INTERVAL)
        self._locked = None
        self.restart_monitor()

    def close(self) -> None:
        """Follow it no longer; the user's own interval holds again."""
        for signal, slot in self._connected:
            # PyRPL disconnects all signals of a module that it removes
            with contextlib.suppress(TypeError, RuntimeError):
                signal.disconnect(slot)
        self._connected.clear()
        if self._interval is not None and self._lockbox.lockstatus_interval == INTERVAL:
            self._set_interval(self._interval)
        self._interval = None

    def look(self) -> StatusSeen:
        """Look now whether it is locked, by PyRPL's own criterion."""
        lockbox = self.lockbox
        try:
            locked = lockbox.current_state not in OFF and bool(lockbox.is_locked(loglevel=logging.DEBUG))
        except BoardLinkLost:
            raise
        except Exception:  # boundary: a user's own class; `measure` says what it is
            log.debug("is_locked() failed", exc_info=True)
            locked = False
        self._locked = locked
        return StatusSeen(locked, lockbox.current_state, lockbox.auto_lock, self.measure(locked))

    def signals(self) -> tuple[str, str] | None:
        """The signals of the stage's input and of its output, by PyRPL's names; None if it is in no stage."""
        number = self.stage()
        if number is None:
            return None
        stage = self.lockbox.sequence[number]
        return self.lockbox.inputs[stage.input].signal(), self._output(stage).signal()

    def stage(self) -> int | None:
        """The lockbox's stage, None if it is in none."""
        state = self.lockbox.current_state
        if state == LOCK_ON:
            return len(self.lockbox.sequence) - 1
        return state if isinstance(state, int) else None

    def measure(self, locked: bool, loss: bool = False) -> Measured:
        """The error signal and the output now, and the trace if the lock was just lost: `loss`."""
        number = self.stage()
        if number is None:
            return Measured()
        lockbox, stage = self.lockbox, self.lockbox.sequence[number]
        try:
            input = lockbox.inputs[stage.input]
            mean, rms, _, _ = input.stats()
            setpoint = input.expected_signal(stage.setpoint)
            output = self._output(stage)
            volts = getattr(self._pyrpl.rp.sampler, output.pid.name)
            reason = "" if locked else why_not_locked(lockbox) or "PyRPL says so"
            trace = self.trace() if loss else None
            return Measured(number, reason, float(mean - setpoint), float(rms), float(volts), trace)
        except BoardLinkLost as error:
            return Measured(number, error.message)
        except Exception as error:  # boundary: a user's own lockbox may do anything
            log.warning("the lock could not be measured", exc_info=True)
            return Measured(number, "" if locked else f"not known: {type(error).__name__}: {error}")

    def blocker(self) -> str:
        """Why the lock must not be taken now, "" if it may."""
        lockbox = self.lockbox
        if lockbox.auto_lock:
            return "PyRPL's own auto_lock is on, and takes the lock again: the watch only looks"
        if holder := self._holder():
            return f"{holder} acquires on the lockbox"
        if self._unlocked_by:  # the watch is about to know
            return f"{self._unlocked_by} has unlocked it"
        swept = [output.name for output in lockbox.outputs if output.current_state == "sweep"]
        return f"the output {swept[0]} is swept" if swept else ""

    def restart_monitor(self) -> None:
        """Let PyRPL's monitor look at once, and every lockstatus_interval from then on."""
        lockbox = self.lockbox
        if lockbox._monitor_lock_status_task is not None:
            lockbox._monitor_lock_status_task.cancel()
        if lockbox.current_state not in OFF:
            lockbox._monitor_lock_status_task = ensure_future(lockbox._monitor_lock_status_async())

    def ensure_monitor(self) -> None:
        """Start PyRPL's monitor again if an error has ended it, as one of a user's own class."""
        lockbox = self.lockbox
        task = lockbox._monitor_lock_status_task
        if lockbox.current_state in OFF or (task is not None and not task.done()):
            return
        error = None if task is None or task.cancelled() else task.exception()
        failure = "" if error is None else f"{type(error).__name__}: {error}"
        if failure and failure != self._failure:
            log.warning("PyRPL's monitor of the lock ended by an error, and is started again: %s", failure)
        self._failure = failure
        self.restart_monitor()

    def _connect(self, signal: Any, slot: Callable[..., None]) -> None:
        connected = guarded(slot, FAILED)
        signal.connect(connected)
        self._connected.append((signal, connected))

    def _state_changed(self, values: list[Any]) -> None:
        self._locked = None
        who = self._who()
        if values[0] not in OFF:
            self._unlocked_by = ""
        elif who:
            self._unlocked_by = who
        self._put(StateSeen(values[0], who or self._holder(), bool(who)))

    def _status(self, values: list[Any]) -> None:
        locked, lockbox = bool(values[0]), self.lockbox
        state = lockbox.current_state
        before, changed = self._locked, state == LOCK_ON and locked != self._locked
        if state == LOCK_ON:
            self._locked = locked
        measured = self.measure(locked, loss=before is True and not locked) if changed else None
        self._put(StatusSeen(locked, state, lockbox.auto_lock, measured))

    def _output_changed(self, output: Any, name: str, values: list[Any]) -> None:
        who = self._who()
        if name == "current_state" and values[0] in OFF and who:
            self._unlocked_by = who
            # the lockbox's own unlock() and sweep() do this too, and then change the lockbox's state
            cancel: list[Callable[[], None]] = []

            def look() -> None:
                cancel[0]()
                if self.lockbox is self._lockbox and self._lockbox.current_state not in OFF:
                    self._put(StateSeen("unlock", who, True, f"the output {output.name}: {values[0]}"))

            cancel.append(after(0, guarded(look, FAILED)))

    def _replaced(self) -> None:
        who = self._who()
        cancel: list[Callable[[], None]] = []

        def follow() -> None:
            cancel[0]()
            self._connected.clear()
            self.open()
            why = f"the lockbox's class is {self.lockbox.classname} now"
            self._put(StateSeen(self.lockbox.current_state, who, True, why))

        cancel.append(after(0, guarded(follow, FAILED)))  # when PyRPL has made the new one

    def _set_interval(self, seconds: float) -> None:
        """Set the interval for now: it is not saved, so that a start has the user's own."""
        lockbox = self._lockbox
        saves, lockbox._autosave_active = lockbox._autosave_active, False
        try:
            lockbox.lockstatus_interval = seconds
        finally:
            lockbox._autosave_active = saves

    def _output(self, stage: Any) -> Any:
        """The output that the stage locks with, else the first one."""
        outputs = list(self.lockbox.outputs)
        return next((one for one in outputs if stage.outputs[one.name].lock_on), outputs[0])
