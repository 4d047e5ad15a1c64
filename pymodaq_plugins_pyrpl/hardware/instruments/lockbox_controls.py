"""`LockboxControls`: the state of a lockbox in a plugin's settings, and buttons that lock, unlock, and so on.

A lock takes as long as its stages, and a calibration some seconds: other requests of the plugin, and other
programs, do not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq_gui.parameter import Parameter
from pymodaq_utils.utils import ThreadCommand

from pyrpl_remote.errors import AcquisitionCancelled, PyrplRemoteError

from ..background import ACQUISITIONS
from ..board_plugin import BoardPlugin
from .lockbox import BUTTONS, LOCKED, output_channels, state_text

OUTPUT = {
    "title": "Output:",
    "name": "output",
    "type": "list",
    "limits": [],
    "tip": "The output that the axis offset moves.",
}
"""The setting."""


def control_params() -> dict:
    """The group of settings, as a dict."""
    buttons = [
        {"title": " ", "name": name, "type": "bool_push", "label": label, "value": False, "tip": tip}
        for name, (label, tip) in BUTTONS.items()
    ]
    return {
        "title": "Lock:",
        "name": "control",
        "type": "group",
        "children": [
            {"title": "State:", "name": "state", "type": "str", "value": "", "readonly": True},
            {"title": "Locked:", "name": "locked", "type": "led", "value": False, "readonly": True},
            *buttons,
        ],
    }


class LockboxControls(BoardPlugin):
    """Mixin for a plugin with `control_params()` and OUTPUT among its settings that works on the lockbox."""

    modules = ("lockbox",)
    state: Any = None
    """PyRPL's `current_state`, when it was last read."""

    channels: dict[str, str] = {}  # noqa: RUF012 - replaced, never changed
    """The channel of each output, as "out1", by the output's name."""

    def show_replaced(self) -> None:
        """Show the lockbox again, where its class or its outputs are others."""
        try:
            self._set_module()
            self.module_changed()
        except PyrplRemoteError as error:
            self.report(error)

    def link_healed(self) -> None:
        """Show the state: the board may have been restarted."""
        super().link_healed()
        self.read_lock()

    def show_lock(self, state: Any, status: bool) -> None:
        """Show PyRPL's `current_state` and `lock_status`."""
        self.state = state
        self.settings.child("control", "state").setValue(state_text(state, status))
        self.settings.child("control", "locked").setValue(state == LOCKED and status)

    def read_lock(self) -> None:
        """Read the state of the lock from the board, and show it."""
        lockbox = self.module

        def done(future: Future) -> None:
            if self.controller is not None and future.exception() is None:
                self.show_lock(**future.result())

        if self.background is not None:
            self.background.begin(
                lambda: {"state": lockbox.current_state, "status": lockbox.lock_status}, done
            )

    def commit_settings(self, param: Parameter) -> None:
        """Press a button, or write a changed setting."""
        parent = param.parent()
        if parent is None or parent.name() != "control":
            super().commit_settings(param)
        elif param.name() in BUTTONS and param.value():
            self.settings.child("control", param.name()).setValue(False)
            self.press(param.name())

    def press(self, button: str) -> None:
        """Do what a button says. A failure, and the result of a lock, are reported when it is done."""
        if self.controller is None or self.background is None:
            return
        lockbox = self.module
        calls: dict[str, Callable[[], Any]] = {
            "lock": lockbox.lock,
            "unlock": lockbox.unlock,
            "sweep": lockbox.sweep,
            "calibrate": lockbox.calibrate_all,
        }

        def done(future: Future) -> None:
            if self.controller is None:
                return
            error = future.exception()
            if isinstance(error, AcquisitionCancelled):
                self.tell("the lock sequence was ended")
            elif isinstance(error, Exception):
                self.report(error)
            elif button == "lock":
                self.tell("locked" if future.result() else "not locked: the sequence ended without a lock")
            self.read_lock()

        # unlocking does not wait for a lock that is being acquired: it ends it
        lane = ACQUISITIONS if button in ("lock", "calibrate") else "lockbox"
        self.background.begin(calls[button], done, lane)

    def tell(self, text: str) -> None:
        """Show a text in the status bar."""
        self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, text))

    def _set_module(self) -> None:
        super()._set_module()
        self.channels = self.ask(lambda: output_channels(self.module))
        output, names = self.settings.child("output"), list(self.channels)
        output.setLimits(names)
        if output.value() not in names and names:
            output.setValue(names[0])
        self.read_lock()
