"""Verbs on the modules of a real PyRPL: reads, writes, calls, and their errors."""

import dataclasses
import math

import numpy as np
import pytest

from pyrpl_remote import schema
from pyrpl_remote.daemon.values import PrivateMethod
from pyrpl_remote.errors import AcquisitionCancelled, ModuleBusy, UnknownAttribute


@pytest.fixture
def dispatcher(rig):
    return rig.dispatcher


@pytest.fixture
def private(ada):
    """A client that may use names with an underscore."""
    return dataclasses.replace(ada, private=True)


@pytest.fixture
def lockbox_as_before(rig, ada):
    """Restore the lockbox's class and its one stage after the test."""
    yield
    rig.dispatcher.set(ada, "lockbox", "classname", "Linear")
    rig.dispatcher.set(ada, "lockbox", "classname", "Lockbox")
    rig.dispatcher.set(ada, "lockbox", "sequence", [{}])


# reading


def test_a_value_is_pyrpls_own(rig, dispatcher, ada):
    rig.pyrpl.rp.pid0.setpoint = 0.25
    assert dispatcher.get(ada, "rp.pid0", "setpoint") == 0.25
    assert dispatcher.get(ada, "networkanalyzer", "iq") is rig.pyrpl.networkanalyzer.iq
    assert dispatcher.get(ada, "", "rp") is rig.pyrpl.rp


def test_several_values_come_in_the_order_of_their_names(rig, dispatcher, ada):
    rig.pyrpl.rp.pid0.setup(setpoint=0.25, input="in2")
    assert dispatcher.get_many(ada, "rp.pid0", ["input", "setpoint", "input"]) == ["in2", 0.25, "in2"]


def test_a_misspelt_name_is_an_error_that_lists_the_names(dispatcher, ada):
    for access in (
        lambda: dispatcher.get(ada, "rp.pid0", "setpiont"),
        lambda: dispatcher.get_many(ada, "rp.pid0", ["setpoint", "setpiont"]),
        lambda: dispatcher.set(ada, "rp.pid0", "setpiont", 1),
        lambda: dispatcher.options(ada, "rp.pid0", "setpiont"),
        lambda: dispatcher.edit(ada, "rp.pid0", "setpiont", "append", [1]),
    ):
        with pytest.raises(UnknownAttribute, match=r"rp\.pid0 has no 'setpiont'") as caught:
            access()
        assert "setpoint" in caught.value.remedy
    with pytest.raises(UnknownAttribute, match="the board has no 'no_such'"):
        dispatcher.get(ada, "", "no_such")
    with pytest.raises(UnknownAttribute, match=r"no module 'rp\.pid9'"):
        dispatcher.get(ada, "rp.pid9", "p")


def test_options_are_the_present_ones(rig, dispatcher, ada):
    assert "lockbox.outputs.output1" in dispatcher.options(ada, "rp.pid0", "input")
    assert dispatcher.options(ada, "rp.pid0", "inputfilter")
    assert dispatcher.options(ada, "rp.pid0", "setpoint") == []


def test_the_description_has_all_modules(rig, dispatcher, ada):
    described = schema.description_from_data(dispatcher.describe(ada).data)
    assert {"", "rp.scope", "networkanalyzer", "lockbox.inputs.input1"} <= described.modules.keys()


# writing


def test_a_value_is_set(rig, dispatcher, ada):
    dispatcher.set(ada, "rp.pid0", "setpoint", 0.5)
    assert rig.pyrpl.rp.pid0.setpoint == 0.5


def test_several_values_are_set_in_their_order(rig, dispatcher, ada):
    pid, changed = rig.pyrpl.rp.pid0, []
    launcher = rig.launcher("rp.pid0")
    connection = launcher.update_attribute_by_name.connect(lambda name, _: changed.append(name))
    dispatcher.set_many(ada, "rp.pid0", {"setpoint": 0.125, "input": "in2", "p": 0.5})
    launcher.update_attribute_by_name.disconnect(connection)
    assert (pid.setpoint, pid.input, pid.p) == (0.125, "in2", 0.5)
    assert changed == ["setpoint", "input", "p"]


