"""Measures the panel's scope page: painted frames per second, how long its window was held up, and CPU.

Run by hand: `python -m tests.benchmarks.panel`. The board, the daemon and the panel share the machine. The
reference is a viewer without a window, in a process of its own, which takes turns with the panel.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psutil
from qtpy.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from qtpy.QtWidgets import QApplication

# before anything of pyrpl_remote: the folders and the name server of this run, and no screen
from tests import environment  # noqa: F401 - for its effect
from tests.qt_events import qt_until

# isort: split
from pymodaq_plugins_pyrpl.panel import theme
from pymodaq_plugins_pyrpl.panel.window import PanelWindow
from pyrpl_remote import connect

from .remote import show
from .scale import VIEWER, Started, answer

SECONDS, ROUNDS = 5.0, 3
AIM_FRAMES, AIM_GAP = 40.0, 0.100
SIZE = 1280, 800
"""Of the window."""

TICK_MILLISECONDS = 2
"""How often the window's thread is to note that it is not held up."""

SCOPE: dict[str, Any] = {
    "input1": "asg0",
    "input2": "in2",
    "duration": 1e-3,
    "trigger_source": "immediately",
    "rolling_mode": False,
    "trace_average": 1,
}


class Watched(QObject):
    """Notes when a plot is painted, and how long the window's thread was held up between two ticks, in s."""

    def __init__(self, viewport: QObject):
        super().__init__()
        self.paints = 0
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        viewport.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MILLISECONDS)

    def restart(self) -> None:
        self.paints, self.gaps, self._last = 0, [], time.perf_counter()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # Qt's name
        self.paints += event is not None and event.type() == QEvent.Type.Paint
        return False

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now


@dataclass
class Round:
    """What one round has shown: per second, in s, and in cores."""

    viewer: float = 0.0
    shown: float = 0.0
    painted: float = 0.0
    gaps: list[float] = field(default_factory=list)
    panel_cpu: float = 0.0
    daemon_cpu: float = 0.0


def run_window(seconds: float) -> None:
    """Let the window work for some time."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def cpu_of(process: psutil.Process) -> Callable[[float], float]:
    """A function that returns how many cores a process has used since, over so many seconds."""
    begin = sum(process.cpu_times()[:2])
    return lambda seconds: (sum(process.cpu_times()[:2]) - begin) / seconds


def viewed() -> float:
    """Frames per second that a viewer without a window gets."""
    with Started(VIEWER, "virtual", 1) as viewers:
        viewers.write()
        time.sleep(SECONDS)
        viewers.write()
        return float(answer(viewers.processes[0])["frames"]) / SECONDS


def one_round(page: Any, watched: Watched, daemon: psutil.Process) -> Round:
    found = Round()
    page.hide()  # a page that is not seen takes no frames
    run_window(0.5)
    found.viewer = viewed()
    page.show()
    before = page.status.frames
    qt_until(lambda: page.status.frames > before + 5, 30.0, "frames")
    watched.restart()
    before, began = page.status.frames, time.perf_counter()
    panel_cpu, daemon_cpu = cpu_of(psutil.Process()), cpu_of(daemon)
    run_window(SECONDS)
    took = time.perf_counter() - began
    found.panel_cpu, found.daemon_cpu = panel_cpu(took), daemon_cpu(took)
    found.shown, found.painted = (page.status.frames - before) / took, watched.paints / took
    found.gaps = list(watched.gaps)
    return found


def main() -> None:
    application = QApplication([])
    theme.Look(application)
    window = PanelWindow()
    window.resize(*SIZE)
    window.show()
    with connect("virtual") as p:
        p.rp.asg0.setup(frequency=5e3, amplitude=0.5, output_direct="out1", trigger_source="immediately")
        p.rp.scope.setup(**SCOPE)
        p.rp.scope.continuous()
        daemon = psutil.Process(p.status().daemon.pid)
        page: Any = window.open_board("virtual").page("Scope")
        qt_until(lambda: page.status.frames > 5, 60.0, "frames")
        watched = Watched(page.canvas.plots[0].viewport())
        rounds = [one_round(page, watched, daemon) for _ in range(ROUNDS)]
        points = len(page.canvas.drawn.curves.x)
        window.close()
        p.rp.scope.stop()
    middle = {
        name: statistics.median(getattr(one, name) for one in rounds)
        for name in ("viewer", "shown", "painted", "panel_cpu", "daemon_cpu")
    }
    gaps = np.concatenate([one.gaps for one in rounds])
    found = f"{middle['shown']:.1f}/s, {middle['painted']:.1f}/s painted"
    enough = min(middle["shown"], middle["painted"]) >= AIM_FRAMES
    show(f"the scope's page, 2 x {points} points", found, f"{AIM_FRAMES:.0f}/s", enough)
    ratio = statistics.median(one.shown / one.viewer for one in rounds)
    found = f"{ratio:.2f} x a viewer without a window ({middle['viewer']:.1f}/s)"
    show("  of what there is to show", found, "0.8 x", ratio >= 0.8)
    longest, usual = gaps.max(), np.percentile(gaps, 99)
    found = f"{longest * 1e3:.0f} ms, 99 %: {usual * 1e3:.0f} ms"
    show("  the window's thread held up, longest", found, f"{AIM_GAP * 1e3:.0f} ms", longest <= AIM_GAP)
    print(f"  CPU in cores: panel {middle['panel_cpu']:.2f}, daemon {middle['daemon_cpu']:.2f}")
    sys.stdout.flush()
    # a normal end destroys Qt's objects in any order, which can crash
    os._exit(0)


if __name__ == "__main__":
    main()
