"""`Follower`: what others change on a board is delivered in the plugin's thread, several changes at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

from qtpy.QtCore import QObject, Qt, QTimer, Signal

DELAY_MILLISECONDS = 60
"""How long events are collected: a window that shows each of 1,500 changes would lag seconds behind."""


class Follower(QObject):
    """Collects events from any thread, and delivers the latest of each key in the thread that made it."""

    _first = Signal()

    def __init__(self, deliver: Callable[[dict[Hashable, Any]], object]):
        """`deliver(events)` is called in this thread, when it processes Qt's events."""
        super().__init__()
        self._deliver = deliver
        self._lock = threading.Lock()
        self._events: dict[Hashable, Any] = {}
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MILLISECONDS)
        self._timer.timeout.connect(self._pass_on)
        self._first.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)

    def post(self, key: Hashable, event: Any) -> None:
        """Deliver `event` soon, unless a later one with the same `key` comes before. From any thread."""
        with self._lock:
            if self._closed:
                return
            first = not self._events
            self._events[key] = event
            if first:
                self._first.emit()

    def close(self) -> None:
        """Deliver nothing any more. From any thread."""
        with self._lock:
            self._closed = True
            self._events = {}

    def _pass_on(self) -> None:
        with self._lock:
            events, self._events = self._events, {}
        if events:
            self._deliver(events)
