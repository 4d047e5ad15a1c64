"""`History`: a lock over minutes to days as a strip of colours, its events, the trace before a loss."""

from __future__ import annotations

import time
from typing import Any

import pyqtgraph as pg
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from pyrpl_remote import LockEvent, LockHistory
from pyrpl_remote import lock_history as kinds

from .. import theme
from .timeline import LOCKED, LOST, RELOCKING, STATES, UNLOCKED, Stretch, stretches

SPANS = {"10 min": 600.0, "1 h": 3600.0, "24 h": 86400.0, "7 d": 7 * 86400.0}
"""How much time can be shown, in s."""

MOST_EVENTS = 1000
"""How many events the list shows, the latest ones."""

NEAR_SHARE = 0.02
"""How near to a loss a click must be, as a share of the time that is shown."""

TICK_MILLISECONDS = 1000
"""How often the strip goes on."""


class History(QWidget):
    """The strip and the trace; `summary` and `events` are widgets of their own, for another place.

    `told_of`: the loss whose trace is shown, or of which it was said that it has none.

    Signals: `span_chosen(seconds)`, `loss_chosen(LockEvent)`: its trace is wanted.
    """

    span_chosen = Signal(float)
    loss_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.span = SPANS["10 min"]
        self.history: LockHistory | None = None
        self._drawn: list[Stretch] = []
        self.told_of: LockEvent | None = None
        self._bars: list[pg.BarGraphItem] = []
        self.summary = QLabel("the lock was never watched")
        self.summary.setWordWrap(True)
        self.summary.setToolTip("What the history of this time adds up to")
        self.legend = QLabel()
        self.legend.setToolTip("The colours of the strip")
        self.strip = self._make_strip()
        self.events = QListWidget()
        self.events.setToolTip("What happened, the latest first; Enter on a loss shows the trace before it")
        self.events.setAccessibleName("Events of the lock")
        self.events.itemActivated.connect(self._activate)
        self.events.currentItemChanged.connect(lambda item, _: self._activate(item))
        self.trace = self._make_trace()
        self.caption = QLabel()
        self.caption.setToolTip("When the lock was lost, and the colours of the trace")
        self._hint = QLabel("Click a loss in the strip, or choose it in the list, for the trace before it")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self._draw)
        self._timer.start()
        self.recolour()

    def show_history(self, history: LockHistory) -> None:
        """Show a history that was read for the present span."""
        self.history = history
        self._list()
        self._summarize()
        self._draw()

    def add(self, event: LockEvent) -> None:
        """Add an event that has just happened."""
        old = self.history
        now = time.time()
        if old is None:
            self.show_history(LockHistory([event], now - self.span, now))
        else:
            self.show_history(
                LockHistory(
                    [*old, event], old.since, now, old.watched_before, old.locked_before, old.left_out
                )
            )

    def show_trace(self, event: LockEvent) -> None:
        """Show what the scope saw before a loss."""
        self.told_of = event
        when = time.strftime("%H:%M:%S", time.localtime(event.time))
        if event.trace is None:
            self._say(f"{when}: no trace, the scope was in use or just begun")
            return
        seconds, signal, output = event.trace
        self._signal.setData(seconds, signal)
        self._output.setData(seconds, output)
        signal, output = (f'<span style="color:{colour}">━</span>' for colour in theme.colours().curves[:2])
        self.caption.setText(f"before the loss at {when}: {signal} input {output} output")
        self._stack.setCurrentIndex(1)

    def recolour(self, *_: Any) -> None:
        """Use the theme's present colours."""
        shown = self._state_colours()
        self.legend.setText(
            "  ".join(f'<span style="color:{shown[state]}">■</span> {state}' for state in STATES)
        )
        curves = theme.colours().curves
        self._signal.setPen(pg.mkPen(curves[0], width=1.5))
        self._output.setPen(pg.mkPen(curves[1], width=1.5))
        self._drawn = []
        self._list()
        self._draw()
        if self.told_of is not None:
            self.show_trace(self.told_of)

    def _state_colours(self) -> dict[str, str]:
        present = theme.colours()
        return {
            LOCKED: present.good,
            RELOCKING: present.busy,
            LOST: present.bad,
            UNLOCKED: present.muted,
        }

    def _make_strip(self) -> pg.PlotWidget:
        strip = pg.PlotWidget(axisItems={"bottom": pg.DateAxisItem()})
        strip.setToolTip("The lock over time: click a loss for the trace before it")
        strip.setAccessibleName("History of the lock")
        strip.setMouseEnabled(x=False, y=False)
        strip.hideButtons()
        strip.setMenuEnabled(False)
        strip.setYRange(0, 1, padding=0)
        strip.hideAxis("left")
        strip.setFixedHeight(64)
        strip.scene().sigMouseClicked.connect(self._clicked)
        theme.theme().follow(strip)
        return strip

    def _make_trace(self) -> pg.PlotWidget:
        trace = pg.PlotWidget()
        trace.setToolTip("What the scope saw before the loss: the stage's input and the output")
        trace.setAccessibleName("Trace before a loss")
        trace.showGrid(x=True, y=True, alpha=0.2)
        trace.setLabel("bottom", "before the loss", units="s")
        trace.setLabel("left", "", units="V")
        self._signal = trace.plot(name="input")
        self._output = trace.plot(name="output")
        theme.theme().follow(trace)
        return trace

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.legend, 1)
        self.spans = QButtonGroup(self)
        for number, (text, seconds) in enumerate(SPANS.items(), 1):
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setChecked(seconds == self.span)
            button.setShortcut(f"Ctrl+{number}")
            button.setToolTip(f"Show the last {text} (Ctrl+{number})")
            button.clicked.connect(lambda _=False, seconds=seconds: self._choose(seconds))
            self.spans.addButton(button)
            line.addWidget(button)
        beside = QWidget()
        self._stack = QStackedLayout(beside)
        self._stack.addWidget(self._hint)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.caption)
        column.addWidget(self.trace, 1)
        self._stack.addWidget(shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(line)
        layout.addWidget(self.strip)
        layout.addWidget(beside, 1)

    def _choose(self, seconds: float) -> None:
        self.span = seconds
        self.span_chosen.emit(seconds)
        self._draw()

    def _draw(self) -> None:
        """Draw the strip up to now."""
        now = time.time()
        self.strip.setXRange(now - self.span, now, padding=0)
        if self.history is None:
            return
        shown = [one for one in stretches(self.history, now) if one.end > now - self.span]
        if shown == self._drawn:
            return
        self._drawn = shown
        for bar in self._bars:
            self.strip.removeItem(bar)
        self._bars = []
        for state, colour in self._state_colours().items():
            of_state = [one for one in shown if one.state == state]
            if of_state:
                bar = pg.BarGraphItem(
                    x0=[one.begin for one in of_state],
                    x1=[one.end for one in of_state],
                    y0=0,
                    height=1,
                    brush=colour,
                    # a line of its own, so that a short loss is seen in a week
                    pen=pg.mkPen(colour, width=2 if state in (LOST, RELOCKING) else 0),
                )
                self.strip.addItem(bar)
                self._bars.append(bar)

    def _list(self) -> None:
        if self.history is None:
            return
        present = theme.colours()
        colours = dict.fromkeys((kinds.LOST, kinds.GIVEN_UP, kinds.BOARD_LOST), present.bad)
        colours |= {kinds.LOCKED: present.good, kinds.RELOCKED: present.good, kinds.ATTEMPT: present.busy}
        self.events.blockSignals(True)
        self.events.clear()
        for event in list(self.history)[-MOST_EVENTS:][::-1]:
            when = time.strftime("%d.%m. %H:%M:%S", time.localtime(event.time))
            details = [event.reason, f"by {event.who}" if event.who else ""]
            item = QListWidgetItem(f"{when}  {event.kind}  {'  '.join(filter(None, details))}".rstrip())
            item.setToolTip(item.text())
            item.setForeground(QColor(colours.get(event.kind, present.text)))
            item.setData(Qt.ItemDataRole.UserRole, event)
            self.events.addItem(item)
        self.events.blockSignals(False)

    def _summarize(self) -> None:
        assert self.history is not None
        one = self.history.summary()
        if not len(self.history) and not self.history.watched_before:
            self.summary.setText("not watched in this time")
            return
        lines = [f"{one.losses} losses, {one.relocks} relocks"]
        if one.watched:
            lines.append(f"locked {one.locked_fraction:.1%}, longest {_long(one.longest)}")
        if one.last_reason:
            lines.append(f"last: {one.last_reason}")
        self.summary.setText("\n".join(lines))

    def _clicked(self, event: Any) -> None:
        if self.history is None:
            return
        when = self.strip.getViewBox().mapSceneToView(event.scenePos()).x()
        lost = [one for one in self.history if one.kind == kinds.LOST]
        if lost:
            nearest = min(lost, key=lambda one: abs(one.time - when))
            if abs(nearest.time - when) < NEAR_SHARE * self.span:
                self.loss_chosen.emit(nearest)

    def _activate(self, item: QListWidgetItem | None) -> None:
        event = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if event is not None and event.kind == kinds.LOST:
            self.loss_chosen.emit(event)

    def _say(self, text: str) -> None:
        self._hint.setText(text)
        self._stack.setCurrentIndex(0)


def _long(seconds: float) -> str:
    """A duration in its largest units."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
