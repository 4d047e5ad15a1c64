"""`States`: the saved states of a module: save, load, erase and compare them, as PyRPL keeps them."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from ..open_board import OpenBoard
from .comparison import Comparison
from .nodes import ModuleNode

ERASE_MILLISECONDS = 4000
"""How long a second press on "Erase" erases."""

LOAD_HINT = "Set the module up with the state that is chosen in the list"


def _is_saved(module: ModuleNode) -> bool:
    """Whether a module has states of its own: PyRPL saves the elements of a list with the list only."""
    kind = module.kind
    return "save_state" in kind.methods and bool(kind.setup_attributes) and not module.path.endswith("]")


class States(QWidget):
    """The saved states of the module that is current in the tree.

    `loaded(ModuleNode)`: a state was loaded into the module, whose values are others now.
    """

    loaded = Signal(object)

    def __init__(self, board: OpenBoard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._module: ModuleNode | None = None
        self.comparison = Comparison(board)
        self._asked = QTimer(self)
        self._asked.setSingleShot(True)
        self._asked.setInterval(ERASE_MILLISECONDS)
        self._asked.timeout.connect(self._label_buttons)
        self._make_widgets()
        self._lay_out()
        self._connect()
        self.setEnabled(False)
        self._label_buttons()

    def _make_widgets(self) -> None:
        self.title = QLabel("<b>Saved states</b>")
        self.title.setWordWrap(True)
        self.states = QListWidget()
        self.states.setAccessibleName("Saved states")
        self.states.setToolTip("The saved states; Enter loads one, Delete erases it")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name of a state")
        self.name.setAccessibleName("Name of a state")
        self.name.setToolTip("The name under which the present values are saved; Enter saves them")
        self.save = QPushButton("&Save")
        self.save.setToolTip("Save the present values under this name, in PyRPL's configuration")
        self.load = QPushButton("L&oad")
        self.erase = QPushButton("E&rase")
        self.erase.setToolTip(
            "Remove the chosen state from PyRPL's configuration; it asks for a second press"
        )

    def _lay_out(self) -> None:
        saving, buttons = QHBoxLayout(), QHBoxLayout()
        saving.addWidget(self.name, 1)
        saving.addWidget(self.save)
        buttons.addWidget(self.load)
        buttons.addWidget(self.erase)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.title)
        layout.addLayout(saving)
        layout.addWidget(self.states, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.comparison, 3)

    def _connect(self) -> None:
        self.name.textChanged.connect(self._label_buttons)
        self.name.returnPressed.connect(self.save.click)
        self.states.currentItemChanged.connect(self._chosen)
        self.states.itemActivated.connect(lambda _: self.load.click())
        erase = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.states)
        erase.setContext(Qt.ShortcutContext.WidgetShortcut)
        erase.activated.connect(self.erase.click)
        self.save.clicked.connect(self._save)
        self.load.clicked.connect(self._load)
        self.erase.clicked.connect(self._erase)

    def show_module(self, module: ModuleNode | None) -> None:
        """Show the states of a module, or of the one that it is saved with; the board itself has none."""
        while module is not None and not _is_saved(module):
            module = module.parent
        before, self._module = self._module, module
        self.setEnabled(module is not None)
        if module is not None and before is not None and module.path == before.path:
            self._label_buttons()
            return
        self._asked.stop()
        self.title.setText("<b>Saved states</b>" + (f" of {module.path}" if module is not None else ""))
        self.states.clear()
        self.comparison.show_states(module, [], "")
        self._label_buttons()
        self.refresh()

    def refresh(self) -> None:
        """Ask for the names of the states, and compare again."""
        module = self._module
        if module is not None:
            self._ask(module, lambda: None)

    def changed(self, path: str) -> None:
        """The module at `path` has changed; a state holds the modules inside too."""
        module = self._module
        if (
            module is not None
            and self.isVisible()
            and f"{path}.".startswith((f"{module.path}.", f"{module.path}["))
        ):
            self._label_buttons()
            self.comparison.present_changed()

    def _ask(self, module: ModuleNode, function: Any) -> None:
        """Call `function()` in the board's worker thread, and show the states that there are then."""

        def names(_: Any) -> list[str]:
            function()
            return list(module.proxy.states)

        self._board.ask(names, lambda found: self._show_states(module, found))

    def _show_states(self, module: ModuleNode, names: list[str]) -> None:
        if self._module is None or module.path != self._module.path:
            return  # another one is current by now
        module = self._module
        chosen = self._state()
        self.states.blockSignals(True)
        self.states.clear()
        self.states.addItems(names)
        self.states.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self.states.blockSignals(False)
        self.comparison.show_states(module, names, self._state())
        self._label_buttons()

    def _state(self) -> str:
        item = self.states.currentItem()
        return item.text() if item is not None else ""

    def _chosen(self) -> None:
        self._asked.stop()
        self.comparison.choose(self._state())
        self._label_buttons()

    def _label_buttons(self) -> None:
        names = [self.states.item(row).text() for row in range(self.states.count())]
        name, locked = self.name.text().strip(), self._module.locked if self._module is not None else ""
        self.save.setText("Over&write" if name in names else "&Save")
        self.save.setEnabled(bool(name))
        self.load.setEnabled(bool(self._state()) and not locked)
        self.load.setToolTip(f"{locked}." if locked else LOAD_HINT)
        self.erase.setEnabled(bool(self._state()))
        self.erase.setText("P&ress again to erase" if self._asked.isActive() else "E&rase")

    def _save(self) -> None:
        module, name = self._module, self.name.text().strip()
        if module is not None and name:
            self.name.clear()
            self._ask(module, lambda: module.proxy.save_state(name))

    def _load(self) -> None:
        module, name = self._module, self._state()
        if module is not None and name:
            self._board.ask(lambda _: module.proxy.load_state(name), lambda _: self._has_loaded(module))

    def _has_loaded(self, module: ModuleNode) -> None:
        self.loaded.emit(module)
        self.comparison.compare()

    def _erase(self) -> None:
        module, name = self._module, self._state()
        if not self._asked.isActive():
            self._asked.start()
        elif module is not None and name:
            self._asked.stop()
            self._ask(module, lambda: module.proxy.erase_state(name))
        self._label_buttons()
