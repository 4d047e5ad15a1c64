"""A live scope in a notebook, as a widget. It needs the extra `notebook`: ipywidgets and matplotlib.

from pyrpl_remote import connect
from pyrpl_remote.notebook import LiveScope

p = connect("virtual")
LiveScope(p)
"""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

from .errors import PyrplMissing, PyrplRemoteError
from .machine import extras

if lacking := extras.missing("notebook"):
    raise PyrplMissing(*extras.needs("a live scope", lacking))

import ipywidgets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from .client.proxies.board_types import Pyrpl
    from .client.sessions.events import CurveFrame
    from .client.sessions.subscription import Subscription

POINTS = 1000
"""How many points of a curve are drawn: more than a picture is wide are not seen."""

FRAME_SECONDS = 0.1
"""The shortest time between two pictures: a browser shows ten a second."""


class LiveScope(ipywidgets.VBox):
    """Shows the curves of a board's scope, whoever acquires them.

    Times in s, voltages in V. Run starts an acquisition where none runs; Stop ends only what Run has started.
    Close the widget, or the board, at the end. `board` is the board's proxy; `run`: start an acquisition now,
    where none runs; `arguments` are those of ipywidgets' VBox. Attribute: `pictures`, how many were shown.
    """

    _subscription: Subscription | None = None

    def __init__(self, board: Pyrpl, run: bool = True, **arguments: Any) -> None:
        """Follow the scope of `board`; `run`: start an acquisition now, where none runs."""
        self._scope = board.rp.scope
        self._image = ipywidgets.Image(format="png", width=640, height=320)
        self._state = ipywidgets.Label("no curve yet")
        self._run = ipywidgets.ToggleButton(description="Run", tooltip="Acquire continuously", icon="play")
        buttons = ipywidgets.HBox([self._run, self._state])
        super().__init__([self._image, buttons], **arguments)
        self._figure = Figure(figsize=(8, 4), dpi=80, layout="constrained")
        self._axes = self._figure.subplots()
        self._lines = [self._axes.plot([], [])[0] for _ in range(2)]
        self._axes.grid(alpha=0.3)
        self._axes.set(xlabel="time (s)", ylabel="V")
        self.pictures = 0
        self._ours = False
        self._frame: CurveFrame | None = None
        self._arrived = threading.Event()
        self._ended = threading.Event()
        self._subscription = self._scope.on_curve(self._keep)
        self._run.observe(self._toggled, "value")
        threading.Thread(target=self._draw_all, name="live scope", daemon=True).start()
        self._run.value = run

    def close(self) -> None:
        """Stop what was started, and follow no longer."""
        if self._subscription is not None:  # else `__init__` has failed; ipywidgets closes what it deletes
            self._run.value = False
            self._ended.set()
            self._arrived.set()
            self._subscription.close()
        super().close()

    def _toggled(self, change: Any) -> None:
        try:
            if change.new and self._scope.running_state == "stopped":
                self._scope.continuous()
                self._ours = True
            elif not change.new and self._ours:
                self._ours = False
                self._scope.stop()
        except PyrplRemoteError as error:
            self._state.value = error.message

    def _keep(self, frame: CurveFrame) -> None:
        """Called for each curve, in the session's thread: only the newest one is drawn."""
        self._frame = frame
        self._arrived.set()

    def _draw_all(self) -> None:
        while not self._ended.is_set():
            self._arrived.wait()
            self._arrived.clear()
            frame, self._frame = self._frame, None
            if frame is not None:
                self._draw(frame)
            self._ended.wait(FRAME_SECONDS)

    def _draw(self, frame: CurveFrame) -> None:
        step = max(1, len(frame.x) // POINTS)
        for line, y in zip(self._lines, frame.y):
            line.set_data(frame.x[::step], y[::step])
        self._axes.relim()
        self._axes.autoscale_view()
        picture = io.BytesIO()
        FigureCanvasAgg(self._figure).print_png(picture)
        self._image.value = picture.getvalue()
        self._state.value = f"curve {frame.number}"
        self.pictures += 1
