"""`Welcome`: what a newcomer sees while the lab has no board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..lockbox.cavity import TryCavity
from ..parts import button, label


class Welcome(QWidget):
    """Says what can be done first; `row` has a button for each."""

    def __init__(
        self,
        start_virtual: Callable[[], object],
        start: Callable[[], object],
        open_board: Callable[..., Any],
    ) -> None:
        """`open_board(name, **parameters)` returns the tab of a board."""
        super().__init__()
        self.row = QHBoxLayout()
        self.row.addWidget(
            button("Start a v&irtual board", "A Red Pitaya without hardware, on this machine", start_virtual)
        )
        self.row.addWidget(button("Start a Red Pita&ya…", "A Red Pitaya on the network", start))
        self.row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(label("No board is served, on this machine or on a paired host."))
        self.cavity = TryCavity(open_board)
        layout.addLayout(self.row)
        layout.addWidget(self.cavity)
