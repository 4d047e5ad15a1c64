"""The lockbox plugins lock the virtual cavity, move its set point, and show what it measures."""

import math
import threading

import numpy as np
import psutil
import pytest
from pymodaq.utils.plugin_testing import grab_and_wait, move_abs_and_wait, move_home_and_wait
from pymodaq_gui.parameter import Parameter
from pymodaq_gui.qt_utils import mkQApp

from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_Lockbox import DAQ_Move_PyRPL_Lockbox
from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_0D.daq_0Dviewer_PyRPL_Lockbox import (
    DAQ_0DViewer_PyRPL_Lockbox,
)
from pymodaq_plugins_pyrpl.hardware.editors import BoardItem
from pyrpl_remote import connect, status, virtual_cavity
from pyrpl_remote.errors import BadValue

from ..boards import running_board
from ..offscreen import edit, in_qt_loop, qt_until

pytestmark = in_qt_loop

LEVEL, DEPTH = 0.5, 0.8
"""Of the virtual cavity: V of the reflection far from resonance, and the share missing on resonance."""


def reflection(setpoint: float) -> float:
    """The cavity's reflection in V, at a detuning in units of its bandwidth."""
    return LEVEL * (1 - DEPTH / (1 + setpoint**2))


@pytest.fixture(scope="module")
def p(own_pyrpl_folder):
    """A board with a cavity, and the lockbox set up for it, but not calibrated."""
    with (
        running_board("--plant", "cavity") as board,
        connect("cavity", hostname=board.host, sshport=board.ssh_port, port=board.monitor_port) as p,
    ):
        virtual_cavity.set_up(
            p,
            stages=[("reflection", 1.5), ("reflection", 0.7)],
            stage_seconds=0.1,
            modulation=0.0,
            status_seconds=0.05,
        )
        yield p


@pytest.fixture
def plugin(p, lone_plugin):
    return lambda cls: lone_plugin(cls, board="cavity")


@pytest.fixture
def move(plugin):
    return plugin(DAQ_Move_PyRPL_Lockbox)


def wait_until_reflected(p, volts: float) -> None:
    qt_until(lambda: abs(p.lockbox.inputs.reflection.mean - volts) < 0.01, what="the cavity")


def press(move, button: str) -> None:
    edit(move, "control", button, value=True)
    assert move.settings["control", button] is False


def values(plugin) -> dict[str, float]:
    """What a viewer grabs, by label."""
    data = grab_and_wait(plugin)
    return {label: float(array[0]) for dwa in data for label, array in zip(dwa.labels, dwa.data)}


def test_before_it_is_calibrated_the_viewer_shows_voltages(p, plugin):
    p.lockbox.unlock()
    found = values(plugin(DAQ_0DViewer_PyRPL_Lockbox))
    assert found["reflection (V)"] == pytest.approx(p.lockbox.inputs.reflection.mean, abs=0.01)
    assert found["piezo (V)"] == pytest.approx(0, abs=1e-3)
    assert (found["Locked"], found["Stage"], found["piezo saturated"]) == (0, -1, 0)


def test_an_inputs_own_unit_holds_for_its_values_and_labels(p, plugin):
    viewer = plugin(DAQ_0DViewer_PyRPL_Lockbox)
    edit(viewer, "ranges", "in1", "range", value="HV (±20 V)")
    edit(viewer, "ranges", "in1", "factor", value=0.5)
    edit(viewer, "ranges", "in1", "unit", value="mW")
    found = values(viewer)
    assert found["reflection (mW)"] == pytest.approx(10 * p.lockbox.inputs.reflection.mean, rel=0.1)
    assert found["transmission (V)"] == pytest.approx(p.lockbox.inputs.transmission.mean, abs=0.01)
    assert found["Error signal (mW)"] == pytest.approx(found["reflection (mW)"])  # it is not calibrated


def test_buttons_calibrate_lock_and_unlock_and_others_do_not_wait(p, move):
    press(move, "calibrate")
    qt_until(lambda: p.lockbox.current_state == "sweep", what="the sweep")
    qt_until(lambda: p.lockbox.inputs.reflection.calibration_data.max > 0.45, what="the calibration")
    qt_until(lambda: move.settings["control", "state"] == "sweeping", what="the state")
    p.lockbox.sequence[0].duration = 2.0
    press(move, "lock")
    qt_until(lambda: p.lockbox.current_state == 0, what="the first stage")
    assert move_abs_and_wait(move, 0.8).value() == p.lockbox.sequence[-1].setpoint == 0.8
    assert p.lockbox.current_state == 0
    qt_until(lambda: move.settings["control", "state"] == "locked", what="the lock")
    assert move.settings["control", "locked"]
    p.lockbox.sequence[0].duration = 0.1
    press(move, "unlock")
    qt_until(lambda: p.lockbox.current_state == "unlock", what="the end of the lock")
    qt_until(lambda: move.settings["control", "state"] == "unlocked", what="the state")
    press(move, "sweep")
    qt_until(lambda: p.lockbox.current_state == "sweep", what="the sweep")
    press(move, "unlock")
    qt_until(lambda: p.lockbox.current_state == "unlock", what="the end of the sweep")


