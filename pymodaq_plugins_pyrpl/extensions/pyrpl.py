"""The panel as an extension of PyMoDAQ's dashboard: all boards of the lab in a dock."""

from __future__ import annotations

from typing import Any

from pymodaq.utils.custom_ext import CustomExt
from pymodaq_gui.utils import Dock, DockArea

from pymodaq_plugins_pyrpl.panel.window import PanelWindow

EXTENSION_NAME = "PyRPL"
CLASS_NAME = "PyRPLPanel"


class PyRPLPanel(CustomExt):
    """Shows the panel in a dock. Its boards share the sessions of this program's plugins."""

    def __init__(self, parent: DockArea, dashboard: Any) -> None:
        super().__init__(parent, dashboard)
        self.panel = PanelWindow(embedded=True)
        self.setup_ui()

    def setup_docks_and_widgets(self) -> None:
        """Put the panel into a dock."""
        dock = self.docks["panel"] = Dock("PyRPL")
        self.dockarea.addDock(dock)
        dock.addWidget(self.panel)

    def setup_actions(self) -> None:
        """Make an action of PyMoDAQ's toolbar; the panel has menus of its own."""
        self.add_action("look", "Look again", "Refresh2", "Ask all boards and hosts now")

    def connect_things(self) -> None:
        """Connect that action."""
        self.connect_action("look", self.panel.watch.look)

    def stop(self) -> None:
        """Nothing moves in the panel."""

    def _quit_fun(self) -> bool:
        """End the panel's sessions; the boards go on with the other clients."""
        self.panel.close_all()
        return True
