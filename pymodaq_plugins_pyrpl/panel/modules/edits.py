"""`Edits`: writes what was entered, and shows what became of it in the row itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qtpy.QtCore import QObject, Signal

from pyrpl_remote.errors import BadValue

from ..open_board import OpenBoard
from . import board_side
from .board_side import Written
from .entry import entered
from .model import ModulesModel
from .nodes import AttributeNode, Node, StageNode, attribute_of


class Edits(QObject):
    """Edits of attributes. `shown()`: what became of one is in its row."""

    shown = Signal()

    def __init__(self, board: OpenBoard, model: ModulesModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._model = model

    def enter(self, node: Node, value: Any) -> None:
        """Write what was entered for an attribute or a stage: a text, or one of the options."""
        attribute = attribute_of(node)
        try:
            if isinstance(value, str):
                value = entered(attribute.attribute, value, attribute.offered or [], attribute.value)
            if isinstance(node, StageNode):
                stages = enumerate(attribute.value)
                value = [value if number == node.number else stage for number, stage in stages]
        except BadValue as error:
            self.refuse(attribute, error)
            return
        module = attribute.module
        names = [one.name for one in module.attributes]
        attribute.refusal = attribute.remark = ""
        attribute.writing += 1
        self._model.changed(attribute)
        self._board.ask(
            lambda _: board_side.write(module.proxy, attribute.name, value, names),
            partial(self._written, attribute),
            lambda error: self._written(attribute, Written(error, [], None)),
        )

    def ask_options(self, attribute: AttributeNode, then: Callable[[AttributeNode], object]) -> None:
        """Ask which options an attribute has now, and call `then(attribute)`."""

        def done(options: list[Any]) -> None:
            attribute.options = options
            then(attribute)

        # beside other requests: to list the saved curves takes PyRPL long
        self._board.ask_long(
            lambda _: attribute.module.proxy.options_of(attribute.name),
            done,
            partial(self.refuse, attribute),
        )

    def refuse(self, attribute: AttributeNode, error: Exception) -> None:
        """Show why an edit was refused; the row shows the value that the board has."""
        attribute.refusal = str(error)
        self._model.changed(attribute)
        self.shown.emit()

    def _written(self, attribute: AttributeNode, written: Written) -> None:
        attribute.writing -= 1
        attribute.remark = "PyRPL: " + "; ".join(written.warnings) if written.warnings else ""
        if written.after is not None:
            self._model.show_values(attribute.module, written.after)
        if written.error is not None:
            self.refuse(attribute, written.error)
        else:
            self._model.changed(attribute)
            self.shown.emit()
