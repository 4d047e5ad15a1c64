"""PyMoDAQ's scan of one actuator, without a screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pymodaq.dashboard import DashBoard
from pymodaq.extensions import ExtensionEnum

from .offscreen import Emitted, qt_until


def make_scan(dashboard: DashBoard, actuator: str, detectors: list[str], points: np.ndarray, file: Path):
    """A DAQScan that is ready to start, and a list of the texts of its status."""
    dashboard.experiment_manager.set_entry_applied(True)
    scan = dashboard.load_extension(ExtensionEnum.SCANNER)
    scan.override_popups(False)
    scan.modules_manager.selected_actuators_name = [actuator]
    scan.modules_manager.selected_detectors_name = detectors
    scan.scanner.set_scan_type_and_subtypes("Scan1D", "Linear")
    settings = scan.scanner.scanner.settings
    settings.child("start").setValue(float(points[0]))
    settings.child("stop").setValue(float(points[-1]))
    settings.child("step").setValue(float(points[1] - points[0]))
    scan.h5saver.init_file(addhoc_file_path=str(file))
    return scan


def finish(scan, timeout: float = 30.0) -> None:
    """Start a scan, and wait until it has ended, and its data are saved."""
    done = Emitted(scan.scan_done_signal)
    scan.do_scan()
    qt_until(lambda: done, timeout, "the scan's end")
    qt_until(lambda: scan.settings["saver_worker", "worker_tasks"] == 0, 10.0, "the saving")
