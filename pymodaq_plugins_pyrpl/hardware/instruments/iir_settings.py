"""`IirSettings`: zeros and poles of PyRPL's IIR filter as settings of a plugin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymodaq_gui.parameter import Parameter

from pyrpl_remote.errors import PyrplRemoteError

from ..board_plugin import BoardPlugin
from .iir_filter import parsed, require_possible, text_of

FILTER = ("zeros", "poles")

FILTER_PARAMS: list[dict[str, Any]] = [
    *(
        {
            "title": f"{name.capitalize()} (Hz):",
            "name": name,
            "type": "str",
            "value": "",
            "tip": f"The {name}, as in -100+50000j, -1e4. PyRPL adds the conjugates of complex ones.",
        }
        for name in FILTER
    ),
    {
        "title": "Write zeros and poles:",
        "name": "write",
        "type": "bool_push",
        "label": "Write",
        "value": False,
        "tip": "Set the filter up with both. PyRPL switches it off for a moment.",
    },
]


class IirSettings(BoardPlugin):
    """Mixin for a plugin on the module iir: it shows zeros and poles, and writes both together on request.

    Written one after the other they would be another filter in between, which may be unstable in a loop. A
    filter that PyRPL cannot make is refused before anything is sent.
    """

    followed = FILTER

    def open_board(self, controller) -> tuple[str, bool]:
        """Connect to the board, and show its filter."""
        info, initialized = super().open_board(controller)
        if initialized:
            self._show_filter(self.ask(lambda: self.module.snapshot(*FILTER)))
        return info, initialized

    def commit_settings(self, param: Parameter) -> None:
        """Write a changed setting to the module, and show the value that the board has set."""
        if param.name() in FILTER:
            return  # until both are written
        if param.name() != "write":
            super().commit_settings(param)
        elif param.value() and self.controller is not None:
            param.setValue(False)
            self._write_filter()

    def changed(self, module: str, name: str, value: Any) -> None:
        """Show zeros and poles that somebody has changed."""
        if name in FILTER:
            self._show_filter({name: value})

    def _write_filter(self) -> None:
        module = self.module

        def write(zeros: list, poles: list) -> dict[str, Any]:
            module.setup(zeros=zeros, poles=poles)
            return module.snapshot(*FILTER)

        try:
            zeros, poles = (parsed(self.settings[name]) for name in FILTER)
            require_possible(zeros, poles)
            self._show_filter(self.ask(lambda: write(zeros, poles)))
        except PyrplRemoteError as error:
            self.report(error)

    def _show_filter(self, values: Mapping[str, Any]) -> None:
        for name, numbers in values.items():
            self.settings.child(name).setValue(text_of(numbers))
