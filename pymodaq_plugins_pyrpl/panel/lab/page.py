"""`LabPage`: the hosts of the lab at the left, its configuration at the right."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ..background import Failed
from .configuration import ConfigurationPart
from .hosts import HostsPart


class LabPage(QWidget):
    """It asks nothing before it is shown."""

    def __init__(self, failed: Failed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hosts = HostsPart(failed)
        self.configuration = ConfigurationPart(failed)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.hosts)
        parts.addWidget(self.configuration)
        parts.setChildrenCollapsible(False)
        QVBoxLayout(self).addWidget(parts)

    def open(self) -> None:
        """Read everything again."""
        self.hosts.read()
        self.configuration.read()

    def close_page(self) -> None:
        """Ask nothing any more."""
        self.hosts.close_part()
        self.configuration.close_part()
