"""What every plugin does with its board: take it or share it, show the settings of its module, report what fails."""

from __future__ import annotations

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
    """The settings that are there before any board is: which one, and which of its `modules` if there are several.

    The settings of the module itself are added at init, as a group with the module's name.
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
            "tip": "Address of the board; may stay empty for a board that runs or was used before. Takes effect at init.",
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

    modules: tuple[str, ...]
    """The modules that the plugin can work on."""

    shown: tuple[str, ...]
    """Names of the settings that are shown, as PyRPL names them."""

    section: str
    """The section of the configuration that says what is set at init."""

    @property
    def module_name(self) -> str:
        """The module that the plugin works on."""
        return self.settings["module"] if len(self.modules) > 1 else self.modules[0]

    @property
    def module(self):
        """The proxy of that module."""
        return getattr(self.controller.rp, self.module_name)

    def open_board(self, controller) -> tuple[str, bool]:
        """Take the board, or the master's share of it, and show the module's settings; gives what PyMoDAQ's `ini_*` give.

        What the user chose before, or else the configuration's section, is set on the module; all else stays as it is.
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
        """Release the board; a slave's share is its master's."""
        if self.is_master and self.controller is not None:
            self.controller.close()
        self.controller = None

    def commit_settings(self, param: Parameter) -> None:
        """Set on the module what the user changed, and show what it became."""
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
        """Show `error` in the status bar, and write all of it to PyMoDAQ's log."""
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
            # this plugin was initialized before, and PyMoDAQ kept the settings
            chosen = {child.name(): child.value() for child in known[self.module_name].children()}
        else:
            chosen = config(self.section)
        for name, value in chosen.items():
            # writing what is there already could restart what runs, under the eyes of another user of the board
            if getattr(module, name) != value:
                setattr(module, name, value)
        self._show_module()

    def _show_module(self) -> None:
        """Show the group of the present module, at the values that the board has, and no other module's."""
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
            # PyRPL refused, but the board is there: show what it still has
            self.report(error)
        actual = getattr(self.module, name)
        if actual != value:
            self.settings.child(self.module_name, name).setValue(actual)


def one_line(error: PyrplRemoteError) -> str:
    """The error and its remedy in one line."""
    return " ".join(str(error).split())
