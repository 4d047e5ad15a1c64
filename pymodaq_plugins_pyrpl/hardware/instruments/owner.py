"""`ShowsOwner`: which part of PyRPL holds the plugin's module, in its settings; a warning where one does."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq_utils.utils import ThreadCommand

from ..board_plugin import BoardPlugin

OWNER = {
    "title": "Held by:",
    "name": "owner",
    "type": "str",
    "value": "",
    "readonly": True,
    "tip": "The part of PyRPL that uses the module, as an analyser does while it measures, and changes it.",
}
"""The setting."""


class ShowsOwner(BoardPlugin):
    """Mixin for a plugin with OWNER among its settings."""

    def read_owner(self) -> None:
        """Read who holds the module, and show it."""
        module, name = self.module, self.module_name

        def done(future: Future) -> None:
            if self.controller is not None and self.module_name == name and future.exception() is None:
                self.show_owner(future.result())

        if self.background is not None:
            self.background.begin(lambda: module.owner, done)

    def show_owner(self, owner: str | None) -> None:
        """Show who holds the module, and say so in the status bar."""
        if owner and owner != self.settings["owner"]:
            text = f"{owner} uses {self.module_name}, and changes its settings while it works"
            self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, text))
        self.settings.child("owner").setValue(owner or "")

    def changed(self, module: str, name: str, value: Any) -> None:
        """Show a new owner."""
        super().changed(module, name, value)
        if module == self.module_name and name == "owner":
            self.show_owner(value)

    def _set_module(self) -> None:
        super()._set_module()
        self.read_owner()
