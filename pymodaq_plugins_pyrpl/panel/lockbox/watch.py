"""`Watch`: the lock watch of the daemon, on and off, with its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QGridLayout, QGroupBox, QLabel, QPushButton, QSpinBox, QWidget

from pyrpl_remote.board_status import LOCK_WATCH, JobStatus

from .notification import Notifier
from .number import Number

FOR_EVER = 0
"""The number of attempts that stands for any number."""


class Watch(QGroupBox):
    """Says whether the lock is watched, and what the user wants.

    Signals: `wanted(options of watch_lock)`; `unwanted()`.
    """

    wanted = Signal(dict)
    unwanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Lock watch", parent)
        self.state = QLabel("not watched")
        self.state.setWordWrap(True)
        self.state.setToolTip("What the lock watch does now. It goes on without this window")
        self.button = QPushButton("&Watch the lock")
        self.button.clicked.connect(self._press)
        self.relock = QCheckBox("&Relock")
        self.relock.setChecked(True)
        self.relock.setToolTip("Take a lost lock again, with the lockbox's own stages")
        self.attempts = QSpinBox()
        self.attempts.setRange(FOR_EVER, 10_000)
        self.attempts.setValue(3)
        self.attempts.setSpecialValueText("no end")
        self.attempts.setToolTip("After how many failures in a row it gives up")
        self.pause = Number(0, 86400, "Pause before the second attempt, doubled after each failure")
        self.pause.setValue(30)
        self.pause.setSuffix(" s")
        self.trace = QCheckBox("&Traces")
        self.trace.setChecked(True)
        self.trace.setToolTip("Let the scope record what comes before a loss, while nobody uses it")
        self.notify = QCheckBox("&Notify")
        self.notify.setChecked(True)
        self.notify.setToolTip(
            "Show a message of the desktop when the lock is lost, while this board is open"
            if Notifier.available()
            else "This desktop shows no messages: the window asks for attention when the lock is lost"
        )
        grid = QGridLayout(self)
        grid.addWidget(self.state, 0, 0, 1, 4)
        grid.addWidget(self.relock, 1, 0)
        grid.addWidget(self.trace, 1, 1)
        grid.addWidget(self.notify, 1, 2, 1, 2)
        for column, (text, box) in enumerate((("&Attempts:", self.attempts), ("Paus&e:", self.pause))):
            label = QLabel(text)
            label.setBuddy(box)
            grid.addWidget(label, 2, 2 * column)
            grid.addWidget(box, 2, 2 * column + 1)
        grid.addWidget(self.button, 3, 0, 1, 4)
        self.running = False
        self.show_job(None)

    def show_job(self, job: JobStatus | None) -> None:
        """Show the watch that runs, None if none does."""
        self.running = job is not None
        self.state.setText("not watched")
        if job is not None:
            self.state.setText(f"{job.text}, for {job.by}" if job.by else job.text)
            self._show_options(job.parameters)
        self.button.setText("Stop &watching" if self.running else "&Watch the lock")
        self.button.setToolTip(
            "End the lock watch; the lock stays as it is (Alt+W)"
            if self.running
            else "Let the daemon follow the lock from now on, also without this window (Alt+W)"
        )
        for widget in (self.relock, self.attempts, self.pause, self.trace):
            widget.setEnabled(not self.running)

    def options(self) -> dict[str, Any]:
        """The options as `watch_lock` takes them."""
        return {
            "relock": self.relock.isChecked(),
            "attempts": self.attempts.value() or None,
            "pause": self.pause.value(),
            "trace": self.trace.isChecked(),
        }

    def _show_options(self, options: Mapping[str, Any]) -> None:
        self.relock.setChecked(bool(options.get("relock", True)))
        self.attempts.setValue(options.get("attempts") or FOR_EVER)
        self.pause.setValue(float(options.get("pause", 30.0)))
        self.trace.setChecked(bool(options.get("trace", True)))

    def _press(self) -> None:
        if self.running:
            self.unwanted.emit()
        else:
            self.wanted.emit(self.options())


def watch_of(p: Any) -> JobStatus | None:
    """The lock watch that runs on the board of `p`, if there is one. A remote call."""
    return next((job for job in p.jobs() if job.kind == LOCK_WATCH), None)
