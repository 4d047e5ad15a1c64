"""`Actions`: the buttons and the keys of a Look page. The keys are those of the plots' side only.

In the form letters are typed, and the space bar ticks a box.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qtpy.QtCore import Qt
from qtpy.QtGui import QAction, QKeySequence
from qtpy.QtWidgets import QToolBar, QWidget

from .cursors import Cursors

FAR = 10
"""How many steps a cursor moves with Shift."""


class Actions:
    """The actions of a page: `run`, `single`, `cursors`, `peak`, `fit`, `export`; the keys of the cursors."""

    def __init__(self, side: QWidget, plots: int):
        """`side`: the widget within which the keys are heard; `plots`: how many plots it has."""
        self._side = side
        self._plots = plots
        self.bar = QToolBar()
        self.bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.run = self._button(
            "Run", "Space", "Start the acquisition, or stop it if it was started here.", True
        )
        self.single = self._button("Single", "S", "Take one curve, then hold it.", True)
        self.bar.addSeparator()
        tip = (
            "Show or hide two vertical and two horizontal lines. The keys 1 and 2 choose a vertical one, 3 "
            "and 4 (5 and 6 in the second plot) a horizontal one; the arrow keys move it, with Shift far."
        )
        self.cursors = self._button("Cursors", "C", tip, True)
        self.peak = self._button("Peak", "P", "Move cursor A to the highest point of the first curve.")
        self.fit = self._button("Fit", "F", "Show all of the curves again.")
        self.bar.addSeparator()
        self.export = self._button("Export…", "E", "Write all points to a CSV or npz file.")

    def move(self, cursors: Cursors) -> None:
        """Let the keys choose and move these cursors."""
        self.cursors.toggled.connect(cursors.show)
        for number in range(2 + 2 * self._plots):
            self._key(str(number + 1), partial(cursors.choose, number))
        for keys, steps in (("Left", -1), ("Right", 1), ("Down", -1), ("Up", 1)):
            self._key(keys, partial(cursors.step, steps))
            self._key(f"Shift+{keys}", partial(cursors.step, FAR * steps))

    def _button(self, text: str, keys: str, tip: str, checkable: bool = False) -> QAction:
        action = self._action(text, keys)
        action.setCheckable(checkable)
        action.setToolTip(f"{tip} Key: {keys}")
        self.bar.addAction(action)
        if (button := self.bar.widgetForAction(action)) is not None:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a tool bar's have none
        return action

    def _key(self, keys: str, function: Callable[[], object]) -> None:
        self._action("", keys).triggered.connect(lambda: function())

    def _action(self, text: str, keys: str) -> QAction:
        action = QAction(text, self._side)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._side.addAction(action)
        return action
