"""Moves write attributes of a module, and report the values that the board took."""

import pytest
from pymodaq.control_modules.thread_commands import ThreadStatus, ThreadStatusMove
from pymodaq.utils.plugin_testing import move_abs_and_wait, move_home_and_wait, move_rel_and_wait

from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_ASG import DAQ_Move_PyRPL_ASG
from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_PID import DAQ_Move_PyRPL_PID

from ..offscreen import edit, in_qt_loop

pytestmark = in_qt_loop

STEP = 2.0**-13
"""One step of the FPGA's 14 bit signals, in V."""


@pytest.mark.parametrize(
    ("cls", "axis", "target", "step", "unit"),
    [
        (DAQ_Move_PyRPL_ASG, "frequency", 12345.6, 125e6 / 2**30, "Hz"),
        (DAQ_Move_PyRPL_ASG, "amplitude", 0.3, STEP, "V"),
        (DAQ_Move_PyRPL_ASG, "offset", -0.2, STEP, "V"),
        (DAQ_Move_PyRPL_PID, "setpoint", 0.123, STEP, "V"),
        (DAQ_Move_PyRPL_PID, "p", -1.7, 2.0**-12, ""),
        (DAQ_Move_PyRPL_PID, "i", 321.0, 0.00464, "Hz"),
        (DAQ_Move_PyRPL_PID, "ival", 0.45, STEP, "V"),
    ],
)
def test_each_axis_is_written_and_read_back(p, plugin, cls, axis, target, step, unit):
    move = plugin(cls)
    module = getattr(p.rp, move.module_name)
    if cls is DAQ_Move_PyRPL_PID:
        module.setup(input="off", p=0, i=0, ival=0, setpoint=0)
    move.axis_name = axis
    assert move.axis_unit == unit
    reached = move_abs_and_wait(move, target)
    assert reached.value(unit) == pytest.approx(target, abs=step)
    assert getattr(module, axis) == reached.value(unit)
    assert move.epsilon == pytest.approx(step / 2, rel=0.01)
    assert move_rel_and_wait(move, 10 * step).value(unit) == pytest.approx(target + 10 * step, abs=2 * step)
    assert move_home_and_wait(move).value(unit) == pytest.approx(0, abs=step / 2)


def test_each_module_can_be_chosen(p, plugin):
    for name in DAQ_Move_PyRPL_PID.modules:
        getattr(p.rp, name).setpoint = 0
        move = plugin(DAQ_Move_PyRPL_PID, module=name)
        move_abs_and_wait(move, 0.25)
        assert getattr(p.rp, name).setpoint == 0.25


def test_the_module_can_be_changed_while_it_runs(p, plugin):
    move = plugin(DAQ_Move_PyRPL_ASG)
    p.rp.asg1.setup(waveform="square", output_direct="off")
    move.settings.child("module").setValue("asg1")
    move.commit_settings(move.settings.child("module"))
    assert move.settings["asg1", "waveform"] == "square"
    assert not move.settings.child("asg0").opts["visible"]
    move_abs_and_wait(move, 4000.0)
    assert p.rp.asg1.frequency == pytest.approx(4000, abs=0.1)


def test_the_generator_runs_after_init(p, plugin):
    p.rp.asg0.trigger_source = "off"
    move = plugin(DAQ_Move_PyRPL_ASG)
    assert p.rp.asg0.trigger_source == "immediately"
    assert move.settings["asg0", "trigger_source"] == "immediately"


def test_init_leaves_the_board_as_it_is(p, plugin):
    p.rp.pid0.setup(input="in2", output_direct="out2", max_voltage=0.5, min_voltage=-0.25, p=0, i=0)
    move = plugin(DAQ_Move_PyRPL_PID)
    assert move.settings["pid0", "input"] == p.rp.pid0.input == "in2"
    assert move.settings["pid0", "output_direct"] == p.rp.pid0.output_direct == "out2"
    assert move.settings["pid0", "max_voltage"] == p.rp.pid0.max_voltage == 0.5
    p.rp.pid0.output_direct = "off"


def closed_after_edits(plugin, p, **edits):
    """The settings that PyMoDAQ keeps of a plugin that was closed, in which somebody edits some then."""
    first = plugin(DAQ_Move_PyRPL_PID)
    first.close()
    for name, value in edits.items():
        first.settings.child("pid0", name).setValue(value)
    return first.settings.saveState()


