"""Qt's events in tests: process them until a condition is true, and watch that they are not held up."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

from pymodaq_plugins_pyrpl.panel.garbage import collected_here

Value = TypeVar("Value")


def qt_until(condition: Callable[[], Value], timeout: float = 20.0, what: str = "the condition") -> Value:
    """Process Qt's events until `condition()` is true, and return its value. Fails after `timeout` s."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        QApplication.processEvents()
        time.sleep(0.005)
    return value


@contextmanager
def garbage_collected_here() -> Iterator[None]:
    """As `collected_here` of the panel; what is left of the windows of the block goes with its end."""
    with collected_here():
        try:
            yield
        finally:
            gc.collect()


class Gaps:
    """Notes how long Qt's events were held up: `longest`, between two ticks of a timer, in s."""

    def __init__(self, milliseconds: int = 5) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(milliseconds)

    def restart(self) -> None:
        """Begin anew."""
        self.longest, self._last = 0.0, time.perf_counter()

    def stop(self) -> None:
        """Note nothing any more."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now
