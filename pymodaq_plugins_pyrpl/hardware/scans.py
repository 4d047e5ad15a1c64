"""Ends what waits for a module that has failed: PyMoDAQ has no message for it, and waits 10 or 20 s more.

PyMoDAQ's scans, and its other extensions, learn from their ModulesManager that a module is late. Here it says
so at once, with the reason. A scan that moves to its first point listens to nothing; it is stopped.
"""

from __future__ import annotations

import gc
from typing import Any

from qtpy.QtCore import QCoreApplication, QObject, Qt, Signal, Slot


class _Window(QObject):
    """Calls functions in the thread of PyMoDAQ's windows."""

    call = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.call.connect(self._call, Qt.ConnectionType.QueuedConnection)

    # without this, PyQt calls it in the thread that made this object
    @Slot(object)
    def _call(self, function: Any) -> None:
        function()


_windows: list[_Window] = []


def end_waits(title: str, reason: str, moves: bool) -> None:
    """End all waits for the module called `title`: for its move, or else for its data. From any thread."""
    application = QCoreApplication.instance()
    if application is None:
        return
    if not _windows:
        _windows.append(_Window())
        _windows[0].moveToThread(application.thread())
    _windows[0].call.emit(lambda: _end(title, reason, moves))


def _end(title: str, reason: str, moves: bool) -> None:
    # PyMoDAQ keeps no list of them. This takes some 20 ms. Another thread would free parts of windows that
    # are closed meanwhile: that ends the process
    objects = gc.get_objects()
    managers, scans = ([one for one in objects if _is(one, name)] for name in ("ModulesManager", "DAQScan"))
    del objects
    for manager in managers:
        names = manager.selected_actuators_name if moves else manager.selected_detectors_name
        if title not in names:
            continue
        timer = manager.actuators_timeout_timer if moves else manager.detectors_timeout_timer
        if not timer.isActive():
            # PyMoDAQ's own loop waits for the flags, or nobody waits
            manager.reset_signals()
            continue
        timer.stop()
        heard = manager.receivers(manager.timeout_signal)
        manager.timeout_signal.emit([f"{title} ({reason})"])
        for scan in scans:
            # one that has ended moves to its first point too
            if scan.scan_acquisition.is_running and not heard and scan.modules_manager is manager:
                scan.stop_scan()
                scan.update_status(f"Scan stopped: {title}: {reason}")


def _is(one: object, name: str) -> bool:
    """Whether an object is of PyMoDAQ's class `name`, which is not imported for this."""
    kind = type(one)
    return kind.__name__ == name and kind.__module__.startswith("pymodaq.")
