"""A joined machine that has neither PyRPL nor Qt nor numba: everything works there but serving boards."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import wait_until

from .hosts import invitation, one_machine

LACKING = """
from importlib.machinery import PathFinder

installed = PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in {absent} else installed(name, path, target)

PathFinder.find_spec = staticmethod(find_spec)
"""
"""A sitecustomize with which Python finds some libraries no longer."""

CLONE = Path(__file__).parents[2]

ABSENT = (
    "pyrpl",
    "qtpy",
    "PyQt6",
    "PyQt5",
    "PySide6",
    "PySide2",
    "pyqtgraph",
    "numba",
    "asyncssh",
    "paramiko",
)


@pytest.fixture(scope="module")
def daq2(tmp_path_factory):
    host = one_machine("daq2", tmp_path_factory.mktemp("hosts") / "daq2")
    host.configure("lab")
    yield host
    host.run("unshare")


@pytest.fixture(scope="module")
def laptop(daq2, tmp_path_factory):
    host = one_machine("laptop", tmp_path_factory.mktemp("hosts") / "laptop")
    host.variables["PYTHONPATH"] = str(host.folder)
    host.variables["HOME"] = str(host.folder)
    (host.folder / "sitecustomize.py").write_text(LACKING.format(absent=ABSENT))
    shown = host.run("join", invitation(daq2)).stdout
    assert "paired with daq2, as its operator" in shown
    assert "it can start lab: connect('lab') lets it do so" in shown
    return host


@pytest.fixture(scope="module")
def client(laptop):
    client = laptop.client()
    for name in ABSENT:
        assert client.error(f"import {name}")[0] == "ModuleNotFoundError"
    client.ask('p = connect("lab")')
    yield client
    client.end()


def test_the_daemon_is_started_there_and_values_and_curves_come(client):
    client.ask("p.rp.pid0.setpoint = 0.25")
    assert client.ask("p.rp.pid0.setpoint") == 0.25
    assert client.ask("p.rp.scope.single(timeout=10).shape") == [2, 16384]
    assert client.ask("p.rp.scope.single_async().result(10).dtype.name") == "float64"
    assert client.ask("p.rp.pid0.snapshot()['setpoint']") == 0.25


def test_events_and_curves_of_others_arrive(client, daq2):
    client.ask("changes, frames = [], []")
    client.ask("p.rp.pid1.on_change(lambda change: changes.append((change.name, change.value)))")
    client.ask("p.rp.scope.on_curve(lambda frame: frames.append(frame.y.shape))")
    daq2.run("set", "lab", "pid1.setpoint", "0.5")
    daq2.run("call", "lab", "scope.single", "timeout=10", "--npy", str(daq2.folder / "curve.npy"))
    wait_until(lambda: client.ask("changes") == [["setpoint", 0.5]], what="the change")
    wait_until(lambda: client.ask("len(frames)") == 1, what="the curve")


def test_a_curve_that_is_saved_there_is_read_here(client):
    client.ask("curve = p.rp.scope.save_curve()")
    assert client.ask("[len(one.data[0]) for one in curve]") == [16384, 16384]


def test_ipython_and_the_commands_work(client, laptop):
    assert "lab on daq2" in laptop.run("status").stdout
    assert "lab@daq2" in laptop.run("top", "--once").stdout
    assert laptop.run("get", "lab", "pid0.setpoint").stdout.strip() == "0.25"
    assert "serves it as 'lab'" in laptop.run("doctor", "lab").stdout
    assert "pyrpl, PyQt6 not installed" in laptop.run("doctor").stdout
    done = subprocess.run(
        [sys.executable, "-m", "pyrpl_remote", "shell", "lab"],
        env=laptop.environment,
        input="print('setpoint', p.rp.pid0.setpoint)\nexit()\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "setpoint 0.25" in done.stdout, done.stderr
    assert "Traceback" not in done.stdout + done.stderr


PLUGINS = """
import sys
sys.path.insert(0, {clone!r})
from tests import offscreen
import numpy as np
from pymodaq.utils.plugin_testing import grab_and_wait, make_actuator, make_detector, move_abs_and_wait
from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_ASG import DAQ_Move_PyRPL_ASG
from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_Scope import (
    DAQ_1DViewer_PyRPL_Scope,
)
from tests.offscreen import mkQApp

application = mkQApp("paired")
scope = make_detector(DAQ_1DViewer_PyRPL_Scope, None, board="lab")
move = make_actuator(DAQ_Move_PyRPL_ASG, None, board="lab@daq2")
assert (scope.initialized, move.initialized) == (True, True), (scope.init_info, move.init_info)
move.axis_name = "frequency"
reached = move_abs_and_wait(move, 12345.6).value("Hz")
scope.settings.child("scope", "trigger_source").setValue("immediately")
scope.commit_settings(scope.settings.child("scope", "trigger_source"))
(voltage,) = grab_and_wait(scope)
report(
    reached=reached,
    there=move.controller.rp.asg0.frequency,
    shape=[len(channel) for channel in voltage.data],
    loaded=sorted(set(sys.modules) & {{"pyrpl", "numba"}}),
)
scope.close()
move.close()
"""


def test_the_plugins_of_pymodaq_work_with_qt_alone(client, laptop, daq2):
    # PyMoDAQ itself needs Qt
    needed = [name for name in ABSENT if name in ("pyrpl", "numba", "asyncssh", "paramiko")]
    folder = laptop.folder / "pymodaq"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(LACKING.format(absent=needed))
    before, laptop.variables["PYTHONPATH"] = laptop.variables["PYTHONPATH"], str(folder)
    try:
        found = laptop.python(PLUGINS.format(clone=str(CLONE)), timeout=100)
    finally:
        laptop.variables["PYTHONPATH"] = before
    assert found["reached"] == pytest.approx(12345.6, abs=0.2)
    assert found["there"] == found["reached"] == client.ask("p.rp.asg0.frequency")
    assert found["shape"] == [2**14, 2**14]
    assert found["loaded"] == []
