"""Proxies: PyRPL's names, values, documentation and errors, without PyRPL in this process."""

import inspect
import pydoc
import sys
import threading

import numpy as np
import pytest

from pyrpl_remote import connect, errors


def test_neither_pyrpl_nor_qt_is_in_this_process(run_python, p):
    found = run_python(
        """
        import sys
        from pyrpl_remote import connect
        with connect("virtual") as p:
            p.rp.scope.duration
        report(loaded=[name for name in ("pyrpl", "qtpy", "PyQt6", "PySide6", "numba", "pymodaq") if name in sys.modules])
        """
    )
    assert found["loaded"] == []


def test_attributes_are_read_and_written_as_pyrpl_rounds_them(p):
    pid = p.rp.pid0
    pid.setpoint = 0.1
    assert pid.setpoint == pytest.approx(0.1, abs=2**-13)
    assert pid.setpoint * 2**13 == int(pid.setpoint * 2**13)
    assert isinstance(pid.setpoint, float)
    assert p.rp.pid0.setpoint == pid.setpoint


def test_the_example_of_the_readme_gives_the_sine(p):
    p.rp.asg0.setup(
        waveform="sin", frequency=1e3, amplitude=0.8, output_direct="out1", trigger_source="immediately"
    )
    p.rp.scope.setup(input1="in1", duration=1e-2, trigger_source="asg0")
    ch1, ch2 = p.rp.scope.single(timeout=5)
    assert isinstance(ch1, np.ndarray)
    times = p.rp.scope.times
    whole = times - times[0] < 8e-3
    assert np.sqrt(np.mean(ch1[whole] ** 2)) == pytest.approx(0.8 / np.sqrt(2), abs=0.01)


def test_a_misspelt_attribute_is_neither_sent_nor_created(p):
    with pytest.raises(errors.UnknownAttribute, match="did you mean 'setpoint'"):
        p.rp.pid0.setpiont = 0.3
    with pytest.raises(AttributeError, match="board 'virtual': rp.scope"):
        p.rp.scope.duratoin
    assert not hasattr(p.rp.pid0, "setpiont")


def test_names_with_an_underscore_stay_with_the_daemon(p):
    with pytest.raises(AttributeError, match="underscore"):
        p.rp.scope._running_state
    with connect("virtual", private=True) as q:
        assert q.rp.scope._running_state == p.rp.scope.running_state
        assert q.rp.hk._read(0) == 1
        with pytest.raises(AttributeError):
            q.rp.scope._no_such_name
        with pytest.raises(AttributeError):
            q.rp.scope.__globals__


def test_a_value_that_pyrpl_refuses_is_pyrpls_error_with_board_and_step(p):
    with pytest.raises(ValueError, match="is not an option") as caught:
        p.rp.pid0.input = "in3"
    assert "board 'virtual', setting rp.pid0.input to in3" in str(caught.value)
    assert "validate_and_normalize" in caught.value.remote_traceback


def test_a_value_that_cannot_travel_is_refused_before_it_is_sent(p):
    with pytest.raises(errors.NotTransferable):
        p.rp.pid0.setpoint = object()


def test_a_read_only_attribute_says_so(p):
    with pytest.raises(AttributeError):
        p.rp.scope.times = [1]


def test_an_attribute_error_inside_pyrpl_arrives_as_it_is(p):
    with pytest.raises(AttributeError) as caught:
        p.networkanalyzer.last_valid_point
    assert isinstance(caught.value, errors.RemoteError)


def test_modules_are_assigned_where_pyrpl_takes_them(p):
    p.rp.scope.input1 = p.rp.asg0
    assert p.rp.scope.input1 == "asg0"
    p.rp.scope.input1 = "in1"


def test_modules_come_back_as_proxies(p):
    assert p.rp.pid0.parent == p.rp
    assert p.rp.pid0.pyrpl == p
    assert p.rp.pid0 in p.hardware_modules
    assert len({p.rp.pid0, p.rp.pid0, p.rp.pid1}) == 2
    assert repr(p.rp.pid0) == "<Pid rp.pid0 of board 'virtual', connected>"
    with p.pids.pop("me") as pid:
        assert pid.owner == "me"
    assert pid.owner is None


def test_lists_and_dicts_of_modules_behave(p):
    assert len(p.lockbox.sequence) >= 1
    assert [stage.duration for stage in p.lockbox.sequence] == [p.lockbox.sequence[0].duration]
    assert p.lockbox.inputs["input1"] == p.lockbox.inputs.input1


