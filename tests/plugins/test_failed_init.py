"""A failed init says why, leaves nothing behind, and another one works."""

import pytest

from pymodaq_plugins_pyrpl import config
from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_PID import DAQ_Move_PyRPL_PID
from pyrpl_remote import connect

from ..dashboards import later
from ..environment import free_port
from ..offscreen import Emitted, actuator, dashboard, detector, in_qt_loop, qt_until, set_setting

pytestmark = in_qt_loop

WRONG = "127.0.0.1"
"""The hostname of no board: nothing listens at its SSH port, which is known at once."""


def initialize(module, wanted):
    done = Emitted(module.init_signal)
    module.init_hardware_ui(True)
    qt_until(lambda: done and done[-1] is wanted, 60.0, "the init")


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Setpoint", actuator("Setpoint", "PyRPL_PID", 1, "setpoint")),
        ("Scope", detector("Scope", "PyRPL_Scope", 1)),
    ],
)
def test_the_reason_of_a_failed_init_is_the_last_text(name, made):
    with dashboard(later([made])) as (_, modules):
        module = modules[name]
        set_setting(module, "board", value="nowhere")
        set_setting(module, "hostname", value=WRONG)
        set_setting(module, "connection", "sshport", value=free_port())
        said = Emitted(module.status_sig)
        initialize(module, False)
        qt_until(lambda: WRONG in said[-1], what=f"the reason, not {said}")


def test_commands_are_carried_out_once_after_failed_inits_and_quitting_works(run_python):
    found = run_python(
        """
        from tests.environment import free_port
        from tests.offscreen import Emitted, actuator, dashboard, qt_until, set_setting
        from tests.dashboards import later
        from pyrpl_remote import connect
        with dashboard(later([actuator("Setpoint", "PyRPL_PID", 1, "setpoint")])) as (window, modules):
            module = modules["Setpoint"]
            with connect("virtual") as p:
                p.rp.pid0.setup(setpoint=0, p=0, i=0, input="off", output_direct="off")
                set_setting(module, "hostname", value="127.0.0.1")
                set_setting(module, "connection", "sshport", value=free_port())
                set_setting(module, "board", value="nowhere")
                for wanted in (False, False, True):
                    if wanted:
                        set_setting(module, "hostname", value="")
                        set_setting(module, "connection", "sshport", value=0)
                        set_setting(module, "board", value="virtual")
                    done, said = Emitted(module.init_signal), Emitted(module.status_sig)
                    module.init_hardware_ui(True)
                    try:
                        qt_until(lambda: done and done[-1] is wanted, 60.0, f"an init that is {wanted}")
                    except AssertionError as error:
                        raise AssertionError(f"{error}: {done}, {said}") from error
                for _ in range(3):
                    done = Emitted(module.move_done_signal)
                    module.move_rel(0.01)
                    qt_until(lambda: done, what="the move")
                report(setpoint=p.rp.pid0.setpoint)
        """
    )
    # each move is rounded to a step
    assert found["setpoint"] == pytest.approx(0.03, abs=2 * 2.0**-13)


AT_ONCE = """
from tests.environment import free_port
from tests.offscreen import Emitted, actuator, dashboard, qt_until, set_setting
from tests.dashboards import later
from pyrpl_remote import connect

with dashboard(later([actuator("Setpoint", "PyRPL_PID", 1, "setpoint")])) as (_, modules), connect("virtual"):
    module = modules["Setpoint"]
    ends = []

    def again(initialized):
        if True in ends:  # the end of the dashboard closes it
            return
        ends.append(initialized)
        if initialized:
            return
        if len(ends) == ROUNDS:
            set_setting(module, "hostname", value="")
            set_setting(module, "connection", "sshport", value=0)
            set_setting(module, "board", value="virtual")
        module.init_hardware_ui(True)

    module.init_signal.connect(again)
    set_setting(module, "hostname", value="127.0.0.1")
    set_setting(module, "connection", "sshport", value=free_port())
    set_setting(module, "board", value="nowhere")
    module.init_hardware_ui(True)
    qt_until(lambda: True in ends, 90.0, "an init that works")
    moved = Emitted(module.move_done_signal)
    module.move_abs(0.1)
    qt_until(lambda: moved, what="the move")
    report(ends=ends)
"""


def test_an_init_that_follows_a_failed_one_at_once_is_carried_out_once(run_python):
    rounds = 4
    found = run_python(AT_ONCE.replace("ROUNDS", str(rounds)))
    assert found["ends"] == [False] * rounds + [True]


def test_a_slave_whose_init_failed_gets_no_commands_and_can_be_initialized():
    group = [
        actuator("Setpoint", "PyRPL_PID", 1, "setpoint"),
        actuator("P", "PyRPL_PID", 1, "p", master=False),
    ]
    with dashboard(group) as (_, modules), connect("virtual") as p:
        p.rp.pid0.setup(p=0, i=0, input="off", output_direct="off")
        gain = modules["P"]
        gain.init_hardware_ui(False)  # PyMoDAQ hears of its end only if that is quick
        p.rp.pid1.setup(p=0, i=0, input="off", output_direct="off")
        set_setting(gain, "module", value="pid1")
        config["boards", "virtual"] = {"pid": {"no_such_attribute": 1}}
        initialize(gain, False)
        config["boards", "virtual"] = {}
        initialize(gain, True)
        for _ in range(3):
            done = Emitted(gain.move_done_signal)
            gain.move_rel(0.01)
            done.wait(what="the move")
        assert p.rp.pid1.p == pytest.approx(0.03, abs=1e-3)


def test_an_init_that_takes_too_long_ends_with_the_reason(commands_of):
    move = DAQ_Move_PyRPL_PID()
    commands_of(move)
    move.settings.child("board").setValue("far")
    move.settings.child("hostname").setValue("192.0.2.1")  # of no host, by RFC 5737
    move.settings.child("connection", "limit").setValue(0.5)
    info, initialized = move.ini_stage()
    assert not initialized
    assert "within 0.5 s" in info


def test_a_password_is_masked_and_saved_nowhere():
    move = DAQ_Move_PyRPL_PID()
    move.settings.child("connection", "password").setValue("secret")
    assert "secret" not in str(move.settings.saveState())
    from pymodaq_gui.parameter.ioxml import parameter_to_xml_string

    from pymodaq_plugins_pyrpl.hardware.board_settings import connect_arguments

    assert b"secret" not in parameter_to_xml_string(move.settings)
    again = DAQ_Move_PyRPL_PID(None, move.settings.saveState())
    assert connect_arguments(again.settings)["password"] == "secret"
    assert "secret" not in str(again.settings.saveState())