@pytest.mark.parametrize("name", ["setpiont", "_setup", "pyrpl"])
def test_nothing_is_set_if_one_of_several_names_is_wrong(rig, dispatcher, ada, name):
    rig.pyrpl.rp.pid0.setpoint = 0.25
    with pytest.raises(AttributeError, match=name):
        dispatcher.set_many(ada, "rp.pid0", {"setpoint": 0.5, name: 1})
    assert rig.pyrpl.rp.pid0.setpoint == 0.25


@pytest.mark.parametrize(
    ("path", "name"), [("rp.scope", "running_state"), ("rp.scope", "name"), ("rp", "pid0"), ("", "rp")]
)
def test_writing_a_read_only_attribute_is_refused(dispatcher, ada, path, name):
    with pytest.raises(AttributeError, match=f"'{name}' is read-only"):
        dispatcher.set(ada, path, name, "anything")


def test_an_error_of_pyrpl_is_raised_as_it_is(dispatcher, ada):
    with pytest.raises(ValueError, match="in3"):
        dispatcher.set(ada, "rp.pid0", "input", "in3")


def test_nan_is_refused(rig, dispatcher, ada):
    rig.pyrpl.rp.pid0.p = 0.5
    for value in (math.nan, complex(0, math.nan), np.float64("nan")):
        with pytest.raises(ValueError, match=r"rp\.pid0\.p takes no NaN"):
            dispatcher.set(ada, "rp.pid0", "p", value)
    assert rig.pyrpl.rp.pid0.p == 0.5
    samples = np.zeros(2**14)
    samples[7] = math.nan
    with pytest.raises(ValueError, match=r"rp\.asg0\.data takes no NaN"):
        dispatcher.set(ada, "rp.asg0", "data", samples)


def test_a_list_is_changed_in_place_and_comes_back_whole(rig, dispatcher, ada):
    iir = rig.pyrpl.rp.iir
    iir.real_zeros = [-100.0]
    assert dispatcher.edit(ada, "rp.iir", "real_zeros", "append", [-200.0]) == (None, [-100.0, -200.0])
    assert list(iir.real_zeros) == [-100.0, -200.0]
    popped, left = dispatcher.edit(ada, "rp.iir", "real_zeros", "pop", [0])
    assert (popped, left) == (-100.0, [-200.0])
    dispatcher.edit(ada, "rp.iir", "real_zeros", "clear", [])


def test_only_lists_can_be_edited_and_only_by_the_methods_of_a_list(dispatcher, ada):
    for name, operation in (("real_zeros", "__class__"), ("real_zeros", "sort"), ("name", "append")):
        with pytest.raises(UnknownAttribute, match="no change of a list"):
            dispatcher.edit(ada, "rp.iir", name, operation, [])


# calling


def test_a_method_is_called_with_its_arguments(rig, dispatcher, ada):
    assert dispatcher.call(ada, "rp.pid0", "setup", [], {"setpoint": 0.75}) is None
    assert rig.pyrpl.rp.pid0.setpoint == 0.75
    pid = dispatcher.call(ada, "pids", "pop", ["ada"], {})
    assert pid.owner == "ada"
    dispatcher.call(ada, "pids", "free", [pid], {})
    assert pid.owner is None


def test_a_misspelt_method_is_an_error_that_lists_the_methods(dispatcher, ada):
    for name in ("sinlge", "trace_average", "_setup", "__class__"):
        with pytest.raises(UnknownAttribute, match=name) as caught:
            dispatcher.call(ada, "rp.scope", name, [], {})
        assert "single" in caught.value.remedy


