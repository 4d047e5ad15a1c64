"""`StatusLine`: what runs and who started it, how fast curves come, and the last things to know."""

from __future__ import annotations

import time

from qtpy.QtWidgets import QLabel

from .acquisition import CONTINUOUS, SINGLE, Acquisition

MOST_REMARKS = 2
"""How many remarks the line keeps."""

RATE_SECONDS = 1.0
"""Over how long the rate is counted."""


class StatusLine(QLabel):
    """The line below the plots of a page. Attribute: `frames`, how many curves were shown."""

    def __init__(self, acquisition: Acquisition):
        super().__init__()
        self.setWordWrap(True)
        self.setToolTip("What runs, who started it, and what others have changed")
        self.frames = 0
        self._acquisition = acquisition
        self._remarks: list[str] = []
        self._rate = 0.0
        self._counted, self._since = 0, time.monotonic()

    def remark(self, text: str) -> None:
        """Show `text` with the time, until later ones take its place."""
        self._remarks = [*self._remarks, f"{time.strftime('%H:%M:%S')} {text}"][-MOST_REMARKS:]

    def show_state(self, lost: str, note: str) -> None:
        """Show the state. `lost`: that of a board that cannot be used, or ""; `note`: of the last curve."""
        now = time.monotonic()
        if now - self._since >= RATE_SECONDS:
            self._rate = (self.frames - self._counted) / (now - self._since)
            self._counted, self._since = self.frames, now
        facts = [lost or self._state()]
        if self._acquisition.running == CONTINUOUS and not self._acquisition.held and not lost:
            facts.append(f"{self._rate:.3g} frames/s")
        self.setText("  ·  ".join([*facts, *([note] if note else []), *self._remarks]))

    def _state(self) -> str:
        acquisition = self._acquisition
        if acquisition.held:
            return "Held; the acquisition, which somebody else has started, goes on"
        if acquisition.running == CONTINUOUS:
            if acquisition.started:
                return "Runs, started here"
            return "Runs, started by somebody else: it goes on when this page is closed"
        if acquisition.running == SINGLE or acquisition.single_runs:
            return "Takes one curve"
        return acquisition.running.replace("_", " ").capitalize()
