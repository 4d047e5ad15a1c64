"""`Driver`: the page of modules as a person uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtWidgets import QApplication, QComboBox, QLineEdit

from pymodaq_plugins_pyrpl.panel import theme
from pymodaq_plugins_pyrpl.panel.modules.model import VALUE
from pymodaq_plugins_pyrpl.panel.modules.nodes import UNREAD
from pymodaq_plugins_pyrpl.panel.window import PanelWindow

from ..qt_events import qt_until


class Driver:
    """Uses a page as a person does, and says what it shows."""

    def __init__(self, page: Any) -> None:
        self.page, self.tree, self.model = page, page.tree, page.model

    def node(self, path: str) -> Any:
        """The row of an attribute, whose module is opened; or of a stage, as "rp.pid0.inputfilter[1]"."""
        name, _, stage = (
            path.partition("[") if path.endswith("]") and "inputfilter" in path else (path, "", "")
        )
        module, _, attribute = name.rpartition(".")
        self.tree.expand(self.tree._index(self.model.module(module)))
        node = self.model.find(module, attribute)
        qt_until(lambda: node.value is not UNREAD and not self.page.updates.busy, what=f"the value of {path}")
        return node.children[int(stage[:-1])] if stage else node

    def select(self, path: str) -> Any:
        """Make a row the current one."""
        node = self.node(path)
        self.tree.select(node)
        return node

    def shown(self, path: str, column: int = VALUE) -> str:
        """The text in a column."""
        return self.model.index_of(self.node(path), column).data()

    def edit(self, qtbot, path: str, kind: type) -> Any:
        """Press Enter on a row; returns its editor."""
        self.select(path)
        qtbot.keyClick(self.tree, Qt.Key.Key_Return)
        return qt_until(lambda: self.tree.viewport().findChild(kind), what=f"the editor of {path}")

    def click_box(self, qtbot, path: str) -> None:
        """Click the check box of a row."""
        cell = self.tree.visualRect(self.tree._index(self.select(path), VALUE))
        box = QPoint(cell.left() + 11, cell.center().y())
        qtbot.mouseClick(self.tree.viewport(), Qt.MouseButton.LeftButton, pos=box)

    def type(self, qtbot, path: str, text: str, kind: type = QLineEdit) -> None:
        """Edit a row: type a text, and press Enter."""
        editor = self.edit(qtbot, path, kind)
        editor.selectAll()
        qtbot.keyClicks(editor, text)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qt_until(lambda: not self.tree.viewport().findChild(kind), what="the end of the edit")

    def choose(self, qtbot, path: str, text: str) -> None:
        """Edit a row: choose an option, and press Enter."""
        box = self.edit(qtbot, path, QComboBox)
        qt_until(lambda: box.view().isVisible(), what="the list of options")
        box.view().setCurrentIndex(box.model().index(box.findText(text), 0))
        qtbot.keyClick(box.view(), Qt.Key.Key_Return)
        qt_until(lambda: not self.tree.viewport().findChild(QComboBox), what="the end of the edit")

    def states(self) -> list[str]:
        """The names of the saved states that are listed."""
        listed = self.page.states.states
        return [listed.item(row).text() for row in range(listed.count())]

    def save(self, qtbot, name: str) -> None:
        """Save a state: type its name, and press Enter."""
        qtbot.keyClicks(self.page.states.name, name)
        qtbot.keyClick(self.page.states.name, Qt.Key.Key_Return)
        qt_until(lambda: name in self.states(), what=f"the state {name}")

    def compared(self) -> list[list[str]]:
        """The rows of the comparison."""
        shown = self.page.states.comparison.table
        columns = range(shown.columnCount())
        return [[shown.item(row, column).text() for column in columns] for row in range(shown.rowCount())]


@contextmanager
def modules_in_window(board: str) -> Iterator[Driver]:
    """The page of modules of a board, in a window."""
    window = PanelWindow()
    window.resize(1280, 800)
    window.show()
    page: Any = window.open_board(board).page("Modules")
    qt_until(lambda: page.model.root is not None, 60.0, "the modules")
    yield Driver(page)
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    # a page that is gone follows nothing any more: pytest-qt reports what is raised
    theme.theme().changed.emit(theme.colours())