def test_private_names_are_for_clients_that_asked_for_them(rig, dispatcher, ada, private):
    with pytest.raises(UnknownAttribute):
        dispatcher.get(ada, "rp.scope", "_running_state")
    assert dispatcher.get(private, "rp.scope", "_running_state") == "stopped"
    assert dispatcher.get(private, "rp.scope", "_setup") == PrivateMethod("rp.scope", "_setup")
    assert dispatcher.call(private, "rp.scope", "_data_ready", [], {}) is rig.pyrpl.rp.scope.curve_ready()
    dispatcher.set(private, "rp.scope", "_running_state", "paused_single")
    assert rig.pyrpl.rp.scope.running_state == "paused_single"
    dispatcher.set(private, "rp.scope", "_running_state", "stopped")


@pytest.mark.parametrize("name", ["__class__", "__dict__", "__init__", "_no_such_name"])
def test_no_client_reaches_names_with_two_underscores(dispatcher, private, name):
    with pytest.raises(UnknownAttribute):
        dispatcher.get(private, "rp.scope", name)
    with pytest.raises(UnknownAttribute):
        dispatcher.set(private, "rp.scope", name, None)
    with pytest.raises(UnknownAttribute):
        dispatcher.call(private, "rp.scope", name, [], {})


@pytest.mark.parametrize("name", ["single", "single_async"])
def test_an_acquisition_returns_a_future_of_its_curve_and_does_not_block(rig, dispatcher, ada, scope, name):
    future = dispatcher.call(ada, "rp.scope", name, [], {})
    assert not future.done() and dispatcher.acquiring()
    assert dispatcher.get(ada, "rp.scope", "trace_average") == 1
    assert rig.result(future).shape == (2, 16384)
    rig.until(lambda: not dispatcher.acquiring())


def test_a_time_limit_is_a_number_of_seconds_or_none(rig, dispatcher, ada, scope):
    for timeout in (None, math.inf, 10, np.float64(10)):
        assert rig.result(dispatcher.call(ada, "rp.scope", "single", [timeout], {})).shape == (2, 16384)
        by_name = {"timeout": timeout}
        assert rig.result(dispatcher.call(ada, "rp.scope", "single", [], by_name)).shape == (2, 16384)
    for wrong, error in (("10", TypeError), (math.nan, ValueError), ([1], TypeError)):
        with pytest.raises(error, match="timeout is a number of seconds"):
            dispatcher.call(ada, "rp.scope", "single", [wrong], {})
    with pytest.raises(TypeError, match="unexpected keyword argument 'tiemout'"):
        dispatcher.call(ada, "rp.scope", "single", [], {"tiemout": 1})
    assert not dispatcher.acquiring()


def test_the_error_for_a_busy_module_names_the_client_that_acquires(rig, dispatcher, ada, bob, scope):
    scope.duration = 8.0
    long = dispatcher.call(ada, "rp.scope", "single", [], {})
    with pytest.raises(ModuleBusy, match=r"notebook \(pid 42, ada at lab1\)"):
        rig.result(dispatcher.call(bob, "rp.scope", "single", [0.05], {}))
    dispatcher.abandon(long)
    assert scope.running_state == "stopped"
    with pytest.raises(AcquisitionCancelled):
        long.result(0)


@pytest.mark.usefixtures("lockbox_as_before")
def test_a_lock_that_is_given_up_is_unlocked(rig, dispatcher, ada):
    lockbox = rig.pyrpl.lockbox
    lockbox.sequence = [{"duration": 100.0}, {}]
    future = dispatcher.call(ada, "lockbox", "lock_async", [], {})
    rig.until(lambda: lockbox.current_state == lockbox.sequence[0].name, "the first stage")
    assert not future.done()
    dispatcher.abandon(future)
    assert lockbox.current_state == "unlock"
    with pytest.raises(AcquisitionCancelled):
        future.result(0)


def test_an_acquisition_without_a_stop_method_can_be_given_up(rig, dispatcher, ada):
    stage = rig.pyrpl.lockbox.sequence[0]
    stage.duration = 0.1
    future = dispatcher.call(ada, rig.modules.path(stage), "execute_async", [], {})
    dispatcher.abandon(future)
    with pytest.raises(AcquisitionCancelled):
        future.result(0)
    assert not dispatcher.acquiring()
    rig.pyrpl.lockbox.unlock()


