"""`LookPage`: what the pages of scope, spectrum analyser and network analyser have in common."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QSplitter, QToolBar, QVBoxLayout, QWidget

from pyrpl_remote import Change, CurveFrame

from ..open_board import UP, OpenBoard
from ..page import Page
from . import export
from .acquisition import CONTINUOUS, SINGLE, Acquisition
from .cursors import Cursors
from .curves import Curves
from .plot import CurvePlot
from .readings import as_table
from .reduction import View
from .settings_form import Group, SettingsForm
from .stream import RUNNING_STATE, Drawing, Stream, drawing

READ_MILLISECONDS = 100
"""How often the cursors' table is read again while curves come."""

RATE_MILLISECONDS = 1000
"""Over which time the rate in the status line is counted."""

LINES = 2
"""How many of the last remarks the status line keeps."""


class LookPage(Page):
    """A page that shows the curves of one module, with the settings and actions that one needs at hand.

    A subclass has the `module_name`, as "scope"; `groups` of settings; `needed`: other settings on which a
    curve depends; `derived`: which settings PyRPL changes silently with one; `plot_names`, one for each plot;
    and `curves`, which makes what is shown of a frame.
    """

    module_name: ClassVar[str]
    groups: ClassVar[tuple[Group, ...]]
    needed: ClassVar[tuple[str, ...]] = ()
    derived: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    plot_names: ClassVar[tuple[str, ...]]

    def __init__(self, board: OpenBoard, parent: QWidget | None = None):
        super().__init__(board, parent)
        self.settings: dict[str, Any] = {}
        self.drawn: Drawing | None = None
        self.shown_frames = 0
        self._watched = False
        self._remarks: list[str] = []
        self.form = SettingsForm(self.groups, self.own_settings())
        self.form.edited.connect(self.set_value)
        self.plots = [CurvePlot() for _ in self.plot_names]
        for plot in self.plots:
            plot.getViewBox().sigRangeChangedManually.connect(self._zoomed)
        for plot in self.plots[1:]:
            plot.setXLink(self.plots[0])
        self.plots[0].range_changed.connect(self._redraw)
        self.cursors = Cursors(self.plots)
        self.cursors.moved.connect(self._read)
        self.acquisition = Acquisition(board, self.module, self.conflict)
        self.acquisition.changed.connect(self._show_state)
        self.acquisition.said.connect(self.say)
        names = list(dict.fromkeys([*self.form.names, *self.needed]))
        self.stream = Stream(
            board, names, self.derived, self.curves, self.view, self._draw_newest, self._changed
        )
        self._view = View(-np.inf, np.inf, 1000)
        self._lay_out()
        self._reader = QTimer(self)
        self._reader.setSingleShot(True)
        self._reader.setInterval(READ_MILLISECONDS)
        self._reader.timeout.connect(self._read)
        self._rates = QTimer(self)
        self._rates.setInterval(RATE_MILLISECONDS)
        self._rates.timeout.connect(self._show_state)
        self._counted = 0, time.monotonic()
        board.state_changed.connect(self._board_state)
        self._show_state()

    # what a subclass says

    def module(self, p: Any) -> Any:
        """The proxy of the page's module."""
        raise NotImplementedError

    def curves(self, frame: CurveFrame, settings: Mapping[str, Any], taken: float) -> Curves | None:
        """What is shown of a frame that was taken with these settings; None if nothing. In any thread."""
        raise NotImplementedError

    def conflict(self, p: Any) -> str:
        """What a start would disturb, "" if nothing. In the board's thread."""
        return ""

    def own_settings(self) -> dict[str, QWidget]:
        """Widgets of the page's own, by the name that stands beside them."""
        return {}

    def settings_shown(self) -> None:
        """The settings have changed: show what follows from them."""

    # a page of an open board

    def open(self) -> None:
        """Follow the module, and show its settings and curves."""
        if self.board.state == UP:
            self._begin()
        else:
            self._board_state(self.board.state, self.board.reason)

    def close_page(self) -> None:
        """Stop what was started here, and nothing else."""
        self._rates.stop()
        self.board.at_end(self.acquisition.release)

    def showEvent(self, event: QShowEvent) -> None:  # Qt's name
        """Take curves as long as the page is seen."""
        super().showEvent(event)
        self._watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # Qt's name
        """A page that is not seen needs no curves."""
        super().hideEvent(event)
        self._watch(False)

    def view(self) -> View:
        """The part of the abscissa that is seen, and on how many pixels. From any thread."""
        return self._view

    def say(self, text: str) -> None:
        """Tell something in the status line."""
        if text:
            self._remarks = [*self._remarks, f"{time.strftime('%H:%M:%S')} {text}"][-LINES:]
            self._show_state()

    def set_value(self, name: str, value: Any) -> None:
        """Set an attribute of the module, as the user has entered it."""

        def write(p: Any) -> None:
            try:
                setattr(self.module(p), name, value)
            except Exception:
                self.board.post(lambda: self.form.show_values(self.settings))
                raise

        self.board.ask(write)

    def export_to(self, file: Path) -> None:
        """Write what is shown to a file, in the background."""
        drawn = self.drawn
        if drawn is None:
            self.say("there is no curve yet to export")
            return

        def write() -> None:
            try:
                export.save(file, drawn.curves, self.board.name, self.module_name)
            except (OSError, ValueError) as error:
                text = f"not exported: {error}"
            else:
                text = f"exported to {file}"
            self.board.post(lambda: self.say(text))

        threading.Thread(target=write, name="panel export").start()

    # how it is laid out

    def _lay_out(self) -> None:
        # the keys are those of the plots' side: in the form they are typed, and Space ticks a box
        left = self._left = QWidget()
        bar = QToolBar()
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.run = self._action(
            bar, "Run", "Space", "Start the acquisition, or stop it if it was started here.", True
        )
        self.run.triggered.connect(self.acquisition.toggle)
        self.single = self._action(bar, "Single", "S", "Take one curve, then hold it.", True)
        self.single.triggered.connect(self.acquisition.single)
        bar.addSeparator()
        self.cursor_action = self._action(
            bar,
            "Cursors",
            "C",
            "Show or hide two vertical and two horizontal lines. The keys 1 and 2 choose a vertical one, "
            "3 and 4 (5 and 6 in the second plot) a horizontal one; the arrow keys move it, with Shift far.",
            True,
        )
        self.cursor_action.toggled.connect(self.cursors.show)
        self.peak_action = self._action(
            bar, "Peak", "P", "Move cursor A to the highest point of the first curve."
        )
        self.peak_action.triggered.connect(self._peak)
        self.fit_action = self._action(bar, "Fit", "F", "Show all of the curves again.")
        self.fit_action.triggered.connect(self._fit)
        bar.addSeparator()
        self.export_action = self._action(bar, "Export…", "E", "Write all points to a CSV or npz file.")
        self.export_action.triggered.connect(self._ask_for_file)
        for number in range(2 + 2 * len(self.plots)):
            self._key(str(number + 1), lambda number=number: self.cursors.choose(number))
        for keys, steps in (("Left", -1), ("Right", 1), ("Down", -1), ("Up", 1)):
            self._key(keys, lambda steps=steps: self._step(steps))
            self._key(f"Shift+{keys}", lambda steps=steps: self._step(10 * steps))

        self.readings = QLabel()
        self.readings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.readings.setToolTip("What the cursors A and B read: of each curve, and of the horizontal lines")
        self.readings.hide()
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setToolTip("What runs, who started it, and what others have changed")
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(bar)
        if len(self.plots) == 1:
            layout.addWidget(self.plots[0], 1)
        else:
            splitter = QSplitter(Qt.Orientation.Vertical)
            for plot in self.plots:
                splitter.addWidget(plot)
                plot.getAxis("left").setWidth(62)  # so that both abscissae stand below each other
            layout.addWidget(splitter, 1)
        layout.addWidget(self.readings)
        layout.addWidget(self.status)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.addWidget(left, 1)
        whole.addWidget(self.form)
        self.setFocusProxy(self.plots[0])

    def _action(self, bar: QToolBar, text: str, keys: str, tip: str, checkable: bool = False) -> QAction:
        action = QAction(text, self)
        action.setCheckable(checkable)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{tip} Key: {keys}")
        self._left.addAction(action)
        bar.addAction(action)
        return action

    def _key(self, keys: str, function: Any) -> None:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: function())
        self._left.addAction(action)

    # what happens on the board

    def _begin(self) -> None:
        self.board.ask(self._read_module, self._show_module)
        self._watch(self.isVisible())

    def _read_module(self, p: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[Any]]]:
        module = self.module(p)
        values = self.stream.open(module)
        attributes = module.description().attributes
        names = [name for name in self.form.names if attributes[name].kind in ("select", "filter")]
        return values, attributes, {name: module.options_of(name) for name in names}

    def _show_module(self, found: tuple[dict[str, Any], dict[str, Any], dict[str, list[Any]]]) -> None:
        values, attributes, options = found
        self.form.build(attributes, options)
        self._show_settings(values)
        self.acquisition.follow(values[RUNNING_STATE], "")
        self._rates.start()

    def _watch(self, wanted: bool) -> None:
        if self.board.state == UP and wanted != self._watched:
            self._watched = wanted
            self.board.ask(lambda p: self.stream.watch(self.module(p), wanted))

    def _changed(self, change: Change, settings: Mapping[str, Any]) -> None:
        self._show_settings(settings)
        who = "" if self._is_ours(change.who) else change.who
        title = next((group.names[change.name] for group in self.groups if change.name in group.names), "")
        if title and who:
            self.say(f"{title.lower()} set by {who}")
        self.acquisition.follow(settings[RUNNING_STATE], who)

    def _show_settings(self, values: Mapping[str, Any]) -> None:
        self.settings = {name: value for name, value in values.items() if name != RUNNING_STATE}
        self.form.show_values(self.settings)
        self.settings_shown()

    def _board_state(self, state: str, reason: str) -> None:
        if state == UP:
            for plot in self.plots:
                plot.hide_lost()
            if self.form.editors:
                self.acquisition.come_back()
                self.board.ask(lambda p: self.stream.open(self.module(p)), self._show_settings)
            else:
                self._begin()
        else:
            text = f"The board {self.board.name} cannot be used: {state}"
            self.plots[0].show_lost(f"{text}\n{reason}" if reason else text)
            for plot in self.plots[1:]:
                plot.show_lost(state)
        self._show_state()

    # what is shown

    def _draw_newest(self) -> None:
        drawn = self.stream.take()
        if drawn is None or self.acquisition.held or self.board.state != UP:
            return
        self.drawn = drawn
        self.shown_frames += 1
        self._draw(drawn, fresh=True)
        self.acquisition.frame_shown()
        if self.cursors.visible and not self._reader.isActive():
            self._reader.start()

    def show_curves(self, curves: Curves) -> None:
        """Show curves that were made again, of the last frame."""
        self.drawn = drawing(curves, self._view)
        self._draw(self.drawn, fresh=False)
        self._read()

    def _draw(self, drawn: Drawing, fresh: bool) -> None:
        curves = drawn.curves
        log = self.is_logarithmic(curves)
        extent = extent_of(curves.x, log)
        for plot, name, traces, lines in zip(self.plots, self.plot_names, curves.plots, drawn.lines):
            before = plot.log
            plot.set_axes(curves.x_label, curves.x_unit, name, traces[0].unit, log)
            plot.draw([trace.label for trace in traces], lines, extent, fresh)
            if before != log:
                self.cursors.follow_axis()
        self._view = self.plots[0].view()

    def is_logarithmic(self, curves: Curves) -> bool:
        """Whether the abscissa of these curves is logarithmic."""
        return False

    def _redraw(self) -> None:
        """The user sees another part of the last curves, or the window has another size."""
        view = self.plots[0].view()
        if view == self._view:
            return
        self._view = view
        if self.drawn is not None:
            self._draw(drawing(self.drawn.curves, view), fresh=False)

    def _fit(self) -> None:
        for plot in self.plots:
            plot.fit()

    def _zoomed(self, *_: object) -> None:
        for plot in self.plots:
            plot.fitting = False

    def _peak(self) -> None:
        if self.drawn is not None:
            self.cursor_action.setChecked(True)
            self.cursors.peak(self.drawn.curves)

    def _step(self, steps: int) -> None:
        if self.cursors.visible:
            self.cursors.step(steps)

    def _read(self) -> None:
        visible = self.cursors.visible and self.drawn is not None
        if visible and self.drawn is not None:
            self.readings.setText(as_table(self.cursors.read(self.drawn.curves)))
        self.readings.setVisible(visible)

    def _ask_for_file(self) -> None:
        if self.drawn is None:
            self.say("there is no curve yet to export")
            return
        name = f"{self.board.name.replace('@', '-')}-{self.module_name}-{time.strftime('%Y%m%d-%H%M%S')}"
        dialog = QFileDialog(self, "Export", name, "CSV (*.csv);;NumPy (*.npz)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("npz" if "npz" in chosen else "csv")
        )
        dialog.fileSelected.connect(lambda file: self.export_to(Path(file)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _show_state(self) -> None:
        acquisition, up = self.acquisition, self.board.state == UP
        running = acquisition.running == CONTINUOUS
        ours = running and acquisition.started
        self.run.setChecked(ours or (running and not acquisition.held))
        self.run.setText("Stop" if ours else ("Follow" if acquisition.held else "Hold") if running else "Run")
        self.single.setChecked(acquisition.single_runs)
        for action in (self.run, self.single):
            action.setEnabled(up)
        if not up:
            state = self.board.state
        elif acquisition.held:
            state = "Held; the acquisition, which somebody else has started, goes on"
        elif ours:
            state = "Runs, started here"
        elif running:
            state = "Runs, started by somebody else: it goes on when this page is closed"
        elif acquisition.running == SINGLE or acquisition.single_runs:
            state = "Takes one curve"
        else:
            state = acquisition.running.replace("_", " ").capitalize()
        frames, since = self._counted
        now = time.monotonic()
        if now - since >= 0.9 * RATE_MILLISECONDS / 1000:
            self._rate = (self.shown_frames - frames) / (now - since)
            self._counted = self.shown_frames, now
        facts = [state]
        if running and not acquisition.held:
            facts.append(f"{self._rate:.3g} frames/s")
        if self.drawn is not None and self.drawn.curves.note:
            facts.append(self.drawn.curves.note)
        self.status.setText("  ·  ".join([*facts, *self._remarks]))

    _rate = 0.0

    def _is_ours(self, who: str) -> bool:
        """Whether a change needs no remark: this page's user has made it, or PyRPL itself."""
        return who == "PyRPL" or (
            f"(pid {os.getpid()}, " in who and who.endswith(f" at {socket.gethostname()})")
        )


def extent_of(x: np.ndarray, log: bool) -> tuple[float, float]:
    """The first and the last point of an abscissa that can be shown."""
    if log:
        x = x[np.searchsorted(x, 0.0, side="right") :]
    return (float(x[0]), float(x[-1])) if len(x) else (0.0, 1.0)


def labelled_inputs(names: Sequence[str]) -> list[str]:
    """Names of channels with their inputs, as "Ch1 in1"."""
    return [f"Ch{number} {name}" for number, name in enumerate(names, 1)]
