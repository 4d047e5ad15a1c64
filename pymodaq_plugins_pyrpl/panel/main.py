"""The panel as a program of its own: `pyrpl-remote panel`."""

from __future__ import annotations

import logging
import signal
import sys
from types import TracebackType

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

from . import garbage, theme
from .background import wait_for_last_calls
from .window import PanelWindow

SIGNALS_MILLISECONDS = 200
"""How often Python looks for Ctrl-C: Qt's event loop does not let it."""

LAST_SECONDS = 3.0
"""How long the end of the program waits for the end of its sessions, which stops what it has started."""


def main(board: str | None = None) -> int:
    """Show the panel until it is closed, with `board` open in it; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    application = QApplication.instance() or QApplication(["pyrpl-remote panel"])
    assert isinstance(application, QApplication), "no other kind was made in this process"
    application.setApplicationDisplayName("PyRPL")
    with garbage.collected_here():
        window = PanelWindow(look=theme.Look(application))
        sys.excepthook = lambda kind, error, traceback: _show(window, error, traceback)
        signal.signal(signal.SIGINT, lambda *_: window.close())
        timer = QTimer()
        timer.timeout.connect(lambda: None)
        timer.start(SIGNALS_MILLISECONDS)
        window.show()
        if board is not None:
            window.open_board(board)
        code = application.exec()
        wait_for_last_calls(LAST_SECONDS)
    return code


def _show(window: PanelWindow, error: BaseException, traceback: TracebackType | None) -> None:
    """Show an error of the panel's own: without a hook PyQt would end the program."""
    window.errors.report(error.with_traceback(traceback))
