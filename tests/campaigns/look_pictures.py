"""Makes the pictures of the panel's Look pages for the documentation, without a screen, on a virtual board.

`python -m tests.campaigns.look_pictures FOLDER [WIDTH HEIGHT]`; for a 4k screen set QT_SCALE_FACTOR=2.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from .. import environment  # noqa: F401 - for its effect: the folders of this run

# isort: split
from qtpy.QtWidgets import QApplication

from pymodaq_plugins_pyrpl.panel import theme
from pymodaq_plugins_pyrpl.panel.window import PanelWindow
from pyrpl_remote import connect

from ..boards import running_board
from ..qt_events import qt_until
from .panel_pictures import SIZE, save

SINE: dict[str, Any] = {
    "waveform": "sin",
    "frequency": 5e3,
    "amplitude": 0.5,
    "trigger_source": "immediately",
}
SCOPE: dict[str, Any] = {
    "input1": "in1",
    "input2": "asg0",
    "duration": 1e-3,
    "trigger_source": "ch2_positive_edge",
}
SPECTRUM: dict[str, Any] = {
    "baseband": True,
    "span": 1e6,
    "input1_baseband": "in1",
    "input2_baseband": "asg0",
}
SWEEP: dict[str, Any] = {
    "input": "in1",
    "output_direct": "out1",
    "start_freq": 1e3,
    "stop_freq": 5e6,
    "points": 151,
    "logscale": True,
    "rbw": 1000,
    "amplitude": 0.5,
}


def make(folder: Path, width: int = SIZE[0], height: int = SIZE[1]) -> None:
    """Make the pictures."""
    application: Any = QApplication.instance() or QApplication(["pictures"])
    look = theme.Look(application)
    with running_board() as board:
        board.control.plant("lowpass", cutoff=80e3)
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        with connect("lab", **where) as p:
            p.rp.asg0.setup(output_direct="out1", **SINE)
            p.rp.scope.setup(rolling_mode=False, trace_average=1, **SCOPE)
            p.spectrumanalyzer.setup(window="blackman", trace_average=4, **SPECTRUM)
            p.networkanalyzer.setup(average_per_point=1, trace_average=1, acbandwidth=0, **SWEEP)
            window = PanelWindow(look)
            window.resize(width, height)
            window.show()
            tab = window.open_board("lab", **where)
            for choice in (theme.LIGHT, theme.DARK):
                look.choose(choice)
                _scope(tab, folder / f"look-scope-{choice}.png", window)
                _spectrum(tab, folder / f"look-spectrum-{choice}.png", window)
            look.choose(theme.LIGHT)
            p.rp.asg0.output_direct = "off"
            _network(tab, folder / "look-network.png", window)
            page: Any = tab.page("Scope")
            page.keys.run.trigger()
            _frames(page)
            board.control.silence(True)
            qt_until(lambda: page.canvas.plots[0].lost_text, 60.0, "the loss")
            save(window, folder / "look-lost.png")
            board.control.silence(False)
            qt_until(lambda: not page.canvas.plots[0].lost_text, 60.0, "the return")
            window.close()


def _frames(page: Any, count: int = 5) -> None:
    before = page.status.frames
    qt_until(lambda: page.status.frames >= before + count, 60.0, "curves")


def _scope(tab: Any, file: Path, window: Any) -> None:
    page = tab.page("Scope")
    qt_until(lambda: page.form.editors, 60.0, "the settings")
    page.keys.run.trigger()
    _frames(page)
    page.keys.cursors.setChecked(True)
    page.canvas.cursors.place(0, -1.5e-4)
    page.canvas.cursors.place(1, 0.5e-4)
    _frames(page)
    save(window, file)
    page.keys.run.trigger()
    qt_until(lambda: page.keys.run.text() == "Run", 20.0, "the end")


def _spectrum(tab: Any, file: Path, window: Any) -> None:
    page = tab.page("Spectrum")
    qt_until(lambda: page.form.editors, 60.0, "the settings")
    page.unit.setCurrentText("dB(Vrms^2/Hz)")
    page.log.setChecked(True)
    page.keys.run.trigger()
    _frames(page, 3)
    page.keys.peak.trigger()
    save(window, file)
    page.keys.run.trigger()
    qt_until(lambda: page.keys.run.text() == "Run", 20.0, "the end")


def _network(tab: Any, file: Path, window: Any) -> None:
    page = tab.page("Network")
    qt_until(lambda: page.form.editors, 60.0, "the settings")
    page.unwrap.setChecked(True)
    page.keys.single.trigger()
    qt_until(lambda: page.canvas.drawn and len(page.canvas.drawn.curves.x) > 120, 60.0, "most of the sweep")
    page.keys.cursors.setChecked(True)
    page.canvas.cursors.place(0, 2e3)
    page.canvas.cursors.place(1, 80e3)
    qt_until(lambda: len(page.canvas.drawn.curves.x) > 130, 60.0, "more of it")
    save(window, file)
    qt_until(lambda: not page.acquisition.single_runs, 60.0, "its end")


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    make(folder, *map(int, sys.argv[2:4]))
    sys.stdout.flush()
    # a normal end destroys Qt's objects in any order, which can crash
    os._exit(0)


if __name__ == "__main__":
    main()
