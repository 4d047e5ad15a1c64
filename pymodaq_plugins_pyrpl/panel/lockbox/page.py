"""`LockboxPage`: sweep, calibrate, lock, unlock; stages and set point; the lock watch and its history."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from pyrpl_remote import Change, LockEvent, connect, virtual_cavity
from pyrpl_remote.errors import BadValue, ModuleBusy
from pyrpl_remote.lockbox_sweep import SWEEPING, Sweep, calibrate, measure

from ...hardware.instruments.lockbox import set_setpoint
from .. import theme
from ..open_board import CONNECTING, FAILED, UP, OpenBoard
from ..page import Page
from .cavity import CavityBar, Demonstration
from .controls import Controls
from .history import History
from .notification import Notifier, message_of
from .seen import Seen, look
from .signals import Signals
from .stages import Stages
from .sweep import SweepPlot
from .watch import Watch, watch_of

LOOK_MILLISECONDS = 150
"""How long changes of the lockbox are collected before it is read again."""

SWEEP_MILLISECONDS = 300
"""How often the sweep is measured, while it runs and is shown."""

LEFT_CHARACTERS = 64
"""The width of the controls, in characters of the font."""

SHARES = (5, 4, 8)
"""How the height is divided between sweep, signals and history."""

MOST_EVENTS = 10_000
"""How many events of the history are read."""


class LockboxPage(Page):
    """The lockbox of an open board. Signal: `told(title, text)`: what the desktop was told."""

    told = Signal(str, str)
    title = "Loc&kbox"

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(board, parent)
        self.seen: Seen | None = None
        self.controls, self.stages, self.watch = Controls(), Stages(), Watch()
        self.sweep, self.signals, self.history = SweepPlot(), Signals(board), History()
        self.cavity = CavityBar()
        self.cavity.setVisible(board.name == virtual_cavity.NAME)
        self.demonstration = Demonstration(board, self.refresh, self.calibrate, self.lock, self)
        self._notifier = Notifier(self)
        self._begun = self._measuring = self._calibrating = False
        self._scope = threading.Lock()  # a calibration waits for the end of a measurement
        self._lay_out()
        self._looking = QTimer(self)
        self._looking.setSingleShot(True)
        self._looking.setInterval(LOOK_MILLISECONDS)
        self._looking.timeout.connect(self.refresh)
        self._sweeping = QTimer(self)
        self._sweeping.setInterval(SWEEP_MILLISECONDS)
        self._sweeping.timeout.connect(self._measure)
        self._connect()

    def open(self) -> None:
        """Read the lockbox and its history, and follow both."""
        self.board.changes.connect(self._changed)
        self.board.state_changed.connect(self._link_changed)
        self.board.connected.connect(self._begin)
        self._sweeping.start()
        if self.board.state not in (CONNECTING, FAILED):
            self._begin()

    def close_page(self) -> None:
        """Follow no longer; a virtual cavity that this page lets the daemon watch is watched no longer."""
        self._sweeping.stop()
        self._looking.stop()
        self._notifier.close()
        self.demonstration.close_watch()

    def refresh(self) -> None:
        """Read the lockbox and its watch, and show them."""
        self.board.ask(look, self._show)
        self.board.ask(watch_of, self.watch.show_job)

    def calibrate(self, done: Callable[[Any], object] = lambda _: None) -> None:
        """Calibrate all inputs, and show the sweep of each."""
        self._calibrating = True
        self.controls.say("calibrating…")

        def work(_: Any) -> list[Sweep]:
            try:
                with self._scope, connect(self.board.name) as own:  # as in `_measure`
                    return [measure(own, name) for name in calibrate(own)]
            finally:
                self.board.post(self._calibrated)

        def show(sweeps: list[Sweep]) -> None:
            for sweep in sweeps:
                self.sweep.show_sweep(sweep)
            self.controls.say("calibrated")
            done(sweeps)

        self.board.ask_long(work, show)

    def lock(self, done: Callable[[Any], object] = lambda _: None) -> None:
        """Execute all stages; `done(locked)` when they are over."""
        self.controls.say("locking…")

        def show(locked: bool) -> None:
            self.controls.say("locked" if locked else "not locked: the sequence ended without a lock")
            done(locked)

        self.board.ask_long(lambda p: p.lockbox.lock(), show)

    def _begin(self) -> None:
        """Subscribe and read, once the session with the board has begun."""
        if not self._begun:
            self._begun = True
            self.board.ask(self._subscribe)
            self.refresh()
            self._read_history()

    def _press(self, button: str) -> None:
        if button == "calibrate":
            self.calibrate()
        elif button == "lock":
            self.lock()
        else:  # beside a lock that is being acquired, which it ends
            self.board.ask_long(lambda p: getattr(p.lockbox, button)(), lambda _: self.refresh())

    def _set_setpoint(self, value: float) -> None:
        self._change(lambda p: set_setpoint(p.lockbox, value))

    def _edit(self, number: int, name: str, value: Any) -> None:
        if name == "setpoint" and self.seen is not None and number == len(self.seen.stages) - 1:
            self._set_setpoint(value)  # at which the loop is now
        else:
            self._change(lambda p: setattr(p.lockbox.sequence[number], name, value))

    def _change(self, function: Callable[[Any], Any]) -> None:
        """Change the lockbox, and show what it is like then, also where it was refused."""

        def work(p: Any) -> None:
            try:
                function(p)
            finally:
                self.board.post(self.refresh)

        self.board.ask(work)

    def _subscribe(self, p: Any) -> None:
        p.on_lock(lambda event: self.board.post(lambda: self._lock_event(event)))

    def _lock_event(self, event: LockEvent) -> None:
        self.history.add(event)
        self.board.ask(watch_of, self.watch.show_job)
        message = message_of(self.board.name, event)
        if message is not None and self.watch.notify.isChecked():
            self._notifier.tell(*message)
            self.told.emit(*message)

    def _read_history(self, *_: Any) -> None:
        since = time.time() - self.history.span
        self.board.ask(lambda p: p.lock_history(since=since, limit=MOST_EVENTS), self.history.show_history)

    def _read_trace(self, event: LockEvent) -> None:
        if event.trace is not None:
            self.history.show_trace(event)
            return

        def read(p: Any) -> LockEvent:
            # the events that arrive as they happen have no trace
            near = p.lock_history(since=event.time - 0.001, until=event.time + 0.001)
            return next((one for one in near if one.kind == event.kind), event)

        self.board.ask(read, self.history.show_trace)

    def _start_watch(self, options: dict[str, Any]) -> None:
        self.board.ask(lambda p: p.watch_lock(**options), lambda _: self.refresh())

    def _end_watch(self) -> None:
        self.board.ask(lambda p: p.unwatch_lock(), lambda _: self.refresh())

    def _changed(self, changes: list[Change]) -> None:
        for change in changes:
            if change.module == "lockbox" and change.name == "current_state":
                self._show_state(change.value, self.seen.status if self.seen else False)
            elif change.module == "lockbox" and change.name == "lock_status":
                self._show_state(self.seen.state if self.seen else "unlock", change.value)
            elif change.module.partition(".")[0] == "lockbox" and not self._looking.isActive():
                self._looking.start()

    def _show_state(self, state: Any, status: bool) -> None:
        if self.seen is not None:
            self.seen = Seen(**{**vars(self.seen), "state": state, "status": status})
        self.controls.show_state(state, status)
        self.stages.show_state(state)

    def _link_changed(self, state: str, _: str) -> None:
        if state == UP and self._begun:
            self.refresh()
            self._read_history()

    def _show(self, seen: Seen) -> None:
        self.seen = seen
        self.controls.show_seen(seen)
        self.stages.show_seen(seen)
        self.sweep.set_inputs(seen.inputs)
        self.signals.set_signals(seen.signals)

    def _calibrated(self) -> None:
        self._calibrating = False
        self.refresh()

    def _measure(self) -> None:
        """Measure the sweep of the chosen input, while it is swept and shown."""
        name = self.sweep.input.currentText()
        sweeping = self.seen is not None and self.seen.state == SWEEPING and name
        if not sweeping or self._measuring or self._calibrating or not self.isVisible():
            return
        self._measuring = True

        def work(_: Any) -> Sweep:
            # proxies of its own, in the same session: while one of the scope exists, the scope counts as
            # used, and records no trace for the lock watch
            with self._scope, connect(self.board.name) as own:
                return measure(own, name)

        self.board.ask_long(work, self._measured, self._not_measured)

    def _measured(self, sweep: Sweep) -> None:
        self._measuring = False
        self.sweep.show_sweep(sweep)

    def _not_measured(self, error: Exception) -> None:
        self._measuring = False
        # it no longer sweeps, or somebody uses the scope
        if not isinstance(error, BadValue):
            reason = "the scope is in use" if isinstance(error, ModuleBusy) else str(error)
            self.sweep.say(f"not measured: {reason}")

    def _recolour(self, _: object) -> None:
        for part in (self.controls, self.sweep, self.signals, self.history):
            part.recolour()

    def _connect(self) -> None:
        self.controls.pressed.connect(self._press)
        self.controls.setpoint_wanted.connect(self._set_setpoint)
        self.stages.edited.connect(self._edit)
        self.watch.wanted.connect(self._start_watch)
        self.watch.unwanted.connect(self._end_watch)
        self.history.span_chosen.connect(self._read_history)
        self.history.loss_chosen.connect(self._read_trace)
        self.cavity.again.connect(self.demonstration.begin)
        self.cavity.pushed.connect(self.demonstration.push)
        self.demonstration.said.connect(self.cavity.text.setText)
        theme.theme().changed.connect(self._recolour)

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        above: list[QWidget] = [self.controls, self.stages, self.watch, self.history.summary]
        for part in above:
            column.addWidget(part)
        column.addWidget(self.history.events, 1)
        scroll = QScrollArea()
        scroll.setWidget(left)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFixedWidth(LEFT_CHARACTERS * self.fontMetrics().averageCharWidth())
        right = QSplitter(Qt.Orientation.Vertical)
        for number, one in enumerate((self.sweep, self.signals, self.history)):
            right.addWidget(one)
            right.setStretchFactor(number, SHARES[number])
            right.setCollapsible(number, False)
        right.setSizes([100 * share for share in SHARES])
        line = QHBoxLayout()
        line.addWidget(scroll)
        line.addWidget(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.cavity)
        layout.addLayout(line, 1)
