"""Makes the documentation's pictures of PyMoDAQ's dashboard and of the panel, without a screen.

Run by hand: `python -m tests.campaigns.pictures docs/images`; then `tests.campaigns.look_pictures` and
`tests.campaigns.panel_movie`, which make the others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# before anything of PyMoDAQ
from ..dashboards import initialize, later
from ..offscreen import Emitted, actuator, dashboard, detector, qt_until

# isort: split
from pymodaq.control_modules.daq_viewer import DAQ_Viewer
from pymodaq_gui.parameter import ParameterTree
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QSplitter, QWidget

from pymodaq_plugins_pyrpl import config
from pyrpl_remote import connect
from pyrpl_remote.errors import RemoteError

from ..boards import RunningBoard, running_board
from . import panel_pictures


@contextmanager
def own_board(plant: str, **parameters: float) -> Iterator[tuple[RunningBoard, Any]]:
    """A virtual board with a plant, which the plugins find under the name `lab`."""
    with running_board() as board:
        board.control.plant(plant, **parameters)
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        config["boards", "lab"] = where
        with connect("lab", **where) as p:
            yield board, p
        config["boards", "lab"] = {}


def six_plugins(folder: Path) -> None:
    """A dashboard with three moves and three viewers."""
    groups = [
        [
            actuator("Frequency", "PyRPL_ASG", 1, "frequency"),
            actuator("Amplitude", "PyRPL_ASG", 1, "amplitude", master=False),
            actuator("Set point", "PyRPL_PID", 1, "setpoint", master=False),
            detector("Scope", "PyRPL_Scope", 1, master=False),
            detector("Spectrum", "PyRPL_SpectrumAnalyzer", 1, master=False),
            detector("Sampler", "PyRPL_Sampler", 1, master=False, dimensions=0),
        ]
    ]
    with own_board("loopback") as (_, p), dashboard(later(groups[0])) as (window, modules):
        p.rp.asg0.setup(frequency=2e3, amplitude=0.5, output_direct="out1", trigger_source="immediately")
        p.rp.scope.setup(input1="in1", input2="asg0", duration=1e-3, trigger_source="ch1_positive_edge")
        for one in groups[0]:
            initialize(modules[one.name], board="lab")
        for name, value in (("Frequency", 3e3), ("Amplitude", 0.7), ("Set point", 0.1)):
            done = Emitted(modules[name].move_done_signal)
            modules[name].move_abs(value)
            done.wait(what=name)
        p.spectrumanalyzer.setup(span=60e3, rbw=100, window="flattop")
        spectrum = modules["Spectrum"].settings.child("detector_settings")
        spectrum["cross"], spectrum["unit"] = False, "dB(Vpk^2)"
        snap(modules["Spectrum"])
        p.rp.scope.setup(input1="in1", input2="asg0", duration=1e-3, trigger_source="ch1_positive_edge")
        for _ in range(20):
            snap(modules["Sampler"])
        snap(modules["Scope"])
        save(window.shared_ui.mainwindow, folder / "dashboard.png", 1400, 800)


def bode_plot(folder: Path) -> None:
    """A Bode plot that grows while a resonance is measured, and the settings of the analyser."""
    group = [detector("Network", "PyRPL_NetworkAnalyzer", 1)]
    with own_board("resonator") as (_, p), dashboard(later(group)) as (window, modules):
        initialize(modules["Network"], board="lab")
        p.networkanalyzer.setup(
            input="in1",
            output_direct="out1",
            start_freq=1e4,
            stop_freq=1e5,
            points=301,
            logscale=False,
            rbw=300,
            average_per_point=1,
            trace_average=1,
            amplitude=0.2,
        )
        modules["Network"].grab()
        qt_until(lambda: point_of(p.networkanalyzer) > 180, 60.0, "most of the sweep")
        save(window.shared_ui.mainwindow, folder / "bode.png", 1000, 600)
        modules["Network"].stop_grab()
        tree = ParameterTree()
        tree.setParameters(modules["Network"].settings.child("detector_settings"), showTop=False)
        for name in ("connection", "state", "networkanalyzer"):
            modules["Network"].settings.child("detector_settings", name).setOpts(expanded=True)
        save(tree, folder / "settings.png", 480, 900)


def lost_board(folder: Path) -> None:
    """What a dashboard shows while its board does not answer, and after it came back."""
    group = [actuator("Amplitude", "PyRPL_ASG", 1, "amplitude"), detector("Scope", "PyRPL_Scope", 1, False)]
    with own_board("loopback") as (board, p), dashboard(later(group)) as (window, modules):
        p.rp.asg0.setup(frequency=1e4, output_direct="out1", trigger_source="immediately")
        p.rp.scope.setup(input1="in1", input2="asg0", duration=1e-3, trigger_source="ch1_positive_edge")
        for one in group:
            initialize(modules[one.name], board="lab")
        p.rp.scope.duration = 1e-3
        snap(modules["Scope"])
        settings = modules["Amplitude"].settings.child("actuator_settings")
        modules["Amplitude"].settings.child("main_settings").hide()
        settings.child("state").setOpts(expanded=True)
        modules["Amplitude"].ui.show_settings(True)
        window.shared_ui.mainwindow.resize(1300, 700)
        widen(window.settings_dock, 600)
        board.control.silence(True)
        modules["Amplitude"].move_abs(0.4)
        qt_until(lambda: settings["state", "link"].startswith("reconnecting"), 30.0, "the loss")
        save(window.shared_ui.mainwindow, folder / "lost.png", 1300, 700)
        board.control.silence(False)
        qt_until(lambda: settings["state", "link"].startswith("up"), 30.0, "the return")
        modules["Amplitude"].move_abs(0.4)
        snap(modules["Scope"])
        save(window.shared_ui.mainwindow, folder / "healed.png", 1300, 700)


def widen(widget: QWidget, width: int) -> None:
    """Give a dock at the right of the window so much of its width."""
    splitter = widget.parent()
    while not isinstance(splitter, QSplitter) or splitter.orientation() != Qt.Orientation.Horizontal:
        splitter = splitter.parent()
    splitter.setSizes([splitter.width() - width, width])


def snap(module: DAQ_Viewer) -> None:
    """Let a viewer acquire and show its data."""
    shown = Emitted(module.grab_done_signal)
    module.snap()
    shown.wait(what=module.title)


def point_of(analyzer: Any) -> int:
    """How far the present sweep is; before the first one PyRPL's attribute raises."""
    try:
        return analyzer.current_point
    except RemoteError:
        return 0


def save(widget: QWidget, file: Path, width: int, height: int) -> None:
    """Save a picture of a widget."""
    widget.resize(width, height)
    qt_until(lambda: True)
    # with a palette: a small file
    picture = (
        widget.grab()
        .toImage()
        .convertToFormat(QImage.Format.Format_Indexed8, Qt.ImageConversionFlag.ThresholdDither)
    )
    assert picture.save(str(file)), file
    print(f"{file}: {file.stat().st_size / 1e3:.0f} kB")


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for make in (six_plugins, bode_plot, lost_board, panel_pictures.make):
        make(folder)
    sys.stdout.flush()
    # a normal end destroys PyMoDAQ's Qt objects in any order, which can crash
    os._exit(0)


if __name__ == "__main__":
    main()
