"""PyMoDAQ's own modules without a screen, driven through PyMoDAQ's own signals.

Import this before anything of PyMoDAQ: it makes PyMoDAQ keep its files in the folder of this test run.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .environment import FOLDER

# of this process alone: PyMoDAQ saves its configurations with what a test has changed in them
HOME = Path(tempfile.mkdtemp(prefix="home-", dir=FOLDER))
os.environ.update(HOME=str(HOME), USERPROFILE=str(HOME))

import pytest
from pymodaq_utils import config

# a run as root would write to /etc
config.CONFIG_BASE_PATH = HOME
config.get_set_local_dir.cache_clear()
# at its import PyMoDAQ would list the installed packages, with a process that it does not wait for
config.GlobalConfig()["utils", "backup", "keep_backup"] = False

import pymodaq_data  # noqa: F401 - adds its section to the configuration

# a scan would make the folder C:\Data in the working folder
config.GlobalConfig()["data", "data_saving", "h5file", "save_path"] = str(HOME)

from pymodaq.control_modules.daq_move import DAQ_Move
from pymodaq.control_modules.daq_viewer import DAQ_Viewer
from pymodaq.control_modules.enums import DAQTypesEnum
from pymodaq.dashboard import DashBoard, create_load_dashboard
from pymodaq.utils.managers.modules.loader import ModuleType, PluginInfo
from pymodaq_gui.qt_utils import mkQApp
from qtpy.QtWidgets import QApplication

from .qt_events import garbage_collected_here, qt_until

in_qt_loop = pytest.mark.timeout(method="thread")
"""For tests that wait in Qt's event loop, where Python handles no signals: a time-out ends the run."""


class Emitted(list):
    """Everything that a signal emits from now on, in order: the first value of each emission."""

    def __init__(self, signal):
        super().__init__()
        signal.connect(lambda *values: self.append(values[0] if values else None))

    def wait(self, timeout: float = 20.0, what: str = "a signal"):
        """Wait for the next emission, and return its first value."""
        before = len(self)
        qt_until(lambda: len(self) > before, timeout, what)
        return self[before]


def actuator(name: str, plugin: str, controller: int, axis: str, master: bool = True) -> PluginInfo:
    """A DAQ_Move of `plugin` for `axis`. Modules with the same `controller` number share a connection."""
    return PluginInfo(controller, name, plugin, ModuleType.Actuator, is_master=master, axis_name=axis)


def detector(name: str, plugin: str, controller: int, master: bool = True, dimensions: int = 1) -> PluginInfo:
    """A DAQ_Viewer of `plugin`, whose data have so many dimensions."""
    kind = DAQTypesEnum[f"DAQ{dimensions}D"]
    return PluginInfo(controller, name, plugin, ModuleType.Detector, is_master=master, daq_type=kind)


@contextmanager
def dashboard(*groups: list[PluginInfo]) -> Iterator[tuple[DashBoard, dict[str, DAQ_Move | DAQ_Viewer]]]:
    """A dashboard with the modules of `groups`, initialized, and its modules by name.

    Each group is a master with its slaves.
    """
    mkQApp("tests")
    with garbage_collected_here():
        ui, board = create_load_dashboard()
        try:
            added = Emitted(board.modules_manager.modules_added_signal)
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


def edit(plugin, *path: str, value) -> None:
    """Edit a setting of a plugin without its module: set it, and commit it, as PyMoDAQ does."""
    plugin.settings.child(*path).setValue(value)
    plugin.commit_settings(plugin.settings.child(*path))


def set_setting(module: DAQ_Move | DAQ_Viewer, *path: str, value) -> None:
    """Edit a setting of the plugin in `module`, as a user does."""
    settings = module.settings.child(
        "detector_settings" if isinstance(module, DAQ_Viewer) else "actuator_settings"
    )
    settings.child(*path).setValue(value)
