"""The clients of the soak: each is a process that uses the board until `ending` is set, and counts rounds.

A wrong value or an error ends the client's process with a traceback; the soak reports it.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any

from pyrpl_remote import connect

BOARD = "virtual"

SWEEP: dict[str, Any] = {
    "start_freq": 1e4,
    "stop_freq": 1e5,
    "points": 5,
    "rbw": 1e4,
    "average_per_point": 1,
    "trace_average": 1,
}
"""What the clients' sweeps are set to."""

PAUSE = 0.02
"""s between the rounds of a client: the soak looks for growth, so the machine need not be busy."""


def script(ending: Any, rounds: Any) -> None:
    """Reads, writes, sweeps and has subscriptions, in one session from the beginning to the end."""
    changes: list[Any] = []
    frames: list[Any] = []
    with connect(BOARD) as p:
        pid, analyzer = p.rp.pid0, p.networkanalyzer
        pid.on_change(changes.append)
        p.rp.scope.on_curve(frames.append)
        while not ending.is_set():
            value = rounds.value % 4000 / 2**13
            pid.setpoint = value
            assert pid.setpoint == value, f"wrote {value}, read {pid.setpoint}"
            assert pid.snapshot("setpoint", "input")["setpoint"] == value
            if rounds.value % 10 == 0:
                assert analyzer.single(timeout=60).shape == (SWEEP["points"],)
            changes.clear()
            frames.clear()
            rounds.value += 1
            time.sleep(PAUSE)


def comes_and_goes(ending: Any, rounds: Any) -> None:
    """Begins and ends a session again and again."""
    while not ending.is_set():
        with connect(BOARD) as p:
            p.rp.pid1.on_change(lambda event: None)
            value = 1.0 + rounds.value % 2
            p.rp.pid1.p = value
            assert p.rp.pid1.p == value, f"wrote {value}, read {p.rp.pid1.p}"
        rounds.value += 1
        time.sleep(5 * PAUSE)


def begins_and_drops(ending: Any, rounds: Any) -> None:
    """Begins and ends subscriptions, drops futures, pops modules and frees them, in one session."""
    with connect(BOARD) as p:
        while not ending.is_set():
            subscription = p.rp.pid1.on_change(lambda event: None)
            p.networkanalyzer.single_async()
            with p.asgs.pop("soak") as popped:  # asg1; the plugin has asg0
                popped.frequency = 1000.0 + rounds.value % 100
            subscription.close()
            rounds.value += 1
            time.sleep(5 * PAUSE)


def plugins(ending: Any, rounds: Any) -> None:
    """PyMoDAQ's plugins without a window: the scope grabs, the generator moves."""
    from pymodaq.utils.plugin_testing import grab_and_wait, make_actuator, make_detector, move_abs_and_wait

    from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_ASG import DAQ_Move_PyRPL_ASG
    from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_Scope import (
        DAQ_1DViewer_PyRPL_Scope,
    )
    from tests import offscreen  # noqa: F401 - for its effect on PyMoDAQ, before PyMoDAQ is imported

    # PyMoDAQ prints the commands of a plugin without a window
    with connect(BOARD) as p, open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        viewer = make_detector(DAQ_1DViewer_PyRPL_Scope, p)
        move = make_actuator(DAQ_Move_PyRPL_ASG, p)
        while not ending.is_set():
            target = 1000.0 + 10 * (rounds.value % 100)
            reached = move_abs_and_wait(move, target).value()
            assert abs(reached - target) < 0.1, f"moved to {target}, and is at {reached}"
            (voltage,) = grab_and_wait(viewer)
            assert len(voltage.data[0]) == 2**14
            rounds.value += 1
            time.sleep(5 * PAUSE)
        move.close()
        viewer.close()


CLIENTS = (script, comes_and_goes, begins_and_drops, plugins)
