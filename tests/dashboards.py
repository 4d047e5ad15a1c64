"""Scans of PyMoDAQ's own DAQ_Scan in a dashboard without a screen, read back from their h5 file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from .offscreen import Emitted, dashboard, in_qt_loop, qt_until, set_setting  # before anything of PyMoDAQ

# isort: split
import numpy as np
import pytest
from pymodaq.control_modules.daq_move import DAQ_Move
from pymodaq.control_modules.daq_viewer import DAQ_Viewer
from pymodaq.dashboard import DashBoard
from pymodaq.extensions import ExtensionEnum
from pymodaq.extensions.scan.daq_scan import DAQScan
from pymodaq.utils.managers.modules.loader import PluginInfo
from pymodaq_data.data import DataToExport
from pymodaq_data.h5modules.data_saving import DataLoader
from pymodaq_gui.utils.custom_app import WorkFlowActions
from qtpy.QtCore import QEventLoop, QTimer

scans = [
    in_qt_loop,
    # PyMoDAQ saves and loads arrays of one dimension more than a detector's with the detector's dimension
    pytest.mark.filterwarnings("ignore:The specified dimensionality is not coherent"),
]
"""The marks of tests that scan."""

Points = Sequence[float] | np.ndarray
"""The values that an actuator takes in a scan."""

SCAN_SECONDS = 60.0
"""How long a scan may take."""


@dataclass
class Scanned:
    """What a scan has written to its file.

    `axes`: the values of each actuator, by its title; those of the average by "Average". `data`: the data of
    each detector, by its title and the label of the channel; a scan's dimensions come first.
    """

    axes: dict[str, np.ndarray] = field(default_factory=dict)
    data: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)

    def of(self, detector: str, label: str = "") -> np.ndarray:
        """The data of the only channel of a detector whose label begins with `label`."""
        found = [key for key in self.data if key[0] == detector and key[1].startswith(label)]
        assert len(found) == 1, f"{detector} has {[key[1] for key in self.data if key[0] == detector]}"
        return self.data[found[0]]


class Scanner:
    """The scan extension of a dashboard. Attribute: `statuses`, what it has shown in its status bar."""

    def __init__(self, window: DashBoard, folder: Path):
        """Load the extension; its files are written to `folder`."""
        # the extension is enabled for an experiment that is complete
        window.experiment_manager.set_entry_applied(True)
        self.extension: DAQScan = window.load_extension(ExtensionEnum.SCANNER)
        self.extension.override_popups(False)
        self.statuses = Emitted(self.extension.status_sig)
        self._files = (folder / f"scan{number}.h5" for number in itertools.count())

    def run(
        self,
        detectors: Sequence[str],
        average: int = 1,
        seconds: float = SCAN_SECONDS,
        **points: Points,
    ) -> Scanned:
        """Scan one or two actuators, by their titles, over `points`, and return what the file contains.

        Two actuators are given in the order of the dashboard, and their points are equidistant; the second
        one moves at each point.
        """
        self.start(detectors, average, **points)
        self.wait(seconds)
        return self.read()

    def start(self, detectors: Sequence[str], average: int = 1, **points: Points) -> None:
        """Start a scan, as the button does."""
        extension, manager = self.extension, self.extension.modules_manager
        manager.selected_actuators_name = list(points)
        manager.selected_detectors_name = list(detectors)
        # PyMoDAQ orders them as they stand in the dashboard
        assert manager.selected_actuators_name == list(points)
        if len(points) == 1:
            extension.scanner.set_scan_type_and_subtypes("Scan1D", "Sparse")
            (values,) = points.values()
            extension.scanner.scanner.from_dict({"string": ",".join(map(repr, map(float, values)))})
        else:
            extension.scanner.set_scan_type_and_subtypes("Scan2D", "Linear")
            extension.scanner.scanner.from_dict(
                {
                    f"axis{number}": {"start": values[0], "stop": values[-1], "step": values[1] - values[0]}
                    for number, values in enumerate(points.values(), start=1)
                }
            )
        extension.settings.child("scan_options", "scan_average").setValue(average)
        extension.h5saver.init_file(addhoc_file_path=next(self._files))
        self._done = Emitted(extension.scan_done_signal)
        extension.do_scan()

    def wait(self, seconds: float = SCAN_SECONDS) -> None:
        """Wait until the scan has ended or was given up, and its data are in the file."""
        # not qt_until, whose pauses would be half of a point's time
        loop, limit = QEventLoop(), QTimer()
        self.extension.scan_done_signal.connect(loop.quit)
        limit.timeout.connect(loop.quit)
        limit.start(round(seconds * 1000))
        if self.running:
            loop.exec()
        assert not self.running, f"waited {seconds} s for the end of the scan"
        qt_until(lambda: self.extension.is_action_enabled(WorkFlowActions.START), seconds, "the scanner")
        qt_until(lambda: self.extension.settings["saver_worker", "worker_tasks"] == 0, seconds, "the file")

    @property
    def running(self) -> bool:
        """Whether a scan runs."""
        return not self._done

    @property
    def reasons(self) -> list[str]:
        """Why scans were given up, or went on without data: what the status bar has shown."""
        return [command.attribute for command in self.statuses if command.command == "Timeout"]

    def read(self) -> Scanned:
        """What the file of the last scan contains."""
        scan = self.extension.module_and_data_saver.get_last_node()
        scanned = Scanned()
        for data in DataLoader(self.extension.h5saver).load_all(scan.path, DataToExport("scan")):
            scanned.axes |= {axis.label: axis.get_data() for axis in data.get_nav_axes()}
            scanned.data |= {(data.origin, label): values for label, values in zip(data.labels, data.data)}
        return scanned


def later(group: list[PluginInfo]) -> list[PluginInfo]:
    """The modules of a group, not initialized until `initialize`, which edits their settings first."""
    return [replace(one, do_init=False) for one in group]


def initialize(one: DAQ_Move | DAQ_Viewer, seconds: float = 60.0, **settings: object) -> None:
    """Edit settings of a plugin, as `board`, and initialize it, as a user does."""
    for name, value in settings.items():
        set_setting(one, name, value=value)
    initialized = Emitted(one.init_signal)
    one.init_hardware_ui(True)
    assert initialized.wait(seconds, f"the init of {one.title}"), f"{one.title} is not initialized"


@contextmanager
def scanner(
    folder: Path, *groups: list[PluginInfo]
) -> Iterator[tuple[Scanner, dict[str, DAQ_Move | DAQ_Viewer]]]:
    """A dashboard's scanner, and by name its modules, those of `groups` (see offscreen.dashboard)."""
    with dashboard(*groups) as (window, modules):
        yield Scanner(window, folder), modules
