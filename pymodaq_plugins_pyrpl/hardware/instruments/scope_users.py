"""Who uses the scope, which PyRPL's spectrum analyser takes its curves with."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq_utils.utils import ThreadCommand

from ..board_plugin import BoardPlugin

SCOPE = "rp.scope"

NOTE_PARAM = {"title": "The scope is:", "name": "scope", "type": "str", "value": "", "readonly": True}


class ScopeUsersNote(BoardPlugin):
    """Mixin for a plugin that changes the scope's settings: a note in its settings says who else uses it.

    The plugin itself never uses the module `scope`, else it would name itself.
    """

    def look_for_scope_users(self) -> None:
        """Read who uses the scope, and show it soon."""
        if self.background is not None and self.controller is not None:
            self.background.begin(self.controller.status, self._note_scope_users, lane="state")

    def _note_scope_users(self, status: Future) -> None:
        if self.controller is None or status.exception() is not None:
            return
        text = note(scope_users(status.result()))
        if text and text != self.settings["scope"]:
            self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, f"The scope is {text}"))
        self.settings.child("scope").setValue(text)


def scope_users(status: Any) -> list[str]:
    """The programs that use the scope, from a board's status (a pyrpl_remote BoardStatus)."""
    return [
        f"{client.program} (pid {client.pid})"
        for client in status.clients
        if SCOPE in client.modules or SCOPE in client.acquisitions
    ]


def note(users: list[str]) -> str:
    """What to say about the users of the scope; "" if there are none."""
    if not users:
        return ""
    return f"also used by {', '.join(users)}: each spectrum changes its settings and ends its acquisition"
