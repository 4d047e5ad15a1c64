"""PyMoDAQ without a screen, in a user's folder of this run: its own modules, driven through its own signals.

To be imported before anything of PyMoDAQ.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .environment import FOLDER

HOME = Path(FOLDER, "home")
HOME.mkdir(exist_ok=True)
os.environ.update(HOME=str(HOME), USERPROFILE=str(HOME))

from pymodaq_utils import config

# a run as root would write to /etc
config.CONFIG_BASE_PATH = HOME
config.get_set_local_dir.cache_clear()
# at its import PyMoDAQ would list the installed packages, with a process that it does not wait for
config.GlobalConfig()["utils", "backup", "keep_backup"] = False

from pymodaq.control_modules.daq_move import DAQ_Move
from pymodaq.control_modules.daq_viewer import DAQ_Viewer
from pymodaq.control_modules.enums import DAQTypesEnum
from pymodaq.dashboard import DashBoard, create_load_dashboard
from pymodaq.utils.managers.modules.loader import ModuleType, PluginInfo
from pymodaq_gui.qt_utils import mkQApp
from qtpy.QtWidgets import QApplication


def qt_until(condition: Callable[[], object], timeout: float = 20.0, what: str = "the condition") -> object:
    """Go on with Qt's events until `condition()` is true, and return its value."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        QApplication.processEvents()
        time.sleep(0.002)
    return value


class Heard(list):
    """Everything that a signal emitted, in order."""

    def __init__(self, signal):
        super().__init__()
        signal.connect(lambda *values: self.append(values[0] if values else None))

    def wait(self, timeout: float = 20.0, what: str = "a signal"):
        """The next thing that is emitted from now on."""
        before = len(self)
        qt_until(lambda: len(self) > before, timeout, what)
        return self[before]


def actuator(name: str, plugin: str, controller: int, axis: str, master: bool = True) -> PluginInfo:
    """A DAQ_Move of `plugin` for `axis`; modules of one `controller` number share a board."""
    return PluginInfo(controller, name, plugin, ModuleType.Actuator, is_master=master, axis_name=axis)


def detector(name: str, plugin: str, controller: int, master: bool = True) -> PluginInfo:
    """A DAQ_Viewer of the 1D `plugin`."""
    return PluginInfo(
        controller, name, plugin, ModuleType.Detector, is_master=master, daq_type=DAQTypesEnum.DAQ1D
    )


@contextmanager
def dashboard(*groups: list[PluginInfo]) -> Iterator[tuple[DashBoard, dict[str, DAQ_Move | DAQ_Viewer]]]:
    """A dashboard with the modules of `groups`, each a master with its slaves, initialized; and them by name."""
    mkQApp("tests")
    ui, board = create_load_dashboard()
    try:
        added = Heard(board.modules_manager.modules_added_signal)
        board.module_creator.load_created_modules(list(groups))
        qt_until(lambda: added, 60.0, "the modules")
        modules = {module.title: module for module in board.modules_manager.modules_all}
        yield board, modules
    finally:
        board.quit_fun()
        for widget in (ui.parent, board.tree):
            widget.close()
            widget.deleteLater()
        QApplication.processEvents()


def set_setting(module: DAQ_Move | DAQ_Viewer, *path: str, value) -> None:
    """Edit a setting of the plugin as a user does."""
    settings = module.settings.child(
        "detector_settings" if isinstance(module, DAQ_Viewer) else "actuator_settings"
    )
    settings.child(*path).setValue(value)
