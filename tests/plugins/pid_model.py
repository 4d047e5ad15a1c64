"""PyMoDAQ's PID extension holds a measured value by moving the set point of a controller on the board.

test_pid_model.py runs these tests in a process of their own.
"""

import numpy as np
import pytest
from pymodaq.extensions import ExtensionEnum
from pymodaq_data.data import DataToExport
from pymodaq_utils.config import GlobalConfig

from pyrpl_remote import connect

from ..offscreen import Emitted, actuator, dashboard, detector, in_qt_loop, qt_until, set_setting

pytestmark = in_qt_loop

config = GlobalConfig()


@pytest.fixture(scope="module")
def loop():
    """The board of `p`, the PID extension with its modules in a dashboard, and the modules.

    pid0 holds in1 at its set point over a cable, and pid1 makes in2 = -in1 / 2 of it over another.
    """
    moves = [
        actuator("P", "PyRPL_PID", 1, "p"),
        actuator("Set point", "PyRPL_PID", 1, "setpoint", master=False),
    ]
    with (
        connect("virtual") as p,
        dashboard(moves, [detector("Scope", "PyRPL_Scope", 2)]) as (window, modules),
    ):
        p.rp.pid0.setup(input="in1", output_direct="out1", setpoint=0, p=0, i=-1000, ival=0)
        p.rp.pid1.setup(input="in1", output_direct="out2", setpoint=0, p=-0.5, i=0, ival=0)
        set_setting(modules["Scope"], "scope", "duration", value=2**14 * 8e-9 * 8)
        extension = window.load_extension(ExtensionEnum.PID)
        yield p, extension, modules
        for name in ("run", "ini_pid"):  # after a test that failed
            if extension.is_action_checked(name):
                extension.get_action(name).trigger()
        extension.quit_fun()
        extension.shared_ui.mainwindow.close()
        extension.shared_ui.mainwindow.deleteLater()


def in2(p) -> float:
    return p.rp.sampler.stats("in2", 0.01)[0]


def test_the_extension_moves_the_hardware_set_point_until_the_value_is_reached(loop):
    p, extension, _ = loop
    extension.settings.child("models", "model_class").setValue("PIDModelPyRPL")
    extension.ini_model()
    chosen = extension.settings.child("models", "model_params")
    assert (chosen["actuator"], chosen["detector"]) == ("Set point", "Scope")
    chosen.child("label").setValue("in2")
    chosen.child("gain").setValue(-1.0)
    extension.settings.child("main_settings", "pid_settings", "pid_constants", "ki").setValue(10.0)
    extension.setpoints = [0.1]
    p.rp.pid0.setpoint = 0.05

    extension.get_action("ini_pid").trigger()
    extension.get_action("run").trigger()
    qt_until(lambda: abs(extension.curr_points[0] + 0.025) < 5e-4, what="a measured value")
    assert p.rp.pid0.setpoint == pytest.approx(0.05, abs=1e-3), "the paused loop moved the set point"
    extension.get_action("pause").trigger()
    qt_until(lambda: abs(in2(p) - 0.1) < 5e-4, 30.0, "the value")
    assert p.rp.pid0.setpoint == pytest.approx(-0.2, abs=5e-3)
    assert p.rp.sampler.stats("in1", 0.01)[0] == pytest.approx(-0.2, abs=5e-3)


def test_the_loop_goes_on_from_where_a_user_moved_the_set_point_while_it_was_paused(loop):
    p, extension, modules = loop
    moves = []
    gains = extension.settings.child("main_settings", "pid_settings", "pid_constants")
    gains.child("ki").setValue(1.0)
    extension.get_action("pause").trigger()
    qt_until(lambda: extension.model_class._paused, what="a round of the paused loop")
    moved = Emitted(modules["Set point"].move_done_signal)
    modules["Set point"].move_abs(0.3)
    moved.wait(what="the move")
    subscription = p.rp.pid0.on_change(
        lambda change: moves.append(change.value) if change.name == "setpoint" else None
    )
    extension.get_action("pause").trigger()
    qt_until(lambda: len(moves) > 2, what="the loop's moves")
    assert 0.1 < moves[0] < 0.301  # not from the -0.2 V at which it was paused
    gains.child("ki").setValue(10.0)
    qt_until(lambda: abs(in2(p) - 0.1) < 5e-4, 30.0, "the value")
    assert np.all(np.diff(moves)[:3] <= 0), moves
    subscription.close()


def test_at_a_limit_the_set_point_stays_and_comes_back_at_once(loop):
    p, extension, _ = loop
    extension.settings.child("models", "model_params", "lowest").setValue(-0.3)
    extension.setpoints = [0.4]  # at a set point of -0.8
    qt_until(lambda: p.rp.pid0.setpoint == pytest.approx(-0.3, abs=2e-4), what="the limit")
    before = extension.model_class.curr_output[0]
    qt_until(lambda: extension.model_class.curr_output[0] > before + 1, what="the output to grow on")
    assert p.rp.pid0.setpoint == pytest.approx(-0.3, abs=2e-4)
    extension.setpoints = [0.1]
    qt_until(lambda: abs(in2(p) - 0.1) < 5e-4, 30.0, "the value")


def test_while_the_detector_sends_nothing_in_time_the_set_point_stays_and_then_the_loop_goes_on(loop):
    p, extension, _ = loop
    told = Emitted(extension.status_signal)
    seconds = config("pymodaq", "viewer", "timeout")
    config["pymodaq", "viewer", "timeout"] = 1000
    try:
        scope = p.rp.scope
        scope.setup(trigger_source="ch1_positive_edge", threshold=1)  # which never comes
        qt_until(lambda: any("Scope sent nothing in time: the set point stays" in text for text in told))
        before = p.rp.pid0.setpoint
        extension.setpoints = [0.15]
        silent = len(told)
        qt_until(lambda: len(told) > silent + 1, what="two more rounds")
        assert p.rp.pid0.setpoint == before
        scope.trigger_source = "immediately"
        qt_until(lambda: abs(in2(p) - 0.15) < 5e-4, 30.0, "the value")
    finally:
        config["pymodaq", "viewer", "timeout"] = seconds


def test_a_value_that_the_detector_does_not_send_ends_the_loop_with_a_reason(loop):
    _, extension, _ = loop
    told = Emitted(extension.status_signal)
    extension.settings.child("models", "model_params", "label").setValue("in7")
    qt_until(lambda: any("sent no value 'in7'" in text and "in2" in text for text in told), what="the reason")
    extension.get_action("run").trigger()
    extension.get_action("ini_pid").trigger()


def test_a_detector_that_fails_ends_the_loop(loop):
    _, extension, _ = loop
    with pytest.raises(ValueError, match="Scope sent nothing: the loop has ended"):
        extension.model_class.convert_input(DataToExport("nothing"))
