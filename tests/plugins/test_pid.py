"""A PID controller is moved as a whole, paused and reset."""

import threading

import pytest
from pymodaq.utils.plugin_testing import move_abs_and_wait

from pymodaq_plugins_pyrpl.daq_move_plugins.daq_move_PyRPL_PID import DAQ_Move_PyRPL_PID
from pymodaq_plugins_pyrpl.hardware.together import Together, together

from ..offscreen import Emitted, actuator, dashboard, edit, in_qt_loop, qt_until

pytestmark = in_qt_loop

PATIENTLY = 5.0
"""How long a write waits for others here, as a busy machine may be slow; it ends as soon as all have come."""

AXES = {"setpoint": 0.25, "p": 0.5, "i": 100.0}


def sent(p):
    """How many requests the daemon has had that set one attribute, and that set several."""
    verbs = p.status().requests.verbs
    return [verbs[verb].count if verb in verbs else 0 for verb in ("set", "set_many")]


def test_writes_at_the_same_time_are_one_request(p):
    writes, pid = Together(PATIENTLY), p.rp.pid2
    for _ in AXES:
        writes.join("pid2")

    before = sent(p)
    threads = [threading.Thread(target=writes.write, args=("pid2", pid, *item)) for item in AXES.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pid.snapshot(*AXES) == pytest.approx(AXES, rel=1e-3)
    assert sent(p) == [before[0], before[1] + 1]
    for _ in AXES:
        writes.leave("pid2")
    writes.write("pid2", pid, "p", 0.0)
    assert sent(p) == [before[0] + 1, before[1] + 1]


@pytest.mark.parametrize("master", [False, True])
def test_axes_that_are_moved_together_are_written_as_one_request(p, master, monkeypatch):
    monkeypatch.setattr(together, "seconds", PATIENTLY)
    axes = list(AXES)
    made = [
        actuator(axis, "PyRPL_PID", number if master else 0, axis, master=master or number == 0)
        for number, axis in enumerate(axes)
    ]
    with dashboard(*([one] for one in made) if master else [made]) as (_, modules):
        p.rp.pid0.setup(setpoint=0, p=0, i=0, ival=0, input="off", output_direct="off")
        qt_until(lambda: all(abs(modules[axis].current_value.value()) < 1e-9 for axis in axes), 5.0, "zeros")
        done = [Emitted(modules[axis].move_done_signal) for axis in axes]
        before = sent(p)
        for axis, value in AXES.items():
            modules[axis].move_abs(value)
        qt_until(lambda: all(done), what="the moves")
        assert p.rp.pid0.snapshot(*axes) == pytest.approx(AXES, rel=1e-3)
        assert sent(p) == [before[0], before[1] + 1]


def test_it_is_paused_and_reset_in_its_settings(p, plugin):
    move = plugin(DAQ_Move_PyRPL_PID, module="pid1")
    p.rp.pid1.setup(input="off", i=0, p=0, ival=0.5)
    edit(move, "pid1", "paused", value=True)
    assert p.rp.pid1.paused
    edit(move, "pid1", "paused", value=False)
    edit(move, "reset", value=True)
    assert p.rp.pid1.ival == 0
    assert move.settings["reset"] is False


def test_the_limits_are_axes(p, plugin):
    move = plugin(DAQ_Move_PyRPL_PID, module="pid2")
    move.axis_name = "max_voltage"
    assert move_abs_and_wait(move, 0.5).value("V") == p.rp.pid2.max_voltage == 0.5
    move.axis_name = "min_voltage"
    assert move_abs_and_wait(move, -0.5).value("V") == p.rp.pid2.min_voltage == -0.5


def test_the_daemon_calls_the_program_pymodaq(p):
    assert [client.program for client in p.status().clients] == ["PyMoDAQ"]
