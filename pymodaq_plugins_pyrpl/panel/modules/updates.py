"""`Updates`: keeps the tree as the board is: changes come as events, the rest is read when it is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qtpy.QtCore import QObject, QTimer, Signal

from pyrpl_remote import Change

from ..open_board import OpenBoard
from . import board_side
from .board_side import Found, Shape, Values
from .model import ModulesModel
from .nodes import ModuleNode
from .tree import ModulesTree

SHAPE_MILLISECONDS = 700
"""How long after a change it is looked whether modules were added or removed."""

AGAIN_MILLISECONDS = 200
"""How long attributes are collected that must be read again."""


class Updates(QObject):
    """Reads modules and follows changes.

    Signals: `shown()`: values are shown that may be others; `changed(path)`: a module has changed.
    """

    shown = Signal()
    changed = Signal(str)

    def __init__(self, board: OpenBoard, model: ModulesModel, tree: ModulesTree) -> None:
        super().__init__(tree)
        self._board = board
        self._model = model
        self._tree = tree
        self._found: Found | None = None
        self._reading: set[ModuleNode] = set()
        self._again: dict[ModuleNode, set[str]] = {}
        self._shape_timer = self._timer(SHAPE_MILLISECONDS, self._look_at_shape)
        self._again_timer = self._timer(AGAIN_MILLISECONDS, self._read_again)
        tree.opened.connect(self._opened)

    def _timer(self, milliseconds: int, function: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(function)
        return timer

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return bool(self._reading)

    def start(self) -> None:
        """Begin to follow the board's changes."""
        self._board.changes.connect(self._follow)

    def stop(self) -> None:
        """Do nothing later."""
        self._shape_timer.stop()
        self._again_timer.stop()

    def read_all(self) -> None:
        """Look for the modules, and read those that are open."""
        self._board.ask(board_side.modules_of, self._show_found)

    def read_opened(self) -> None:
        """Read the modules that are open, if the board's modules are known."""
        if self._found is not None:
            for module in self._tree.opened_modules():
                self._read(module)

    def read_inside(self, module: ModuleNode) -> None:
        """Read a module and those inside it, as far as they were read before."""
        present = self._model.module(module.path)
        for inside in present.walk() if present is not None else ():
            if inside.read:
                self._read(inside)

    def _show_found(self, found: Found) -> None:
        same = self._found is not None and board_side.shape_of_found(found) == board_side.shape_of_found(
            self._found
        )
        self._found = found
        if same:  # an editor may be open
            self._model.show_owners(found)
        else:
            self._tree.show_found(partial(self._model.show, found))
        self.read_opened()
        self.shown.emit()

    def _opened(self, module: ModuleNode) -> None:
        if not module.read:
            self._read(module)

    def _read(self, module: ModuleNode) -> None:
        """Read the attributes of a module, unless that is on its way."""
        if module in self._reading or not module.attributes:
            return
        module.read = True
        self._reading.add(module)
        names = [node.name for node in module.attributes]

        def read(_: Any) -> Values:
            try:
                return board_side.read(module.proxy, names)
            except Exception:  # whatever it is: it may be read again; the error bar shows it
                self._board.post(partial(self._not_read, module))
                raise

        def done(values: Values) -> None:
            self._reading.discard(module)
            self._show_values(module, values)

        self._board.ask(read, done)

    def _not_read(self, module: ModuleNode) -> None:
        self._reading.discard(module)
        module.read = False

    def _show_values(self, module: ModuleNode, values: Values) -> None:
        self._model.show_values(module, values)
        self.shown.emit()

    def _follow(self, changes: list[Change]) -> None:
        again, unknown = self._model.apply(changes)
        for node in again:
            self._again.setdefault(node.module, set()).add(node.name)
        if again and not self._again_timer.isActive():
            self._again_timer.start()
        paths = {change.module for change in changes}
        if any(change.lost for change in changes):
            self.read_all()
        elif (unknown or any(map(self._contains_modules, paths))) and not self._shape_timer.isActive():
            self._shape_timer.start()
        for path in paths:
            self.changed.emit(path)
        self.shown.emit()

    def _contains_modules(self, path: str) -> bool:
        """Whether a module has modules inside: after a change of it, those may be others."""
        module = self._model.module(path)
        return module is not None and any(isinstance(child, ModuleNode) for child in module.children)

    def _look_at_shape(self) -> None:
        def compare(shape: Shape) -> None:
            if self._found is None or shape != board_side.shape_of_found(self._found):
                self.read_all()

        self._board.ask(board_side.shape_of, compare)

    def _read_again(self) -> None:
        again, self._again = self._again, {}
        for module, names in again.items():
            self._board.ask(partial(_read_names, module, sorted(names)), partial(self._show_values, module))


def _read_names(module: ModuleNode, names: list[str], _: Any) -> Values:
    return board_side.read(module.proxy, names)
