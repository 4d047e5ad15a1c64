"""`BoardPlugin`: a plugin's connection to its board, the settings of its module, reports of failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymodaq.control_modules.thread_commands import ThreadStatus
from pymodaq_gui.parameter import Parameter
from pymodaq_utils.logger import get_module_name, set_logger
from pymodaq_utils.utils import ThreadCommand

from pyrpl_remote import connect
from pyrpl_remote.errors import PyrplRemoteError, RemoteError

from .. import config
from .settings_tree import module_group

logger = set_logger(get_module_name(__file__))


def board_params(modules: tuple[str, ...]) -> list[dict]:
    """The settings that a plugin has before it is connected: the board, and the module if there are several.

    Returns the parameters as dicts. At init a group with the settings of the module is added, under its name.
    """
    params = [
        {
            "title": "Board:",
            "name": "board",
            "type": "str",
            "value": config("board", "name"),
            "tip": "Name of the board's PyRPL configuration, or virtual. Takes effect at init.",
        },
        {
            "title": "Hostname:",
            "name": "hostname",
            "type": "str",
            "value": config("board", "hostname"),
            "tip": "Address of the board; not needed for a board that was used before. Takes effect at init.",
        },
    ]
    if len(modules) > 1:
        params.append(
            {
                "title": "Module:",
                "name": "module",
                "type": "list",
                "limits": list(modules),
                "value": modules[0],
            }
        )
    return params


class BoardPlugin:
    """Mixin for plugins that work on one module of a board.

    `controller` is the `pyrpl_remote` proxy of the board; a slave uses its master's.
    """

    # of PyMoDAQ's DAQ_Move_base and DAQ_Viewer_base
    controller: Any
    emit_status: Callable[[ThreadCommand], None]
    is_master: bool
    settings: Parameter
    _title: str

    modules: tuple[str, ...]
    """The modules that the plugin can work on."""

    shown: tuple[str, ...]
    """PyRPL's names of the attributes that are shown as settings."""

    section: str
    """The section of the configuration file with the values that are set at init."""

    @property
    def module_name(self) -> str:
        """The name of the module that the plugin works on."""
        return self.settings["module"] if len(self.modules) > 1 else self.modules[0]

    @property
    def module(self):
        """The proxy of the module that the plugin works on."""
        return getattr(self.controller.rp, self.module_name)

    def open_board(self, controller) -> tuple[str, bool]:
        """Connect to the board, or use the master's connection `controller`, and show the module's settings.

        If PyMoDAQ kept values of the module's settings, they are written to the module, otherwise those of
        the configuration's section. All other attributes of the module are unchanged. Returns a message and
        whether it succeeded, as PyMoDAQ's `ini_stage` and `ini_detector` do.
        """
        try:
            self.controller = self._connect() if self.is_master else controller
            self._set_module()
        except PyrplRemoteError as error:
            self.report(error)
            self.close_board()
            return one_line(error), False
        return f"{self.module_name} of {self.controller!r}", True

    def close_board(self) -> None:
        """Release the board. The connection is closed by the master only."""
        if self.is_master and self.controller is not None:
            self.controller.close()
        self.controller = None

    def commit_settings(self, param: Parameter) -> None:
        """Write a changed setting to the module, and show the value that the board has set."""
        if self.controller is None:
            return
        try:
            if param.name() == "module":
                self._show_module()
            elif param.parent() is not None and param.parent().name() == self.module_name:
                self._set(param.name(), param.value())
        except PyrplRemoteError as error:
            self.report(error)

    def report(self, error: PyrplRemoteError) -> None:
        """Show `error` in the status bar, and write it with its traceback to PyMoDAQ's log."""
        logger.error("%s: %s", self._title, error, exc_info=error)
        self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, one_line(error)))

    def _connect(self):
        parameters = {"hostname": self.settings["hostname"]} if self.settings["hostname"] else {}
        return connect(self.settings["board"], progress=self._progress, **parameters)

    def _progress(self, text: str) -> None:
        self.emit_status(ThreadCommand(ThreadStatus.UPDATE_STATUS, text))

    def _set_module(self) -> None:
        module = self.module
        known = {child.name(): child for child in self.settings.children()}
        if self.module_name in known:
            # the plugin was initialized before, and PyMoDAQ kept its settings
            chosen = {child.name(): child.value() for child in known[self.module_name].children()}
        else:
            chosen = config(self.section)
        for name, value in chosen.items():
            # writing an equal value could restart an acquisition or a signal that another user needs
            if getattr(module, name) != value:
                setattr(module, name, value)
        self._show_module()

    def _show_module(self) -> None:
        """Show the present module's group with the values of the board, and hide those of the others."""
        described = module_group(self.module, self.shown)
        groups = {child.name(): child for child in self.settings.children() if child.name() in self.modules}
        for name, group in groups.items():
            group.show(name == self.module_name)
        if self.module_name not in groups:
            self.settings.addChild(described)
            return
        for setting in described["children"]:
            shown = groups[self.module_name].child(setting["name"])
            if "limits" in setting:
                shown.setLimits(setting["limits"])
            shown.setValue(setting["value"])

    def _set(self, name: str, value) -> None:
        try:
            setattr(self.module, name, value)
        except RemoteError as error:
            # PyRPL refused the value, but the connection works: the board's unchanged value is shown below
            self.report(error)
        actual = getattr(self.module, name)
        if actual != value:
            self.settings.child(self.module_name, name).setValue(actual)


def one_line(error: PyrplRemoteError) -> str:
    """The error and its remedy in one line."""
    return " ".join(str(error).split())
