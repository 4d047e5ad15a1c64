"""The longest time for which the thread of PyMoDAQ's windows processes no events, in each of its states.

The same is measured with plugins that answer from memory: PyMoDAQ's own share, as that of making a window.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pyrpl_remote import connect
from tests.boards import running_board

# before anything of PyMoDAQ
from tests.dashboards import initialize, later
from tests.offscreen import Emitted, actuator, dashboard, detector, qt_until
from tests.processes import wait_until

# isort: split
from qtpy.QtCore import QTimer

from pymodaq_plugins_pyrpl import config

from . import stored_data
from .remote import show

GAP_SECONDS = 0.1
"""The aim: the windows are never blocked for longer by a plugin."""

TICK_MILLISECONDS = 1

ROUNDS = 3


class Beat:
    """Calls itself each millisecond in the windows' thread; `longest`: the longest time between two calls."""

    def __init__(self) -> None:
        """It begins at once."""
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MILLISECONDS)
        self.begin()

    def begin(self) -> None:
        """Forget what was before."""
        self.longest, self._last = 0.0, time.perf_counter()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


class Gaps:
    """The longest gap of each step, in s."""

    def __init__(self) -> None:
        """No step was made yet."""
        self.longest: dict[str, float] = {}
        self._beat = Beat()

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Measure a step."""
        self._beat.begin()
        yield
        qt_until(_after(0.05), what="the end of the step")  # the gap that has not ended yet
        self.longest[step] = self._beat.longest


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _steps(move_plugin: str, viewer_plugin: str, lose: Callable[[bool], object] | None) -> dict[str, float]:
    """The gaps of a master and a slave; `lose(lost)` lets the board be silent, or answer again."""
    group = later(
        [
            actuator("Amp", move_plugin, 1, "amplitude"),
            detector("Scope", viewer_plugin, 1, master=False),
        ]
    )
    with dashboard(group) as (_, modules):
        amp, scope = modules["Amp"], modules["Scope"]
        gaps = Gaps()
        with gaps.of("init"):
            initialize(amp)
            initialize(scope)
        moved, grabbed = Emitted(amp.move_done_signal), Emitted(scope.grab_done_signal)
        with gaps.of("first snap"):
            scope.snap()
            grabbed.wait(what="the data")
        with gaps.of("snap"):
            for _ in range(5):
                scope.snap()
                grabbed.wait(what="the data")
        with gaps.of("move"):
            for count in range(1, 11):
                amp.move_abs(0.01 * count)
                moved.wait(what="the move")
        with gaps.of("live"):
            scope.grab()
            qt_until(_after(2.0), what="frames")
            scope.stop_grab()
        if lose is not None:
            state = amp.settings.child("actuator_settings", "state", "link")
            with gaps.of("board lost"):
                lose(True)
                amp.move_abs(0.5)
                qt_until(lambda: state.value().startswith("reconnecting"), 20.0, "the loss")
            with gaps.of("close while it is lost"):
                scope.init_hardware_ui(False)
                amp.init_hardware_ui(False)
            lose(False)
        else:
            with gaps.of("close"):
                scope.init_hardware_ui(False)
                amp.init_hardware_ui(False)
        return gaps.longest


def gaps() -> None:
    """The longest gaps of our plugins, beside those of plugins that answer from memory: medians of rounds."""
    stored_data.register()
    own = _medians([_steps(stored_data.NAME, stored_data.NAME, None) for _ in range(ROUNDS)])
    rounds = []
    with running_board() as board:
        config["boards", "virtual"] = {
            "hostname": board.host,
            "sshport": board.ssh_port,
            "port": board.monitor_port,
        }
        # a client keeps the daemon, so that it is not started for the init
        with connect("virtual", **config("boards", "virtual")) as p:
            p.rp.scope.setup(duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1)
            for _ in range(ROUNDS):
                wait_until(lambda: p.status().link.state == "up", 30.0, "the board's return")
                rounds.append(_steps("PyRPL_ASG", "PyRPL_Scope", board.control.silence))
    for step, longest in _medians(rounds).items():
        alone = own.get(step, own["close"])
        text = f"{longest * 1e3:.0f} ms, PyMoDAQ's own {alone * 1e3:.0f} ms"
        show(f"longest gap: {step}", text, "100 ms above PyMoDAQ's", longest - alone <= GAP_SECONDS)


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {step: statistics.median(one[step] for one in rounds) for step in rounds[0]}