def test_completion_help_and_signatures_are_pyrpls(p):
    scope = p.rp.scope
    assert {"duration", "single", "setup", "input1"} <= set(dir(scope))
    assert list(inspect.signature(scope.single).parameters) == ["timeout"]
    assert "trigger_source" in inspect.getdoc(scope.setup)
    assert "Same as single_async" in pydoc.render_doc(scope.single)
    documentation = inspect.getdoc(type(scope).input1)
    assert "selects the input signal of the module" in documentation
    assert "'in1', 'in2'" in documentation
    assert "0 to 6.25e+07 Hz" in inspect.getdoc(type(p.rp.asg0).frequency)


def test_the_description_gives_types_limits_units_and_options(p):
    frequency = p.rp.asg0.description().attributes["frequency"]
    assert (frequency.kind, frequency.unit, frequency.minimum, frequency.maximum) == (
        "float",
        "Hz",
        0,
        62.5e6,
    )
    assert p.rp.scope.description().attributes["duration"].unit == "s"
    assert "networkanalyzer" in p.rp.scope.options_of("input1")


def test_threads_share_a_proxy_and_a_slow_call_holds_up_nobody(p):
    p.rp.scope.setup(duration=0.25, trigger_source="immediately", trace_average=1, rolling_mode=False)
    acquired = threading.Event()

    def acquire():
        p.rp.scope.single(timeout=20)
        acquired.set()

    thread = threading.Thread(target=acquire)
    thread.start()
    reads = 0
    while not acquired.is_set() and reads < 50:
        assert p.rp.pid0.p is not None
        reads += 1
    assert reads == 50
    thread.join()


def test_two_acquisitions_on_one_module_take_turns(p):
    p.rp.scope.setup(duration=0.1, trigger_source="immediately", rolling_mode=False)
    shapes = []
    threads = [
        threading.Thread(target=lambda: shapes.append(p.rp.scope.single(timeout=30).shape)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shapes == [(2, 16384)] * 3


def test_an_acquisition_whose_turn_does_not_come_names_the_holder(p):
    # armed on an edge that never comes: it holds the scope until it is stopped
    p.rp.scope.setup(
        input1="off", duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False
    )
    failures = []

    def wait_in_vain():
        try:
            p.rp.scope.single(timeout=3)
        except TimeoutError as error:
            failures.append(error)

    thread = threading.Thread(target=wait_in_vain)
    thread.start()
    while p.rp.scope.running_state != "running_single":
        pass
    with pytest.raises(errors.ModuleBusy, match="rp.scope is acquiring for .*pid"):
        p.rp.scope.single(timeout=0.2)
    thread.join()
    assert "Timeout exceeded" in str(failures[0])
    p.rp.scope.stop()


def test_a_setting_that_ends_an_acquisition_is_reported_to_its_client(p):
    p.rp.scope.setup(
        input1="off", duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False
    )
    failures = []

    def wait_in_vain():
        try:
            p.rp.scope.single(timeout=20)
        except errors.AcquisitionCancelled as error:
            failures.append(error)

    thread = threading.Thread(target=wait_in_vain)
    thread.start()
    while p.rp.scope.running_state != "running_single":
        pass
    p.rp.scope.stop()
    thread.join(10)
    assert "cancelled" in str(failures[0])


def test_status_says_who_holds_what(p):
    scope = p.rp.scope
    status = p.status()
    assert status["board"] == "virtual"
    assert status["state"] == "connected"
    mine = [c for c in status["clients"] if c["modules"]]
    assert "rp.scope" in mine[0]["modules"]
    assert {"program", "user", "host", "pid", "since", "modules"} == set(mine[0])
    assert p.name_server.startswith("PYRO:Pyro.NameServer@")
    assert scope is not None


def test_a_closed_handle_says_so_and_the_others_go_on():
    first, second = connect("virtual"), connect("virtual")
    scope = first.rp.scope
    first.close()
    with pytest.raises(errors.SessionClosed, match="used after close"):
        scope.duration
    assert second.rp.scope.duration > 0
    second.close()
    assert "closed" in repr(first)


def test_a_forked_child_connects_by_itself(run_python, p):
    if not hasattr(__import__("os"), "fork"):
        pytest.skip("this platform has no fork")
    found = run_python(
        """
        import os
        from pyrpl_remote import connect
        p = connect("virtual")
        p.rp.pid1.setpoint = 0.25
        child = os.fork()
        if not child:
            with connect("virtual") as q:
                report(child=q.rp.pid1.setpoint)
            os._exit(0)
        os.waitpid(child, 0)
        report(parent=p.rp.pid1.setpoint, clients=len(p.status()["clients"]))
        p.close()
        """
    )
    assert found["child"] == found["parent"] == 0.25


def test_python_here_has_no_pyrpl():
    assert "pyrpl" not in sys.modules