def test_the_loop_follows_a_set_point_that_is_moved_while_it_is_locked(p, move, plugin):
    assert p.lockbox.lock()
    viewer = plugin(DAQ_0DViewer_PyRPL_Lockbox)
    states = []
    subscription = p.lockbox.on_change(
        lambda change: states.append(change.value) if change.name == "current_state" else None
    )
    for setpoint in (0.6, 1.0, 0.8):
        assert move_abs_and_wait(move, setpoint).value() == setpoint
        wait_until_reflected(p, reflection(setpoint))
        found = values(viewer)
        assert (found["Locked"], found["Stage"]) == (1, 1)
        assert found["Error signal (V)"] == pytest.approx(0, abs=3e-3)
        assert found["reflection (V)"] == pytest.approx(reflection(setpoint), abs=0.01)
        assert found["piezo (V)"] == pytest.approx(p.lockbox.outputs.piezo.pid.ival, abs=0.02)
    # it was never out of lock
    subscription.close()
    assert not {"unlock", "sweep", 0, 1} & set(states)


def test_a_last_stage_that_resets_the_output_does_not_lose_the_lock_when_its_set_point_moves(p, move):
    last = p.lockbox.sequence[1].outputs.piezo
    assert p.lockbox.lock()
    last.reset_offset = True
    before = p.lockbox.outputs.piezo.pid.ival
    move_abs_and_wait(move, 0.9)
    assert p.lockbox.outputs.piezo.pid.ival == pytest.approx(before, abs=0.02)
    assert p.lockbox.current_state == "lock_on"
    last.reset_offset = False


def test_a_set_point_that_a_script_wrote_is_not_shown_as_applied_and_a_move_applies_it(p, move):
    move_abs_and_wait(move, 0.7)
    changes = []
    heed = move.changed
    move.changed = lambda module, name, value: (changes.append(value), heed(module, name, value))
    assert p.lockbox.lock()
    qt_until(lambda: "lock_on" in changes, what="the change of the state")
    qt_until(lambda: move.settings["control", "state"] == "locked", what="the state")
    told: list = []
    move.emit_status = told.append
    p.lockbox.sequence[-1].setpoint = 1.1  # as in PyRPL, the loop stays where it is
    qt_until(lambda: any("a move applies it now" in str(one.attribute) for one in told), what="a message")
    assert move.get_actuator_value().value() == 0.7
    assert p.lockbox.inputs.reflection.mean == pytest.approx(reflection(0.7), abs=0.01)
    assert move_abs_and_wait(move, 1.1).value() == 1.1
    wait_until_reflected(p, reflection(1.1))
    assert move_abs_and_wait(move, 0.7).value() == 0.7


def test_home_unlocks(p, move):
    assert p.lockbox.lock()
    before = p.lockbox.sequence[-1].setpoint
    move_home_and_wait(move)
    assert p.lockbox.current_state == "unlock"
    assert p.lockbox.sequence[-1].setpoint == before
    assert p.lockbox.outputs.piezo.pid.p == p.lockbox.outputs.piezo.pid.i == 0


def test_a_stage_is_executed(p, move):
    p.lockbox.unlock()
    move.axis_name = "stage"
    assert move_abs_and_wait(move, 0).value() == 0
    assert p.lockbox.current_state == 0
    assert p.lockbox.inputs.reflection.mean == pytest.approx(reflection(1.5), abs=0.02)
    assert move_abs_and_wait(move, 1).value() == 1
    assert p.lockbox.current_state == "lock_on"
    assert move_abs_and_wait(move, -1).value() == -1
    assert p.lockbox.current_state == "unlock"
    for wrong in (2, -3, math.nan):
        with pytest.raises(BadValue, match="its stages are 0 to 1"):
            move_abs_and_wait(move, wrong)
    assert move_abs_and_wait(move, -2).value() == -2
    assert p.lockbox.current_state == "sweep"
    p.lockbox.unlock()


def test_the_offset_moves_the_output_while_it_is_not_locked(p, move):
    p.lockbox.unlock()
    move.axis_name = "offset"
    assert move.axis_unit == "V"
    assert move.settings["output"] == "piezo"
    found = []
    for volts in np.linspace(0.05, 0.15, 5):
        assert move_abs_and_wait(move, volts).value("V") == pytest.approx(volts, abs=2**-12)
        assert p.lockbox.outputs.piezo.mean == pytest.approx(volts, abs=1e-3)
        found.append(p.lockbox.inputs.reflection.mean)
    # the resonance of the cavity is at 0.1 V
    assert np.argmin(found) == 2
    assert found[2] == pytest.approx(LEVEL * (1 - DEPTH), abs=0.03)
    assert p.lockbox.lock()
    held = p.lockbox.outputs.piezo.pid.ival
    with pytest.raises(BadValue, match="piezo is locked"):
        move_abs_and_wait(move, 0.5)
    assert p.lockbox.outputs.piezo.pid.ival == pytest.approx(held, abs=0.01)
    p.lockbox.unlock()


