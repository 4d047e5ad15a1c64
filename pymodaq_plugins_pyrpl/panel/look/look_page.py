"""`LookPage`: what the pages of scope, spectrum analyser and network analyser have in common."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from pyrpl_remote import Change, CurveFrame

from ..open_board import UP, OpenBoard, made_here
from ..page import Page
from . import export
from .acquisition import CONTINUOUS, Acquisition
from .actions import Actions
from .canvas import Canvas
from .curves import Curves
from .settings_form import Group, SettingsForm
from .status_line import StatusLine
from .stream import RUNNING_STATE, Stream

STATE_MILLISECONDS = 1000
"""How often the status line shows the rate of curves."""


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
        self._watched = False
        self.form = SettingsForm(self.groups, self.own_settings())
        self.form.edited.connect(self.set_value)
        self.canvas = Canvas(self.plot_names, self.is_logarithmic)
        self.acquisition = Acquisition(board, self.module, self.conflict, self._listen)
        self.acquisition.changed.connect(self._show_state)
        self.acquisition.said.connect(self.say)
        self.status = StatusLine(self.acquisition)
        self._side = QWidget()
        self.keys = Actions(self._side, len(self.plot_names))
        names = list(dict.fromkeys([*self.form.names, *self.needed]))
        self.stream = Stream(
            board,
            names,
            self.derived,
            self.curves,
            lambda: self.canvas.view,
            self._draw_newest,
            self._changed,
        )
        self._lay_out()
        self._rates = QTimer(self)
        self._rates.setInterval(STATE_MILLISECONDS)
        self._rates.timeout.connect(self._show_state)
        board.state_changed.connect(self._board_state)
        self._show_state()

    # what a subclass says

    def module(self, p: Any) -> Any:
        """The proxy of the page's module."""

    def curves(self, frame: CurveFrame, settings: Mapping[str, Any], taken: float) -> Curves | None:
        """What is shown of a frame that was taken with these settings; None if nothing. In any thread."""

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
        self.board.at_end(lambda p: self.stream.close())

    def showEvent(self, event: QShowEvent) -> None:  # Qt's name
        """Take curves as long as the page is seen."""
        super().showEvent(event)
        self._watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # Qt's name
        """A page that is not seen needs no curves."""
        super().hideEvent(event)
        self._watch(False)

    def say(self, text: str) -> None:
        """Tell something in the status line."""
        if text:
            self.status.remark(text)
            self._show_state()

    def set_value(self, name: str, value: Any) -> None:
        """Set an attribute of the module, as the user has entered it."""

        def write(p: Any) -> None:
            try:
                setattr(self.module(p), name, value)
            except Exception:  # whatever it is: the form shows the old value, the error bar the error
                self.board.post(lambda: self.form.show_values(self.settings))
                raise

        self.board.ask(write)

    def export_to(self, file: Path) -> None:
        """Write what is shown to a file, in the background."""
        drawn = self.canvas.drawn
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
        self.keys.run.triggered.connect(self.acquisition.toggle)
        self.keys.single.triggered.connect(self.acquisition.single)
        self.keys.peak.triggered.connect(self._peak)
        self.keys.fit.triggered.connect(self.canvas.fit)
        self.keys.export.triggered.connect(self._ask_for_file)
        self.keys.move(self.canvas.cursors)
        layout = QVBoxLayout(self._side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.keys.bar)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.status)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.addWidget(self._side, 1)
        whole.addWidget(self.form)
        self.setFocusProxy(self.canvas)

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

    def _listen(self, p: Any) -> None:
        self.stream.watch(self.module(p), True)

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
            self.canvas.hide_lost()
            if self.form.editors:
                self.acquisition.come_back()
                self.board.ask(lambda p: self.stream.open(self.module(p)), self._show_settings)
                self._watch(self.isVisible())
            else:
                self._begin()
        else:
            text = f"The board {self.board.name} cannot be used: {state}"
            self.canvas.show_lost(f"{text}\n{reason}" if reason else text, state)
        self._show_state()

    # what is shown

    def _draw_newest(self) -> None:
        drawn = self.stream.take()
        if drawn is None or self.acquisition.held or self.board.state != UP:
            return
        self.status.frames += 1
        self.canvas.draw(drawn)
        self.acquisition.frame_shown()

    def is_logarithmic(self, curves: Curves) -> bool:
        """Whether the abscissa of these curves is logarithmic."""
        return False

    def _peak(self) -> None:
        if self.canvas.drawn is not None:
            self.keys.cursors.setChecked(True)
            self.canvas.peak()

    def _ask_for_file(self) -> None:
        if self.canvas.drawn is None:
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
        actions = self.keys
        actions.run.setChecked(ours or (running and not acquisition.held))
        actions.run.setText(
            "Stop" if ours else ("Follow" if acquisition.held else "Hold") if running else "Run"
        )
        actions.single.setChecked(acquisition.single_runs)
        for action in (actions.run, actions.single):
            action.setEnabled(up)
        drawn = self.canvas.drawn
        note = "" if drawn is None else drawn.curves.note
        self.status.show_state("" if up else self.board.state, note)

    def _is_ours(self, who: str) -> bool:
        """Whether a change needs no remark: this page's user has made it, or PyRPL itself."""
        return who == "PyRPL" or made_here(who)


def labelled_inputs(names: Sequence[str]) -> list[str]:
    """Names of channels with their inputs, as "Ch1 in1"."""
    return [f"Ch{number} {name}" for number, name in enumerate(names, 1)]
