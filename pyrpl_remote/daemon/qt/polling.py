"""While something is acquired, Qt's event loop polls instead of sleeping.

PyRPL waits about a millisecond for each point of a sweep, and asks all the time whether it is over. A
processor that sleeps meanwhile wakes late, with cold caches: a sweep of 51 points took 13 % longer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from qtpy import QtCore

from ...transport.buffered import yield_processor

POLL_SECONDS = 3e-3
"""For how long after an access to the board the next one may be due at any moment."""


class Polling(QtCore.QObject):
    """Keeps Qt's event loop from blocking where the next access is due soon. Make it in the Qt thread."""

    def __init__(self, acquiring: Callable[[], bool], last_access: Callable[[], float]) -> None:
        """Make it in the Qt thread.

        `acquiring()`: whether anything is acquired; `last_access()`: when the board answered last, by
        time.perf_counter.
        """
        super().__init__()
        self._acquiring = acquiring
        self._last_access = last_access
        # a timer that is always due keeps Qt's loop from blocking
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
