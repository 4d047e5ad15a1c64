"""While something is acquired the hardware thread sleeps lightly.

PyRPL waits about a millisecond for each point of a sweep, and looks all the time whether it is over. A processor that sleeps
meanwhile wakes late, and its caches are cold: a sweep of 51 points took 13 % longer.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from qtpy import QtCore

from ...transport.buffered import give_way

LIGHT_SECONDS = 3e-3
"""For how long after an access to the board the next one may be due at any moment."""


class LightSleep(QtCore.QObject):
    """Keeps Qt's loop looking for what there is to do. Make it in the hardware thread."""

    def __init__(self, acquiring: Callable[[], bool], last_access: Callable[[], float]):
        """`acquiring()`: whether anything is acquired; `last_access()`: when the board was last accessed (time.perf_counter)."""
        super().__init__()
        self._acquiring = acquiring
        self._last_access = last_access
        # a timer that is always due: Qt's loop does not sleep
        self._wakes = QtCore.QTimer(self)
        QtCore.QAbstractEventDispatcher.instance().aboutToBlock.connect(self._fall_asleep)

    def _fall_asleep(self) -> None:
        lightly = self._acquiring() and time.perf_counter() - self._last_access() < LIGHT_SECONDS
        if not lightly:
            self._wakes.stop()
            return
        give_way()
        if not self._wakes.isActive():
            self._wakes.start(0)
