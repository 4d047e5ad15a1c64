"""`Stream`: the curves and settings of one module as they come; the newest curve waits for the window."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyrpl_remote import Change, CurveFrame
from pyrpl_remote.errors import PyrplRemoteError

from ..open_board import OpenBoard
from .curves import Curves
from .reduction import XY, Reduction, View

Make = Callable[[CurveFrame, Mapping[str, Any], float], Curves | None]
"""Makes curves of a frame, the module's settings, and when it came; None if there is nothing to show."""

RUNNING_STATE = "running_state"


@dataclass(frozen=True, eq=False)
class Drawing:
    """Curves, and what plots draw of them, computed outside of the window's thread."""

    curves: Curves
    lines: list[list[XY]]


def drawing(curves: Curves, view: View) -> Drawing:
    """What plots draw of `curves`."""
    reduction = Reduction(curves.x, view)
    return Drawing(curves, [[trace.reduced(reduction) for trace in plot] for plot in curves.plots])


class Stream:
    """Follows one module of a board, in the session's callback thread.

    Frames and changes of settings come there in the order in which they happened, so that each frame is shown
    with the settings that it was taken with. What is too much for the window is left out: it gets the newest
    frame.
    """

    def __init__(
        self,
        board: OpenBoard,
        names: Sequence[str],
        derived: Mapping[str, Sequence[str]],
        make: Make,
        view: Callable[[], View],
        arrived: Callable[[], object],
        changed: Callable[[Change, Mapping[str, Any]], object],
    ):
        """`names`: the settings of a frame; `derived`: which ones PyRPL changes silently with another one.

        `make` and `view` are called in the callback thread. In the window's thread, `arrived()` is called
        when there is something to `take`, and `changed(change, settings)` when somebody has set one of
        `names` or `running_state` has changed.
        """
        self._board = board
        self._names = tuple(names)
        self._derived = derived
        self._make = make
        self._view = view
        self._arrived, self._changed = arrived, changed
        self._lock = threading.Lock()
        # held while the daemon is asked, by one thread at a time
        self._watching = threading.Lock()
        self._settings: dict[str, Any] = {}
        self._noted = 0
        self._newest: Drawing | None = None
        self._curves: Any = None
        self._changes: Any = None
        self.frames = 0

    def open(self, module: Any) -> dict[str, Any]:
        """Follow the settings of `module`, a proxy, and return them. Not in the window's thread."""
        if self._changes is None:
            self._changes = module.on_change(lambda change: self._note(module, change))
        while True:
            noted = self._noted
            settings = dict(module.snapshot(*self._names, RUNNING_STATE))
            with self._lock:
                if noted == self._noted:  # else a newer value may have come meanwhile
                    self._settings = settings
                    return settings

    def watch(self, module: Any, wanted: bool) -> None:
        """Take curves, or no more: a page that is not seen needs none. Not in the window's thread."""
        with self._watching:
            if wanted and self._curves is None:
                self._curves = module.on_curve(self._receive)
            elif not wanted and self._curves is not None:
                self._curves.close()
                self._curves = None

    def close(self) -> None:
        """End both subscriptions: another part of this program may go on with the session. May wait."""
        for subscription in (self._curves, self._changes):
            if subscription is not None:
                subscription.close()

    def take(self) -> Drawing | None:
        """The newest curves that were not taken yet, if there are any."""
        with self._lock:
            newest, self._newest = self._newest, None
        return newest

    def _note(self, module: Any, change: Change) -> None:
        if change.name not in self._names and change.name != RUNNING_STATE:
            return
        names = (*self._names, RUNNING_STATE) if change.lost else self._derived.get(change.name, ())
        try:
            read = module.snapshot(*names) if names else {}
        except PyrplRemoteError:  # the board is lost: all is read again when it is back
            read = {}
        # a new dict: frames of before refer to the old one
        with self._lock:
            self._noted += 1
            if not self._settings:  # `open` has yet to read all, and reads again
                return
            settings = self._settings = {**self._settings, change.name: change.value, **read}
        self._board.post(lambda: self._changed(change, settings))

    def _receive(self, frame: CurveFrame) -> None:
        settings = self._settings
        curves = self._make(frame, settings, time.time()) if settings else None
        if curves is None:
            return
        made = drawing(curves, self._view())
        self.frames += 1
        with self._lock:
            waiting = self._newest is not None
            self._newest = made
        if not waiting:
            self._board.post(self._arrived)
