"""`DoctorView`: what is checked about a board or this machine, with the remedy for what failed."""

from __future__ import annotations

from functools import partial

from qtpy.QtGui import QBrush, QColor
from qtpy.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from pyrpl_remote import lab

from .. import theme
from ..background import Background, Failed

MARKS = {lab.OK: "✓", lab.FAILED: "✗", lab.SKIPPED: "-"}
"""How the outcomes are shown."""


class DoctorView(QWidget):
    """The findings, each as soon as it is known."""

    def __init__(self, failed: Failed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._failed = failed
        self._background: Background | None = None
        self.busy = False
        self.summary = QLabel("Nothing was examined yet.")
        self.summary.setToolTip("What is examined, and how many checks have failed")
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setToolTip("The checks, with what to do about those that failed")
        self.list.setAccessibleName("Findings")
        layout = QVBoxLayout(self)
        layout.addWidget(self.summary)
        layout.addWidget(self.list, 1)
        self._failures = 0

    def examine(self, board: str | None) -> None:
        """Examine a board, or this machine; what was found before is dropped."""
        self.end()
        self.busy, self._failures = True, 0
        subject = board or "this machine"
        self.summary.setText(f"{subject} is examined…")
        background = self._background = Background("panel doctor", self._failed)

        def examine() -> None:
            for result in lab.examine(board):
                if background.closed:
                    return
                background.post(partial(self._add, result))

        background.call_beside(examine, lambda _: self._done(subject), lambda error: self._not_done(error))

    def end(self) -> None:
        """End an examination, and show nothing."""
        if self._background is not None:
            self._background.close()
            self._background = None
        self.busy = False
        self.list.clear()

    def _add(self, result: lab.Result) -> None:
        finding, present = result.finding, theme.colours()
        how = "skipped, because " if finding.outcome == lab.SKIPPED else ""
        text = f"{MARKS[finding.outcome]}  {result.check}: {how}{finding.text}"
        item = QListWidgetItem(f"{text}\n     → {finding.remedy}" if finding.remedy else text)
        colour = {lab.OK: present.good, lab.FAILED: present.bad}.get(finding.outcome, present.muted)
        item.setForeground(QBrush(QColor(colour)))
        item.setToolTip(finding.remedy)
        self.list.addItem(item)
        self._failures += finding.outcome == lab.FAILED

    def _done(self, subject: str) -> None:
        self.busy = False
        failed = f"{self._failures} checks failed" if self._failures != 1 else "1 check failed"
        self.summary.setText(f"{subject}: {failed if self._failures else 'nothing is wrong'}")

    def _not_done(self, error: Exception) -> None:
        self.busy = False
        self.summary.setText("It could not be examined.")
        self._failed(error)
