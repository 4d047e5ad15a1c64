"""Lockbox, outputs and IQ in one dashboard: buttons, axes and values reach the board, and the window."""

import psutil
import pytest
from pymodaq.control_modules.enums import DAQTypesEnum
from pymodaq.utils.managers.modules.loader import ModuleType, PluginInfo

from pyrpl_remote import connect

from ..offscreen import Emitted, actuator, dashboard, in_qt_loop, qt_until, set_setting

pytestmark = in_qt_loop


@pytest.fixture(scope="module")
def modules():
    group = [
        actuator("Lock", "PyRPL_Lockbox", 1, "setpoint"),
        actuator("Pin", "PyRPL_Output", 1, "expansion_P2", master=False),
        actuator("Modulation", "PyRPL_IQ", 1, "amplitude", master=False),
    ]
    viewer = PluginInfo(2, "Lock signals", "PyRPL_Lockbox", ModuleType.Detector, daq_type=DAQTypesEnum.DAQ0D)
    with dashboard(group, [viewer]) as (_, modules):
        yield modules


@pytest.fixture(scope="module")
def p(modules):
    with connect("virtual") as p:
        yield p


def move(module, value) -> float:
    done = Emitted(module.move_done_signal)
    module.move_abs(value)
    return done.wait(what="the move").value()


def shown(module):
    return module.settings.child("actuator_settings")


def test_buttons_of_the_window_lock_and_unlock(p, modules):
    lock = modules["Lock"]
    assert shown(lock)["control", "state"] == "unlocked"
    p.lockbox.sequence[0].input = "input1"

    def press(button: str, state: str) -> None:
        set_setting(lock, "control", button, value=True)
        qt_until(lambda: p.lockbox.current_state == state, what=button)
        qt_until(lambda: shown(lock)["control", button] is False, what="the button")

    press("lock", "lock_on")
    press("unlock", "unlock")
    press("sweep", "sweep")
    press("unlock", "unlock")
    qt_until(lambda: shown(lock)["control", "state"] == "unlocked", what="the state")
    assert move(lock, 0.25) == p.lockbox.sequence[-1].setpoint == 0.25


def test_another_axis_of_the_outputs_has_its_own_unit_and_settings(p, modules):
    pin = modules["Pin"]
    assert pin.settings["main_settings", "ui_type"] == "Binary"
    assert move(pin, 1) == 1
    assert p.rp.hk.expansion_P2 is True
    assert shown(pin)["hk", "expansion_P2_output"] is True
    set_setting(pin, "controller", "axis", value="dac3")
    qt_until(lambda: pin.units == "V", what="the unit")
    qt_until(lambda: not shown(pin).child("hk").opts["visible"], what="its settings")
    assert move(pin, 1.0) == pytest.approx(1.0, abs=5e-4)
    assert p.rp.ams.dac3 == pytest.approx(1.0, abs=5e-4)
    set_setting(pin, "pwm1", "input", value="pid1")
    qt_until(lambda: p.rp.pwm1.input == "pid1", what="the input of the PWM output")
    p.rp.pwm1.input = "off"
    qt_until(lambda: shown(pin)["pwm1", "input"] == "off", what="the change of another program")


def test_modules_of_one_board_are_moved_and_measured_together(p, modules):
    assert move(modules["Modulation"], 0.5) == pytest.approx(0.5, abs=1e-5)
    assert p.rp.iq0.amplitude == pytest.approx(0.5, abs=1e-5)
    taken = Emitted(modules["Lock signals"].grab_done_signal)
    modules["Lock signals"].snap()
    data = taken.wait(what="data")
    labels = [label for dwa in data for label in dwa.labels]
    assert {"Error signal (V)", "input1 (V)", "output1 (V)", "Locked", "Stage", "output1 saturated"} <= set(
        labels
    )


def test_they_go_on_with_another_daemon_when_theirs_dies(p, modules):
    pin, lock, signals = modules["Pin"], modules["Lock"], modules["Lock signals"]
    assert move(pin, 0.5) == pytest.approx(0.5, abs=5e-4)
    psutil.Process(p.status()["daemon"]["pid"]).kill()
    assert move(pin, 1.0) == pytest.approx(1.0, abs=5e-4)
    assert p.rp.ams.dac3 == pytest.approx(1.0, abs=5e-4)
    set_setting(lock, "control", "sweep", value=True)
    qt_until(lambda: p.lockbox.current_state == "sweep", what="the sweep")
    qt_until(lambda: shown(lock)["control", "state"] == "sweeping", what="the state")
    taken = Emitted(signals.grab_done_signal)
    signals.snap()
    data = {label: array[0] for dwa in taken.wait(what="data") for label, array in zip(dwa.labels, dwa.data)}
    assert (data["Stage"], data["Locked"]) == (-2, 0)
    p.rp.pwm1.input = "asg0"
    qt_until(lambda: shown(pin)["pwm1", "input"] == "asg0", what="the change of another program")
    p.lockbox.unlock()
    qt_until(lambda: shown(lock)["control", "state"] == "unlocked", what="the state")
