"""Plugins share one daemon with each other and with every other program, and release it when they close."""

import psutil
import pytest

from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_ASG import DAQ_Move_PyRPL_ASG
from pymodaq_plugins_pyrpl.daq_viewer_plugins.plugins_1D.daq_1Dviewer_PyRPL_Scope import (
    DAQ_1DViewer_PyRPL_Scope,
)
from pyrpl_remote import connect, discover, status

from ..offscreen import Emitted, actuator, dashboard, detector, in_qt_loop, qt_until, set_setting
from ..processes import wait_until

pytestmark = in_qt_loop


def test_modules_of_a_dashboard_share_one_daemon_and_end_it_together():
    groups = [
        [
            actuator("Setpoint", "PyRPL_PID", 1, "setpoint"),
            actuator("Gain", "PyRPL_PID", 1, "p", master=False),
            detector("Scope", "PyRPL_Scope", 1, master=False),
        ],
        [actuator("Frequency", "PyRPL_ASG", 2, "frequency")],
    ]
    with dashboard(*groups) as (_, modules):
        assert {name: module.initialized_state for name, module in modules.items()} == dict.fromkeys(
            modules, True
        )
        assert len(discover()) == 1
        with connect("virtual") as p:
            (client,) = p.status()["clients"]
            assert {"rp.pid0", "rp.asg0", "rp.scope"} >= set(client["modules"])
            p.rp.pid0.setup(input="off", output_direct="off", p=0, i=0, ival=0, setpoint=0)
            for name, value, attribute in (
                ("Setpoint", 0.3, "setpoint"),
                ("Gain", 0.002, "p"),
                ("Gain", 40.0, "p"),
            ):
                done = Emitted(modules[name].move_done_signal)
                modules[name].move_abs(value)
                assert done.wait(what=f"the move of {name}").value() == pytest.approx(value, abs=1.3e-4)
                assert getattr(p.rp.pid0, attribute) == pytest.approx(value, abs=1.3e-4)
        shown = Emitted(modules["Scope"].grab_done_signal)
        modules["Scope"].snap()
        assert shown.wait(what="a trace")[0].labels[0].startswith("Ch1")
    wait_until(lambda: not discover(), 10.0, "the daemon's end")


def test_the_last_of_two_masters_ends_the_daemon(lone_plugin):
    first = lone_plugin(DAQ_Move_PyRPL_ASG)
    second = lone_plugin(DAQ_1DViewer_PyRPL_Scope)
    assert first.controller is not second.controller
    (board,) = discover()
    daemon = psutil.Process(status(board).daemon.pid)
    first.close()
    wait_until(
        lambda: [client.modules for client in status(board).clients] == [["rp.scope"]], what="its release"
    )
    assert second.controller.rp.scope.input1 == "in1"
    second.close()
    wait_until(lambda: not discover(), what="the daemon's end")
    wait_until(lambda: not daemon.is_running(), what="the end of its process")


def test_another_module_of_the_same_plugin_appears_in_the_window():
    with dashboard([actuator("Frequency", "PyRPL_ASG", 1, "frequency")]) as (_, modules):
        settings = modules["Frequency"].settings.child("actuator_settings")
        assert settings.child("asg0", "waveform").opts["limits"][0] == "sin"
        set_setting(modules["Frequency"], "module", value="asg1")
        qt_until(lambda: "asg1" in [child.name() for child in settings.children()], what="its settings")
        assert not settings.child("asg0").opts["visible"]
