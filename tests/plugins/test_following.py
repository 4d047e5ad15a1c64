"""What others set on the board shows up in values and trees, and moves are made from where the board is."""

import threading
import time

import pytest

from pymodaq_plugins_pyrpl import config
from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_PID import DAQ_Move_PyRPL_PID
from pyrpl_remote import connect

from ..offscreen import Emitted, actuator, dashboard, detector, in_qt_loop, qt_until, set_setting

pytestmark = in_qt_loop

STEP = 2.0**-13


@pytest.fixture(scope="module")
def modules(own_pyrpl_folder):
    groups = (
        [actuator("Setpoint", "PyRPL_PID", 1, "setpoint"), detector("Scope", "PyRPL_Scope", 1, master=False)],
        [actuator("Amp", "PyRPL_ASG", 2, "amplitude")],
    )
    with dashboard(*groups) as (_, modules):
        assert all(module.initialized_state for module in modules.values())
        yield modules


@pytest.fixture(scope="module")
def script(modules):
    with connect("virtual") as p:
        yield p


def moved(module, value):
    done = Emitted(module.move_done_signal)
    module.move_abs(value)
    qt_until(lambda: done, what="the move")  # a move that is skipped is done at once
    return done[0].value()


def value_of(module):
    return module.current_value.value()


def test_a_move_back_is_made_after_a_script_has_moved_the_axis(modules, script):
    setpoint = modules["Setpoint"]
    assert moved(setpoint, 0.25) == pytest.approx(0.25, abs=STEP)
    script.rp.pid0.setpoint = 0.6
    qt_until(lambda: abs(value_of(setpoint) - 0.6) < STEP, what="the script's value")
    assert moved(setpoint, 0.25) == pytest.approx(0.25, abs=STEP)
    assert script.rp.pid0.setpoint == pytest.approx(0.25, abs=STEP)


def test_a_move_is_made_after_another_module_or_axis_was_chosen(modules, script):
    setpoint = modules["Setpoint"]
    script.rp.pid1.setup(setpoint=0.5, ival=0.0, i=0, p=0, input="off")
    moved(setpoint, 0.25)
    set_setting(setpoint, "module", value="pid1")
    qt_until(lambda: value_of(setpoint) == pytest.approx(0.5, abs=STEP), what="the other module's value")
    moved(setpoint, 0.25)
    assert script.rp.pid1.setpoint == pytest.approx(0.25, abs=STEP)
    script.rp.pid1.ival = -0.5
    set_setting(setpoint, "controller", "axis", value="ival")
    qt_until(lambda: value_of(setpoint) == pytest.approx(-0.5, abs=STEP), what="the other axis's value")
    moved(setpoint, 0.25)
    assert script.rp.pid1.ival == pytest.approx(0.25, abs=STEP)
    set_setting(setpoint, "controller", "axis", value="setpoint")
    set_setting(setpoint, "module", value="pid0")
    qt_until(lambda: value_of(setpoint) == pytest.approx(0.25, abs=STEP), what="the first module's value")


def test_the_tree_follows_a_script_also_its_filters(modules, script):
    pid = modules["Setpoint"].settings.child("actuator_settings", "pid0")
    script.rp.pid0.input = "iq1"
    qt_until(lambda: pid["input"] == "iq1", what="the input")
    script.rp.pid0.inputfilter = [1234.0, 0, 0, 0]
    actual = script.rp.pid0.inputfilter[0]
    qt_until(lambda: pid["inputfilter", "stage_1"] == actual, what="the filter")


def test_an_edited_filter_is_written(modules, script):
    pid = modules["Setpoint"].settings.child("actuator_settings", "pid0")
    limits = pid.child("inputfilter", "stage_2").opts["limits"]
    pid.child("inputfilter", "stage_2").setValue(limits["2.42866 kHz"])
    qt_until(lambda: script.rp.pid0.inputfilter[1] == pytest.approx(2428.66, abs=0.01), what="the filter")
    script.rp.pid0.inputfilter = [0, 0, 0, 0]


def test_one_edit_is_one_change(modules, script):
    changes: list = []
    with script.rp.pid0.on_change(lambda change: changes.append((change.name, change.value))):
        set_setting(modules["Setpoint"], "pid0", "max_voltage", value=0.5)
        qt_until(lambda: changes, what="the change")
        set_setting(modules["Amp"], "asg0", "waveform", value="ramp")
        qt_until(lambda: script.rp.asg0.waveform == "ramp", what="another edit")
        began = time.monotonic()
        qt_until(lambda: time.monotonic() > began + 0.3, what="an echo")
    assert changes == [("max_voltage", 0.5)]


