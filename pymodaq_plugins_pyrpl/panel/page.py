"""`Page`: the base class of everything that an open board is shown with."""

from __future__ import annotations

from typing import ClassVar

from qtpy.QtWidgets import QWidget

from .open_board import OpenBoard


class Page(QWidget):
    """One page of an open board, such as its modules.

    A subclass has a `title`, with "&" before the letter of its shortcut, and builds its widgets in `__init__`
    without asking the board anything. `open` is called when the page is shown for the first time,
    `close_page` when the board is closed.
    """

    title: ClassVar[str] = ""

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.board = board

    def open(self) -> None:
        """Read what is shown, and begin to follow it, through `self.board`."""

    def close_page(self) -> None:
        """Free what the page holds on the board; must not wait."""
