"""Proxies: PyRPL's names, values, documentation and errors, without PyRPL in this process."""

import inspect
import os
import pydoc
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from pyrpl_remote import connect, errors

from ..processes import wait_until


def test_neither_pyrpl_nor_qt_is_in_this_process(run_python, p):
    found = run_python(
        """
        import sys
        from pyrpl_remote import connect
        with connect("virtual") as p:
            p.rp.scope.duration
        unwanted = {"pyrpl", "qtpy", "PyQt6", "PySide6", "numba", "pymodaq"}
        report(loaded=sorted(unwanted & set(sys.modules)))
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


def test_the_example_of_the_readme_returns_the_sine(p):
    p.rp.asg0.setup(
        waveform="sin", frequency=1e3, amplitude=0.8, output_direct="out1", trigger_source="immediately"
    )
    p.rp.scope.setup(input1="in1", duration=1e-2, trigger_source="asg0")
    ch1, _ = p.rp.scope.single(timeout=5)
    assert isinstance(ch1, np.ndarray)
    times = p.rp.scope.times
    whole = times - times[0] < 8e-3
    assert np.sqrt(np.mean(ch1[whole] ** 2)) == pytest.approx(0.8 / np.sqrt(2), abs=0.01)


def test_a_misspelt_attribute_is_neither_sent_nor_created(p):
    with pytest.raises(errors.UnknownAttribute, match="did you mean 'setpoint'"):
        p.rp.pid0.setpiont = 0.3
    with pytest.raises(AttributeError, match=r"board 'virtual': rp\.scope"):
        p.rp.scope.duratoin
    assert not hasattr(p.rp.pid0, "setpiont")
    with pytest.raises(errors.UnknownAttribute, match=r"dir\(\) lists"):
        p.rp.pid0.xyzzy


def test_attributes_cannot_be_deleted(p):
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del p.rp.pid0.setpoint
    p.rp.pid0.setpoint = 0.0
    assert p.rp.pid0.setpoint == 0.0


@pytest.mark.parametrize("name", ["_running_state", "_no_such_name", "__globals__"])
def test_names_with_an_underscore_need_a_private_connection(p, name):
    with pytest.raises(AttributeError, match="underscore"):
        getattr(p.rp.scope, name)
    with pytest.raises(AttributeError, match="underscore"):
        setattr(p.rp.scope, name, 1)


def test_a_private_connection_reaches_pyrpls_names_with_an_underscore(p):
    with connect("virtual", private=True) as q:
        rp: Any = q.rp  # whose type has no such names
        assert rp.scope._running_state == p.rp.scope.running_state
        assert rp.hk._read(0) == 1
        rp.scope.setup()
        rp.scope._last_time_setup = 12.5
        assert rp.scope._last_time_setup == 12.5


@pytest.mark.parametrize("name", ["_no_such_name", "__globals__"])
def test_a_private_connection_has_neither_unknown_names_nor_pythons_own(p, name):
    with connect("virtual", private=True) as q, pytest.raises(AttributeError, match=name):
        getattr(q.rp.scope, name)


def test_a_value_that_pyrpl_refuses_is_pyrpls_error_with_board_and_step(p):
    with pytest.raises(ValueError, match="is not an option") as caught:
        p.rp.pid0.input = "in3"
    assert "board 'virtual', setting rp.pid0.input to in3" in str(caught.value)
    assert "validate_and_normalize" in vars(caught.value)["remote_traceback"]


def test_a_value_that_cannot_travel_is_refused_before_it_is_sent(p):
    before = p.rp.pid0.setpoint
    with pytest.raises(errors.NotTransferable, match="object cannot travel"):
        p.rp.pid0.setpoint = object()
    assert p.rp.pid0.setpoint == before


def test_a_read_only_attribute_cannot_be_set(p):
    before = p.rp.scope.times
    with pytest.raises(AttributeError):
        p.rp.scope.times = [1]
    np.testing.assert_array_equal(p.rp.scope.times, before)


def test_an_attribute_error_inside_pyrpl_arrives_as_it_is(p):
    with pytest.raises(AttributeError, match="last_valid_point") as caught:
        p.networkanalyzer.last_valid_point
    assert isinstance(caught.value, errors.RemoteError)


def test_a_module_can_be_assigned_where_pyrpl_accepts_one(p):
    p.rp.scope.input1 = p.rp.asg0
    assert p.rp.scope.input1 == "asg0"
    p.rp.scope.input1 = "in1"


def test_modules_come_back_as_proxies(p):
    assert p.rp.pid0.parent == p.rp
    assert p.rp.pid0.pyrpl == p
    assert p.rp.pid0 in p.hardware_modules
    assert p.rp.pid0 is p.rp.pid0
    assert p.rp.pid0 != "rp.pid0"
    with connect("virtual") as q:
        assert q.rp.pid0 is not p.rp.pid0
        assert len({p.rp.pid0, q.rp.pid0, p.rp.pid1}) == 2
    assert repr(p.rp.pid0) == "<Pid rp.pid0 of board 'virtual', connected>"
    with p.pids.pop("me") as pid:
        assert pid.owner == "me"
    assert pid.owner is None


def test_completion_help_and_signatures_are_pyrpls(p):
    scope = p.rp.scope
    assert {"duration", "single", "setup", "input1"} <= set(dir(scope))
    assert list(inspect.signature(scope.single).parameters) == ["timeout"]
    assert "trigger_source" in inspect.getdoc(scope.setup)
    assert "Same as single_async" in pydoc.render_doc(scope.single)
    documentation = inspect.getdoc(type(scope).input1)
    assert "selects the input signal of the module" in documentation
    assert "'in1', 'in2'" in documentation
    assert type(p.rp).scope.name == "scope"
    assert "0 to 6.25e+07 Hz" in inspect.getdoc(type(p.rp.asg0).frequency)


def test_the_description_has_types_limits_units_and_options(p):
    frequency = p.rp.asg0.description().attributes["frequency"]
    assert (frequency.kind, frequency.unit, frequency.minimum, frequency.maximum) == (
        "float",
        "Hz",
        0,
        62.5e6,
    )
    assert p.rp.scope.description().attributes["duration"].unit == "s"
    assert "networkanalyzer" in p.rp.scope.options_of("input1")


@contextmanager
def armed_scope(p, timeout):
    """The scope waits in another thread for an edge that never comes; yields a list for its error."""
    p.rp.scope.setup(duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False)
    errors_of_thread = []

    def acquire():
        try:
            p.rp.scope.single(timeout=timeout)
        except errors.PyrplRemoteError as error:
            errors_of_thread.append(error)

    thread = threading.Thread(target=acquire)
    thread.start()
    try:
        wait_until(lambda: p.rp.scope.running_state == "running_single", what="the armed scope")
        yield errors_of_thread
    finally:
        p.rp.scope.stop()
        thread.join(20)
    assert not thread.is_alive()


def test_threads_share_a_proxy_and_a_waiting_call_blocks_no_other_thread(p):
    p.rp.pid0.p = 0.5
    with armed_scope(p, timeout=60) as errors_of_thread:
        assert [p.rp.pid0.p for _ in range(50)] == [0.5] * 50
        assert errors_of_thread == []


def test_acquisitions_on_one_module_take_turns(p):
    p.rp.scope.setup(duration=0.1, trigger_source="immediately", rolling_mode=False)
    with ThreadPoolExecutor(3) as threads:
        curves = [threads.submit(p.rp.scope.single, timeout=30) for _ in range(3)]
        assert [curve.result(60).shape for curve in curves] == [(2, 16384)] * 3


def test_an_acquisition_on_a_busy_module_is_refused_with_the_name_of_the_other_client(p, run_python):
    with armed_scope(p, timeout=60):
        found = run_python(
            """
            from pyrpl_remote import connect, errors
            with connect("virtual") as p:
                try:
                    p.rp.scope.single(timeout=0.2)
                except TimeoutError as error:
                    report(busy=isinstance(error, errors.ModuleBusy), text=str(error))
            """
        )
    assert found["busy"]
    assert "rp.scope is acquiring for" in found["text"]
    assert f"pid {os.getpid()}" in found["text"]


def test_another_thread_of_the_program_that_acquires_is_no_other_client(p):
    with (
        armed_scope(p, timeout=60),
        pytest.raises(TimeoutError, match=r"rp\.scope is acquiring for another thread of this") as late,
    ):
        p.rp.scope.single(timeout=0.2)
    assert not isinstance(late.value, errors.ModuleBusy)


def test_an_acquisition_without_a_trigger_ends_with_pyrpls_timeout(p):
    p.rp.scope.setup(duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False)
    with pytest.raises(TimeoutError, match="Timeout exceeded"):
        p.rp.scope.single(timeout=0.2)
    p.rp.scope.stop()


def test_an_acquisition_that_another_thread_stops_ends_with_an_error(p):
    with armed_scope(p, timeout=60) as errors_of_thread:
        pass
    (error,) = errors_of_thread
    assert isinstance(error, errors.AcquisitionCancelled)
    assert "cancelled" in str(error)


def test_status_has_the_clients_and_the_modules_that_they_hold(p):
    assert p.rp.scope.duration > 0
    status = p.status()
    assert status["board"] == "virtual"
    assert status["state"] == "connected"
    (mine,) = [client for client in status["clients"] if client["pid"] == os.getpid()]
    assert "rp.scope" in mine["modules"]
    assert mine["connections"] > 0 and mine["requests"] > 0 and mine["acquisitions"] == []
    assert p.name_server.startswith("PYRO:Pyro.NameServer@")


def test_a_closed_board_raises_session_closed_and_other_connections_continue():
    first, second = connect("virtual"), connect("virtual")
    scope = first.rp.scope
    first.close()
    with pytest.raises(errors.SessionClosed, match="used after close"):
        scope.duration
    assert second.rp.scope.duration > 0
    second.close()
    assert "closed" in repr(first)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_forked_child_is_a_client_of_its_own(run_python, p):
    found = run_python(
        """
        import os
        from pyrpl_remote import connect
        p = connect("virtual")
        p.rp.pid1.setpoint = 0.25
        child = os.fork()
        if not child:
            with connect("virtual") as q:
                clients = [client["pid"] for client in q.status()["clients"]]
                report(child=q.rp.pid1.setpoint, both={os.getpid(), os.getppid()} <= set(clients))
            os._exit(0)
        os.waitpid(child, 0)
        report(parent=p.rp.pid1.setpoint)
        p.close()
        """
    )
    assert found == {"child": 0.25, "parent": 0.25, "both": True}