def test_what_a_script_sets_survives_another_init(p, plugin):
    kept = closed_after_edits(plugin, p)
    p.rp.pid0.setup(input="out1", max_voltage=0.1)
    second = DAQ_Move_PyRPL_PID(None, kept)
    assert second.ini_stage()[1]
    assert p.rp.pid0.max_voltage == second.settings["pid0", "max_voltage"] == pytest.approx(0.1, abs=STEP)
    assert p.rp.pid0.input == second.settings["pid0", "input"] == "out1"
    second.close()


def test_what_was_edited_while_it_was_closed_is_set_at_init_and_nothing_else(p, plugin):
    kept = closed_after_edits(plugin, p, max_voltage=0.75)
    p.rp.pid0.setup(input="out2", max_voltage=0.1)
    second = DAQ_Move_PyRPL_PID(None, kept)
    assert second.ini_stage()[1]
    assert p.rp.pid0.max_voltage == second.settings["pid0", "max_voltage"] == 0.75
    assert p.rp.pid0.input == second.settings["pid0", "input"] == "out2"
    second.close()


def test_the_whole_tree_is_set_at_init_where_that_is_asked_for(p, plugin):
    p.rp.pid0.setup(input="in2", max_voltage=0.5)
    kept = closed_after_edits(plugin, p)
    p.rp.pid0.setup(input="out2", max_voltage=0.1)
    second = DAQ_Move_PyRPL_PID(None, kept)
    second.settings.child("connection", "at_init").setValue("push the tree")
    assert second.ini_stage()[1]
    assert p.rp.pid0.max_voltage == second.settings["pid0", "max_voltage"] == 0.5
    assert p.rp.pid0.input == second.settings["pid0", "input"] == "in2"
    second.close()


def test_a_setting_shows_the_value_that_the_board_took(p, plugin):
    move = plugin(DAQ_Move_PyRPL_PID)
    edit(move, "pid0", "max_voltage", value=0.12345)
    assert move.settings["pid0", "max_voltage"] == p.rp.pid0.max_voltage
    assert p.rp.pid0.max_voltage == pytest.approx(0.12345, abs=STEP / 2)


def test_a_setting_that_pyrpl_refuses_is_reported_and_undone(p, plugin, commands_of):
    move = plugin(DAQ_Move_PyRPL_PID)
    before = p.rp.pid0.input
    commands = commands_of(move)
    move.settings.child("pid0", "input").setLimits(["in1", "in2", "nowhere"])
    edit(move, "pid0", "input", value="nowhere")
    assert move.settings["pid0", "input"] == before
    assert any(
        "nowhere" in str(command.attribute)
        for command in commands
        if command.command == ThreadStatus.UPDATE_STATUS
    )


def test_a_target_outside_the_boards_limits_is_reported(p, plugin, commands_of):
    move = plugin(DAQ_Move_PyRPL_ASG)
    move.axis_name = "amplitude"
    commands = commands_of(move)

    def told() -> int:
        return [command.command for command in commands].count(ThreadStatusMove.OUT_OF_BOUNDS)

    assert move_abs_and_wait(move, 3.0).value() == 1.0
    assert told() == 1
    # PyMoDAQ moves to the first point of the scan that it stops, which may be the same
    assert move_abs_and_wait(move, 3.0).value() == 1.0
    assert told() == 1
    move_abs_and_wait(move, 3.0)
    assert told() == 2


def test_scaling_and_bounds_of_pymodaq_apply(p, plugin):
    move = plugin(DAQ_Move_PyRPL_ASG)
    move.axis_name = "amplitude"
    move.settings.child("scaling", "use_scaling").setValue(True)
    move.settings.child("scaling", "scaling").setValue(2.0)
    assert move_abs_and_wait(move, 0.5).value() == 0.5
    assert p.rp.asg0.amplitude == 0.25
    move.settings.child("bounds", "is_bounds").setValue(True)
    move.settings.child("bounds", "max_bound").setValue(0.25)
    assert move_abs_and_wait(move, 1.0).value() == 0.25


def test_a_slave_works_on_its_masters_board(p, plugin):
    master = plugin(DAQ_Move_PyRPL_ASG)
    slave = plugin(DAQ_Move_PyRPL_PID, master.controller, module="pid1")
    assert slave.controller is master.controller
    slave.close()
    assert move_abs_and_wait(master, 500.0).value() == pytest.approx(500, abs=0.1)


def test_a_board_that_cannot_be_reached_is_reported(commands_of):
    move = DAQ_Move_PyRPL_PID()
    commands = commands_of(move)
    move.settings.child("board").setValue("nowhere")
    move.settings.child("hostname").setValue("no-such-host.invalid")
    info, initialized = move.ini_stage()
    assert not initialized
    assert "no-such-host.invalid" in info
    assert info in [command.attribute for command in commands]