def test_fast_changes_leave_the_window_responsive(modules, script):
    ended = threading.Event()

    def change():
        with connect("virtual") as p:
            for number in range(300):
                p.rp.asg0.amplitude = number % 100 / 200
                p.rp.pid0.setpoint = number % 100 / 200
        ended.set()

    gaps, last = [0.0], time.monotonic()
    thread = threading.Thread(target=change)
    thread.start()

    def beat():
        nonlocal last
        now = time.monotonic()
        gaps.append(now - last)
        last = now
        return ended.is_set()

    qt_until(beat, 30.0, "the changes")
    thread.join()
    qt_until(lambda: value_of(modules["Amp"]) == pytest.approx(0.495, abs=STEP), what="the last value")
    assert max(gaps) < 1.0


def test_a_setting_is_written_while_a_grab_waits(modules, script):
    """PyMoDAQ's tree is disabled meanwhile unless its viewer.allow_settings_edition is true."""
    scope = modules["Scope"]
    set_setting(scope, "scope", "trigger_source", value="ch2_positive_edge")
    set_setting(scope, "scope", "threshold", value=0.9)
    qt_until(lambda: script.rp.scope.threshold > 0.89, what="the trigger")
    scope.grab()
    qt_until(lambda: script.rp.scope.running_state == "running_continuous", what="the grab")
    set_setting(scope, "scope", "threshold", value=0.5)
    qt_until(lambda: script.rp.scope.threshold == pytest.approx(0.5, abs=STEP), what="the setting")
    # a move of the same controller is made too
    assert moved(modules["Setpoint"], 0.125) == pytest.approx(0.125, abs=STEP)
    scope.stop_grab()
    set_setting(scope, "scope", "trigger_source", value="immediately")


def test_another_generator_is_set_up_as_at_init(modules, script):
    script.rp.asg1.trigger_source = "off"
    set_setting(modules["Amp"], "module", value="asg1")
    qt_until(lambda: script.rp.asg1.trigger_source == "immediately", what="its start")
    settings = modules["Amp"].settings.child("actuator_settings")
    qt_until(lambda: "asg1" in settings.names, what="its settings")
    assert settings["asg1", "trigger_source"] == "immediately"


def test_viewers_exist_before_the_first_grab():
    with dashboard([detector("Scope", "PyRPL_Scope", 1)]) as (_, modules):
        scope = modules["Scope"]
        labels = ["Ch1 (in1) (V)", "Ch2 (in2) (V)"]
        qt_until(lambda: scope.viewers and scope.viewers[0].labels == labels, what="the empty trace")


def test_saturation_by_rounding_is_not_out_of_bounds(modules):
    setpoint = modules["Setpoint"]
    bounds = Emitted(setpoint.bounds_signal)
    assert moved(setpoint, 1.0) == pytest.approx(1.0, abs=2 * STEP)
    assert not bounds
    moved(setpoint, 2.0)
    assert bounds


def test_ranges_and_units_apply_to_values_and_moves(p, plugin):
    move = plugin(DAQ_Move_PyRPL_PID, module="pid2")
    p.rp.pid2.input = "in1"
    qt_until(lambda: move.settings["pid2", "input"] == "in1", what="the input")
    group = move.settings.child("ranges", "in1")
    group.child("range").setValue("HV (±20 V)")
    group.child("factor").setValue(2.0)
    group.child("unit").setValue("mW")
    move.commit_settings(group.child("unit"))
    assert move.axis_unit == "mW"
    assert move.axis_name == "setpoint"
    p.rp.pid2.setpoint = 0.1
    assert move.get_actuator_value().value() == pytest.approx(4.0, abs=0.01)
    assert move.get_actuator_value().units == "mW"


def test_each_board_has_defaults_of_its_own(p, plugin):
    config["boards", "virtual"] = {"pid": {"max_voltage": 0.25}}
    try:
        plugin(DAQ_Move_PyRPL_PID, module="pid1")
        assert p.rp.pid1.max_voltage == 0.25
    finally:
        config["boards", "virtual"] = {}
        p.rp.pid1.max_voltage = 0.999
