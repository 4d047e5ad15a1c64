"""`Welcome`: what a newcomer sees while the lab has no board."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..parts import button, label


class Welcome(QWidget):
    """Says what can be done first; `row` has a button for each."""

    def __init__(self, start_virtual: Callable[[], object], start: Callable[[], object]) -> None:
        super().__init__()
        self.row = QHBoxLayout()
        self.row.addWidget(
            button("Start a v&irtual board", "A Red Pitaya without hardware, on this machine", start_virtual)
        )
        self.row.addWidget(button("Start a Red Pita&ya…", "A Red Pitaya on the network", start))
        self.row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(label("No board is served, on this machine or on a paired host."))
        layout.addLayout(self.row)
