"""Lets Qt's event loop poll instead of blocking during an acquisition.

PyRPL waits about a millisecond for each point of a sweep, and checks again and again whether it has passed. A
processor that sleeps in between wakes late, with cold caches: a sweep of 51 points took 13 % longer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from qtpy import QtCore

from ...transport.buffered import yield_processor

POLL_SECONDS = 3e-3
"""How long to poll after an access to the board; the next one is usually due within this time."""


class Polling(QtCore.QObject):
    """Keeps Qt's event loop from blocking while the next access to the board is due soon."""

    def __init__(self, acquiring: Callable[[], bool], last_access: Callable[[], float]) -> None:
        """Make it in the Qt thread.

        `acquiring()`: whether an acquisition is running; `last_access()`: time of the board's last reply, by
        time.perf_counter.
        """
        super().__init__()
        self._acquiring = acquiring
        self._last_access = last_access
        # an active timer that is always due keeps Qt's event loop from blocking
        self._due = QtCore.QTimer(self)
        dispatcher: Any = QtCore.QAbstractEventDispatcher.instance()
        dispatcher.aboutToBlock.connect(self._about_to_block)

    def _about_to_block(self) -> None:
        polls = self._acquiring() and time.perf_counter() - self._last_access() < POLL_SECONDS
        if not polls:
            self._due.stop()
            return
        yield_processor()
        if not self._due.isActive():
            self._due.start(0)
