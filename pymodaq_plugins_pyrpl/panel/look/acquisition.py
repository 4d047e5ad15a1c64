"""`Acquisition`: runs, holds and stops the acquisition of one module, which other programs may use too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from qtpy.QtCore import QObject, Signal

from pyrpl_remote.errors import AcquisitionCancelled

from ..open_board import UP, OpenBoard

CONTINUOUS, SINGLE, STOPPED = "running_continuous", "running_single", "stopped"
"""PyRPL's names of the states."""

FRESH = 2
"""How many frames of a running acquisition a single shot waits for: the first may have begun before it."""

Module = Callable[[Any], Any]
"""Returns the proxy of a module, of the proxy of a board."""


class Acquisition(QObject):
    """The acquisition of one module, as the page sees it.

    A continuous acquisition is started only where nothing runs, and only one that was started here is
    stopped. Signals: `changed()`, when `running`, `started` or `held` has changed; `said(text)`, what the
    user shall know.

    Attributes: `running`: PyRPL's running state; `started`: what runs was started here; `held`: the page
    shows its last curves although others run.
    """

    changed = Signal()
    said = Signal(str)

    def __init__(
        self,
        board: OpenBoard,
        module: Module,
        conflict: Callable[[Any], str],
        listen: Callable[[Any], None],
    ):
        """`conflict(p)` says what a start would disturb, "" if nothing. `listen(p)` lets the curves come.

        Neither runs in the window's thread.
        """
        super().__init__()
        self._board = board
        self._module = module
        self._conflict = conflict
        self._listen = listen
        self._warned = False
        self._future: Any = None
        self._count = 0
        self.running = STOPPED
        self.started = False
        self.held = False

    @property
    def single_runs(self) -> bool:
        """Whether a single acquisition of this page is under way."""
        return self._future is not None or self._count > 0

    def toggle(self) -> None:
        """Run, or stop what was started here; where somebody else's runs, hold the display or go on."""
        if self.single_runs:
            self._end_single()
        elif self.running == CONTINUOUS and self.started:
            self._board.ask(self._stop, lambda _: self._set(started=False))
        elif self.running == CONTINUOUS:
            self._set(held=not self.held)
            self.said.emit("held; the acquisition goes on" if self.held else "follows what runs")
        else:
            self._board.ask(self._start, self._answered)

    def single(self) -> None:
        """Take one curve. Where somebody else's acquisition runs, it is the next one of that."""
        if self.single_runs:
            self._end_single()
        elif self.running == CONTINUOUS and not self.started:
            self._count = FRESH
            self._set(held=False)
        else:
            self._set(held=False)
            self._board.ask_long(self._single, self._answered)

    def frame_shown(self) -> None:
        """A frame was shown: a single shot of somebody else's acquisition may be complete."""
        if self._count:
            self._count -= 1
            if not self._count:
                self._set(held=True)
                self.said.emit("one curve of the running acquisition, which goes on")

    def follow(self, running: str, who: str) -> None:
        """PyRPL's running state may have changed; `who` has caused it, "" for this page or PyRPL itself."""
        if running == self.running:
            return
        self.running = running
        if running != CONTINUOUS:
            self._count = 0
            self.held = False
        if self._board.state == UP and running == STOPPED and self.started:
            # where a setting is changed PyRPL may stop for a moment: what counts is the state after that
            self._board.ask(
                lambda p: self._module(p).running_state, lambda now: self._stopped(now, who), _ignore
            )
        elif who and running in (CONTINUOUS, STOPPED):
            self.said.emit(f"{'started' if running == CONTINUOUS else 'stopped'} by {who}")
        self.changed.emit()

    def come_back(self) -> None:
        """The board is back: start again what was started here."""
        if self.started:
            self._board.ask(self._start_again, lambda running: self.follow(running, ""))
        else:
            self._board.ask(
                lambda p: self._module(p).running_state, lambda running: self.follow(running, ""), _ignore
            )

    def release(self, p: Any) -> None:
        """Stop what was started here, and nothing else. In the board's thread, when the page is closed."""
        future, self._future = self._future, None
        if future is not None:
            future.cancel()
        if self.started:
            self._stop(p)

    def _start(self, p: Any) -> str:
        """Start the continuous acquisition; returns what it would disturb, if it is not started for that."""
        module = self._module(p)
        running = module.running_state
        if running == CONTINUOUS:
            return "follows the acquisition that somebody has started meanwhile"
        busy = "" if running == STOPPED else f"another program's acquisition is {running.replace('_', ' ')}"
        if conflict := self._refusal(busy or self._conflict(p)):
            return conflict
        module.continuous()
        self.started = True
        return ""

    def _refusal(self, conflict: str) -> str:
        """What to say where a start would disturb somebody, at the first time; "" where it may begin."""
        self._warned = bool(conflict) and not self._warned
        return (
            f"{conflict}. Nothing was started; the same once more does it all the same"
            if self._warned
            else ""
        )

    def _answered(self, text: str) -> None:
        if text:
            self.said.emit(text)
        self.changed.emit()

    def _start_again(self, p: Any) -> str:
        module = self._module(p)
        # whatever its state says: an access to the lost board has ended PyRPL's acquisition, not its state
        module.continuous()
        return str(module.running_state)

    def _stop(self, p: Any) -> None:
        module = self._module(p)
        if module.running_state == CONTINUOUS:
            module.stop()

    def _stopped(self, now: str, who: str) -> None:
        if now != CONTINUOUS:
            self._set(started=False)
            if who:
                self.said.emit(f"stopped by {who}")

    def _single(self, p: Any) -> str:
        """Take one curve; returns what came of it."""
        module = self._module(p)
        if conflict := self._refusal(self._conflict(p)):
            return conflict
        if self.started:
            self._stop(p)
            self.started = False
        self._listen(p)  # else its curve might come before anybody takes it
        future = self._future = module.single_async()
        self._board.post(self.changed.emit)
        try:
            future.result()
        except (CancelledError, AcquisitionCancelled):
            return "the single acquisition was ended"
        finally:
            self._future = None
            self._board.post(self.changed.emit)
        return "one curve"

    def _end_single(self) -> None:
        self._count = 0
        if (future := self._future) is not None:
            self._board.ask(lambda _: future.cancel())
        self.changed.emit()

    def _set(self, **values: bool) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.changed.emit()


def _ignore(error: Exception) -> None:
    """The state of a board that is lost is read again when it is back."""