def test_another_output_has_its_own_offset_and_unit(p, move):
    p.lockbox.unlock()
    p.lockbox.output_classes = {"piezo2": "PiezoOutput"}
    p.lockbox.outputs.piezo2.output_channel = "out2"
    p.lockbox.outputs.piezo2.pid.ival = -0.25
    move.axis_name = "offset"
    qt_until(lambda: "piezo2" in move.settings.child("output").opts["limits"], what="the new output")
    qt_until(lambda: move.channels.get("piezo2") == "out2", what="its channel")
    edit(move, "output", value="piezo2")
    assert move.current_value.value("V") == pytest.approx(-0.25, abs=1e-3)
    edit(move, "ranges", "out2", "factor", value=4.0)
    edit(move, "ranges", "out2", "unit", value="um")
    assert move.axis_unit == "um"
    assert move_abs_and_wait(move, 0.5).value("um") == pytest.approx(0.5, abs=1e-3)
    assert p.lockbox.outputs.piezo2.pid.ival == pytest.approx(0.125, abs=1e-3)
    assert p.lockbox.outputs.piezo.pid.ival == 0
    del p.lockbox.outputs["piezo2"]


def test_a_state_and_a_set_point_that_a_script_changes_are_shown(p, move):
    p.lockbox.unlock()
    p.lockbox.sequence[-1].setpoint = 0.65
    qt_until(lambda: move.current_value.value() == 0.65, what="the set point")
    p.lockbox.lock()
    qt_until(lambda: move.settings["control", "state"] == "locked", what="the state")
    p.lockbox.unlock()
    qt_until(lambda: move.settings["control", "state"] == "unlocked", what="the state")


def test_looking_at_the_lock_writes_nothing_into_pyrpls_log(p, plugin, caplog):
    viewer = plugin(DAQ_0DViewer_PyRPL_Lockbox)
    p.lockbox.lock()
    p.lockbox.lockstatus_interval = 100.0
    p.lockbox.unlock()
    p.lockbox.lock()
    caplog.clear()
    with caplog.at_level("DEBUG"):
        values(viewer)
    assert not [record for record in caplog.records if "ocked at" in record.getMessage()]
    p.lockbox.lockstatus_interval = 0.05
    p.lockbox.unlock()


def test_a_lockbox_of_another_class_has_other_inputs(p, plugin):
    viewer = plugin(DAQ_0DViewer_PyRPL_Lockbox)
    move = plugin(DAQ_Move_PyRPL_Lockbox)
    edit(move, "lockbox", "classname", value="Interferometer")
    assert p.lockbox.classname == "Interferometer"
    assert {"port1 (V)", "port2 (V)", "piezo (V)"} <= values(viewer).keys()
    qt_until(
        lambda: "rad" in move.settings.child("lockbox", "setpoint_unit").opts["limits"], what="its units"
    )


def test_the_list_of_boards_has_those_that_are_served_and_a_name_can_be_typed(p):
    mkQApp("tests")
    setting = Parameter.create(name="board", type="pyrpl_board", value="virtual")
    item = BoardItem(setting, 0)
    qt_until(lambda: item.widget.findText("cavity") >= 0, what="the board in the list")
    assert item.widget.findText("virtual") >= 0
    item.widget.setCurrentIndex(item.widget.findText("cavity"))
    item.widget.activated.emit(item.widget.currentIndex())
    assert setting.value() == "cavity"
    item.widget.setEditText("bench")
    item.widget.lineEdit().editingFinished.emit()
    assert setting.value() == "bench"
    item.widget.offer(["cavity"])  # boards that are found later do not replace what was typed
    assert item.widget.currentText() == "bench"


def test_a_plugin_that_locks_can_be_closed_when_its_daemon_was_killed(p, lone_plugin):
    """The last test of this file: it kills the daemon."""
    p.lockbox.unlock()
    p.lockbox.sequence[0].duration = 60.0
    kind = p.lockbox.classname
    move = lone_plugin(DAQ_Move_PyRPL_Lockbox, board="cavity")
    threads = set(threading.enumerate())
    press(move, "lock")
    qt_until(lambda: move.settings["control", "state"] == "stage 0", what="the lock's beginning")
    assert any(thread.name.endswith("acquisitions") for thread in set(threading.enumerate()) - threads)
    psutil.Process(status("cavity").daemon.pid).kill()
    move.close()
    qt_until(lambda: set(threading.enumerate()) <= threads, 20.0, "the end of the plugin's threads")
    again = lone_plugin(DAQ_Move_PyRPL_Lockbox, board="cavity")
    assert again.settings["lockbox", "classname"] == kind