def test_a_long_call_is_done_in_pieces_with_other_work_in_between(rig, dispatcher, ada, bob):
    future = dispatcher.call(ada, "rp.sampler", "stats", ["in1", 3600.0], {})
    for _ in range(10):
        assert rig.result(rig.qt.post(lambda: dispatcher.get(bob, "rp.scope", "trace_average"))) == 1
    assert not future.done()
    dispatcher.abandon(future)


def test_the_pieces_of_a_long_call_have_one_result_as_pyrpls_own_call(rig, dispatcher, ada):
    mean, deviation, highest, lowest = rig.result(
        dispatcher.call(ada, "rp.sampler", "stats", ["in1", 0.05], {})
    )
    assert lowest <= mean <= highest and deviation >= 0
    mean, deviation = rig.result(dispatcher.call(ada, "rp.sampler", "mean_stddev", ["in1"], {}))
    assert lowest <= mean <= highest and deviation >= 0


def test_an_error_in_a_piece_of_a_long_call_arrives(rig, dispatcher, ada):
    with pytest.raises(AttributeError, match="in9"):
        rig.result(dispatcher.call(ada, "rp.sampler", "stats", ["in9", 0.1], {}))
    with pytest.raises(TypeError):
        dispatcher.call(ada, "rp.sampler", "stats", [], {"no_such": 1})


def test_a_long_call_that_is_given_up_ends(rig, ada):
    from pyrpl_remote.daemon.dispatcher import Dispatcher

    pieces = []

    def post(piece):
        pieces.append(piece)
        return rig.qt.post(piece)

    dispatcher = Dispatcher(rig.modules, post)
    future = dispatcher.call(ada, "rp.sampler", "stats", ["in1", 3600.0], {})
    rig.until(lambda: len(pieces) > 2, "pieces of the call")
    dispatcher.abandon(future)
    with pytest.raises(AcquisitionCancelled, match="given up"):
        future.result(0)
    posted = len(pieces)
    rig.result(rig.qt.post(lambda: None))
    assert len(pieces) == posted


# modules that come and go


@pytest.mark.usefixtures("lockbox_as_before")
def test_the_description_is_out_of_date_once_the_lockbox_is_another_one(rig, dispatcher, ada):
    before = dispatcher.generation
    dispatcher.set(ada, "lockbox", "classname", "Linear")
    assert dispatcher.generation == before + 1
    assert type(rig.pyrpl.lockbox).__name__ == "Linear"


@pytest.mark.usefixtures("lockbox_as_before")
def test_the_description_is_out_of_date_once_a_stage_is_inserted_or_removed(dispatcher, ada):
    before = dispatcher.generation
    dispatcher.call(ada, "lockbox.sequence", "insert", [0, {}], {})
    assert dispatcher.generation == before + 1
    dispatcher.call(ada, "lockbox.sequence", "pop", [0], {})
    assert dispatcher.generation == before + 2


@pytest.mark.usefixtures("lockbox_as_before")
def test_the_description_is_out_of_date_even_if_the_change_failed_half_way(dispatcher, ada):
    before = dispatcher.generation
    with pytest.raises(UnknownAttribute):
        dispatcher.call(ada, "lockbox.sequence", "no_such", [], {})
    assert dispatcher.generation == before
    with pytest.raises(ValueError, match="takes no NaN"):
        dispatcher.set_many(ada, "lockbox", {"classname": "Linear", "lockstatus_interval": math.nan})
    assert dispatcher.generation == before + 1


def test_the_description_stays_valid_while_values_are_set_and_methods_are_called(dispatcher, ada):
    before = dispatcher.generation
    dispatcher.set(ada, "rp.pid0", "setpoint", 0.5)
    dispatcher.set_many(ada, "lockbox", {"setpoint_unit": "V", "auto_lock": False})
    dispatcher.call(ada, "lockbox", "unlock", [], {})
    dispatcher.call(ada, "rp.pid0", "setup", [], {"setpoint": 0.5})
    assert dispatcher.generation == before
