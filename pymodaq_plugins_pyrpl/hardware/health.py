"""Failures in PyMoDAQ's words: short in the status bar and last, whole in the log; the state in the tree."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq_gui.parameter import Parameter
from pymodaq_utils.logger import get_module_name, set_logger
from pymodaq_utils.utils import ThreadCommand
from qtpy.QtCore import QCoreApplication, Qt, QThread, QTimer

from pyrpl_remote.errors import (
    BoardGone,
    BoardTaken,
    DaemonStopped,
    OutcomeUnknown,
    SessionClosed,
)

logger = set_logger(get_module_name(__file__))

REMEDIES: dict[type[Exception], str] = {
    BoardTaken: "end the other program, then initialize again",
    DaemonStopped: "initialize again to start another daemon",
    OutcomeUnknown: "read the value before you go on",
    BoardGone: "it comes back by itself, or initialize again",
    SessionClosed: "initialize again",
}
"""What to do in PyMoDAQ, where the error's own remedy speaks of Python."""

UP = "up"
"""The state of a link that works."""


def one_line(error: Exception) -> str:
    """The error and its remedy in one line, as PyMoDAQ's status bars show it."""
    message = getattr(error, "message", "") or str(error)
    remedy = next((text for kind, text in REMEDIES.items() if isinstance(error, kind)), None)
    if remedy is None:
        remedy = getattr(error, "remedy", "")
    return " ".join(f"{message} -> {remedy}".split() if remedy else message.split())


def report(plugin: Any, error: Exception) -> None:
    """Show `error` in the status bar of the plugin's module, and write it to PyMoDAQ's log."""
    logger.error("%s: %s", plugin._title, error, exc_info=error)  # noqa: SLF001 - PyMoDAQ's name for plugins
    plugin.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, one_line(error)))


def end_after_failed_init(plugin: Any, error: Exception) -> None:
    """Let a plugin whose init failed get no further commands, and show the reason last.

    PyMoDAQ keeps the worker of a failed init: at the next init both would carry out each command, and
    quitting would abort.
    """
    application = QCoreApplication.instance()
    if plugin.parent is None or application is None or QThread.currentThread() is application.thread():
        return
    thread: Any = QThread.currentThread()

    def end() -> None:
        # PyMoDAQ shows "initialized: False" in between
        plugin.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, one_line(error)))
        if plugin.is_master:
            thread.quit()

    QTimer.singleShot(0, end)
    # now: the next init's command may come before the thread ends
    _retire(plugin.parent)


def call_at_end_of_thread(plugin: Any, function: Callable[[], object]) -> None:
    """Call `function` when the thread of a plugin ends.

    PyMoDAQ's command to close is lost where its thread ends first: it tells both at the same moment.
    """
    application = QCoreApplication.instance()
    thread: Any = QThread.currentThread()
    if plugin.parent is not None and application is not None and thread is not application.thread():
        thread.finished.connect(function, Qt.ConnectionType.DirectConnection)


def retire_slave(plugin: Any) -> None:
    """Let a slave that was closed get no further commands."""
    worker = plugin.parent
    if worker is not None and not plugin.is_master and QThread.currentThread() is worker.thread():
        _retire(worker)


_threads: list[QThread] = []


def _retire(worker: Any) -> None:
    """Let PyMoDAQ's worker, which belongs to this thread, get no further commands.

    PyMoDAQ keeps it: at the next init the new one and this one would carry out each command.
    """
    if not _threads:
        _threads.append(QThread())  # it never runs: the objects in it get no events
    worker.moveToThread(_threads[0])


def show_state(settings: Parameter, status: Any, own_pid: int) -> None:
    """Show a board's status (a pyrpl_remote BoardStatus) in the settings."""
    link, daemon = status.link, status.daemon
    began = time.strftime("%H:%M:%S", time.localtime(daemon.started))
    others = [
        f"{client.program} ({client.user} at {client.host}, pid {client.pid})"
        for client in status.clients
        if client.pid != own_pid
    ]
    lines = {
        "link": " ".join(filter(None, [link.state, link.reason and f"({link.reason})"])),
        "daemon": f"pid {daemon.pid}, since {began}",
        "clients": ", ".join(others) or "nobody else",
    }
    for name, text in lines.items():
        settings.child("state", name).setValue(text)


def show_lost(settings: Parameter, link: Any) -> None:
    """Show a link (a pyrpl_remote LinkStatus) that is not up in the settings."""
    settings.child("state", "link").setValue(f"{link.state} ({link.reason})")
