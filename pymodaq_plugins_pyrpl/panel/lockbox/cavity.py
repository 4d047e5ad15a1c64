"""A virtual cavity to try: the button that starts it, and what is done with it before the user's eyes.

`TryCavity` is for a window without boards. It opens the board of `pyrpl_remote.virtual_cavity`, on whose page
`CavityBar` says what happens and has the second button, which pushes the cavity out of lock.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QWidget

from pyrpl_remote import connect, virtual_cavity
from pyrpl_remote.errors import JobError, PyrplRemoteError

from ..open_board import FAILED, OpenBoard
from ..parts import button, label

SWEPT_MILLISECONDS = 2000
"""How long the sweep is shown before it is calibrated."""

PAUSE_SECONDS = 2.0
"""Before the second attempt to lock again: a newcomer waits."""

TIP = "Start a virtual Red Pitaya with a cavity, sweep it, calibrate it and lock it. It needs no hardware"


class TryCavity(QWidget):
    """One button. `open_board(name, **parameters)` shows what it opens, and returns the board's tab."""

    def __init__(self, open_board: Callable[..., Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open_board = open_board
        self.button = button("Try a virtual &cavity", f"{TIP} (Alt+C)", self.begin)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        layout.addWidget(label("New here? It is locked before your eyes, and you push it out of lock."), 1)

    def begin(self) -> Any:
        """Open the virtual cavity and lock it; returns its tab."""
        tab = self._open_board(virtual_cavity.NAME, hostname="virtual", plant="cavity")
        tab.page("Lockbox").demonstration.begin()
        return tab


class CavityBar(QFrame):
    """Says what happens with the virtual cavity. Signals: `again()`, `pushed()`."""

    again = Signal()
    pushed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.text = label("This is a virtual cavity.", "What happens with the virtual cavity")
        self.begin = button(
            "&Begin again",
            "Set up the lockbox for the virtual cavity, sweep, calibrate and lock it (Alt+B)",
            self.again.emit,
        )
        self.push = button(
            "Push it &out of lock",
            "Kick the piezo half the way to the next resonance (Alt+O)",
            self.pushed.emit,
        )
        layout = QHBoxLayout(self)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.begin)
        layout.addWidget(self.push)


class Demonstration(QWidget):
    """Sets up, sweeps, calibrates and locks the virtual cavity, one after the other, and lets it be watched.

    `refresh()` is called when the lockbox was set up; `calibrate(done)` and `lock(done)` are those of the
    page, which shows their results; `done(result)` is called after them. Signal: `said(text)`.
    """

    said = Signal(str)

    def __init__(
        self,
        board: OpenBoard,
        refresh: Callable[[], object],
        calibrate: Callable[[Callable[[Any], object]], object],
        lock: Callable[[Callable[[Any], object]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.hide()
        self._board = board
        self._refresh, self._calibrate, self._lock = refresh, calibrate, lock
        self.watches = False
        """Whether it has started the lock watch."""
        board.state_changed.connect(self._link_changed)
        self._sweeping = QTimer(self)
        self._sweeping.setSingleShot(True)
        self._sweeping.setInterval(SWEPT_MILLISECONDS)
        self._sweeping.timeout.connect(self._calibrate_it)

    def begin(self) -> None:
        """Do it all; the calls wait for the session with the board."""
        self.said.emit("A virtual Red Pitaya is started, with a cavity between its outputs and inputs…")
        self._board.ask(_set_up, lambda _: self._sweep())

    def push(self) -> None:
        """Push it out of lock. The watch takes it again."""
        self.said.emit(
            "Pushed: the piezo was kicked half a resonance away. The lock watch takes the lock again."
        )
        self._board.ask(virtual_cavity.push)

    def close_watch(self) -> None:
        """End the watch that was started here, so that the daemon ends too. Never waits."""
        self._sweeping.stop()
        if self.watches:
            # not a daemon thread: the program may be about to end
            threading.Thread(target=_unwatch, args=(self._board.name,)).start()

    def _link_changed(self, state: str, reason: str) -> None:
        if state == FAILED:
            self.said.emit(f"It was not started: {reason}")

    def _sweep(self) -> None:
        self._refresh()
        self.said.emit(
            "The piezo is swept: the light shows the resonance, dashed is what PyRPL's model expects."
        )
        self._board.ask(lambda p: p.lockbox.sweep(), lambda _: self._sweeping.start())

    def _calibrate_it(self) -> None:
        self.said.emit("PyRPL calibrates: it measures the lowest and the highest signal of each input…")
        self._calibrate(lambda _: self._lock_it())

    def _lock_it(self) -> None:
        self.said.emit("It is locked: to the side of the dip first, then by the Pound-Drever-Hall signal…")
        self._lock(self._locked)

    def _locked(self, locked: bool) -> None:
        if not locked:
            self.said.emit("It was not locked. Begin again, or unlock, sweep and lock it by hand.")
            return
        self._board.ask(_watch, self._watched)

    def _watched(self, _: Any) -> None:
        self.watches = True
        self._refresh()
        self.said.emit(
            "Locked, and watched by the daemon. Push it out of lock, and see how it is taken again."
        )


def _set_up(p: Any) -> None:
    with contextlib.suppress(JobError):  # it is not watched
        p.unwatch_lock()
    virtual_cavity.set_up(p)


def _watch(p: Any) -> None:
    p.watch_lock(relock=True, attempts=None, pause=PAUSE_SECONDS)


def _unwatch(name: str) -> None:
    with contextlib.suppress(PyrplRemoteError), connect(name) as p:  # its daemon may have ended
        p.unwatch_lock()
