"""`FoundRows`: the rows that a search finds, with the modules that they are in."""

from __future__ import annotations

from qtpy.QtCore import QModelIndex, QObject, QSortFilterProxyModel

from .model import NODE
from .nodes import ModuleNode


class FoundRows(QSortFilterProxyModel):
    """Shows the rows whose path has all words that are searched for, as "pid0 set" finds rp.pid0.setpoint."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.words: list[str] = []
        self.setRecursiveFilteringEnabled(True)
        # a value that changes must not make Qt look through the rows again
        self.setDynamicSortFilter(False)

    def search(self, text: str) -> None:
        """Show what has all words of `text`; everything for ""."""
        self.words = text.lower().split()
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        """Whether a row is found."""
        source = self.sourceModel()
        node = source.data(source.index(row, 0, parent), NODE)
        return all(word in node.words for word in self.words)

    def to_open(self) -> list[QModelIndex]:
        """The found modules that must be opened so that the found attributes are seen.

        A module that is found by its own name is not opened.
        """
        wanted: list[QModelIndex] = []
        self._collect(QModelIndex(), wanted)
        return wanted

    def _collect(self, parent: QModelIndex, wanted: list[QModelIndex]) -> None:
        for row in range(self.rowCount(parent)):
            index = self.index(row, 0, parent)
            node = index.data(NODE)
            if isinstance(node, ModuleNode) and not all(word in node.words for word in self.words):
                wanted.append(index)
                self._collect(index, wanted)
