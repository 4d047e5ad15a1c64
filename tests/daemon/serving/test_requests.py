"""Requests of clients: both ways in return the same plain data, errors included, for every verb."""

import dataclasses

import numpy as np
import pytest

from pyrpl_remote import board_status, errors, wire
from pyrpl_remote.daemon.caller import Caller
from pyrpl_remote.protocol import Greeting

from .conftest import error_of, inline

READS = [
    ("get", "rp.pid0", "setpoint"),
    ("get", "rp.pid0", "input"),
    ("get", "rp.pid0", "inputfilter"),
    ("get", "rp.pid0", "owner"),
    ("get", "rp.scope", "run_continuous"),
    ("get", "rp.iir", "zeros"),
    ("get", "rp.asg0", "data"),
    ("get", "rp.scope", "times"),
    ("get", "networkanalyzer", "iq"),
    ("get", "", "rp"),
    ("get", "", "c"),
    ("get", "rp.scope", "inputs"),
    ("get_many", "rp.asg0", ["data", "frequency", "data"]),
    ("options", "rp.pid0", "input"),
    ("set", "rp.pid0", "setpoint", 0.5),
    ("set_many", "rp.pid0", {"setpoint": 0.5, "input": "in2"}),
    ("edit", "rp.iir", "real_zeros", "__setitem__", [0, -300.0]),
    ("call", "rp.pid0", "setup", [], {"setpoint": 0.25}, 1),
    ("call", "rp.pid0", "transfer_function", [{"!array": ["<f8", [1], np.ones(1).tobytes()]}], {}, 2),
    ("call", "rp.sampler", "stats", ["in1", 0.0], {}, 3),
    ("describe",),
    ("config", [], True),
    ("config", ["pyrpl"], False),
    ("config_file",),
    ("config_yml", ["pyrpl"]),
    ("curve_numbers",),
    ("curve_names", [1, 2]),
    ("abandon", 99),
]


@pytest.mark.parametrize("request_", READS, ids=lambda request: "-".join(map(str, request[:3])))
def test_both_ways_return_the_same_plain_data(rig, reply, wait, ada, request_):
    rig.pyrpl.rp.iir.zeros = [-100.0, complex(-200.0, 1e3)]
    direct = reply(ada, *request_)
    ordinary = wait(ada, *request_)
    assert not (isinstance(ordinary, dict) and "!error" in ordinary)
    assert inline(direct.plain, direct.arrays) == ordinary


def test_both_ways_return_the_curve_of_an_acquisition(reply, wait, ada, scope):
    direct = reply(ada, "call", "rp.scope", "single", [10], {}, 1)
    assert direct.plain == {"!array": ["<f8", [2, 16384], 0]}
    assert np.shares_memory(direct.arrays[0], scope.data_avg)
    dtype, shape, content = wait(ada, "call", "rp.scope", "single", [10], {}, 2)["!array"]
    assert (dtype, shape) == ("<f8", [2, 16384])
    assert content == scope.data_avg.tobytes()


def test_both_ways_save_and_return_curves(reply, wait, ada):
    data = wire.encode([np.arange(3.0), np.ones(3)])
    saved = [wire.encode({"name": "ours"}), data]
    first = reply(ada, "save_curve", None, *saved)
    first = inline(first.plain, first.arrays)["!curve"]
    second = wait(ada, "save_curve", None, *saved)["!curve"]
    assert second == {**first, "pk": second["pk"]} and first["pk"] != second["pk"]
    try:
        found = reply(ada, "curve", first["pk"])
        assert inline(found.plain, found.arrays)["!curve"] == first
        assert wait(ada, "curve_names", [first["pk"], second["pk"], 10**6]) == ["ours", "ours", None]
    finally:
        assert reply(ada, "delete_curve", first["pk"]).plain is None
        assert wait(ada, "delete_curve", second["pk"]) is None
    assert wait(ada, "curve_numbers") == []


def test_large_arrays_travel_beside_a_reply_uncopied_and_inside_what_is_waited_for(
    rig, reply, wait, ada, scope
):
    reply(ada, "call", "rp.scope", "single", [10], {}, 1)
    direct = reply(ada, "get_many", "rp.scope", ["data_avg", "data_x", "trace_average"])
    assert [array.shape for array in direct.arrays] == [(2, 16384), (16384,)]
    assert np.shares_memory(direct.arrays[0], scope.data_avg)
    assert np.shares_memory(direct.arrays[1], scope.data_x)
    assert [item["!array"][2] for item in direct.plain[:2]] == [0, 1]
    inside = wait(ada, "get_many", "rp.scope", ["data_avg", "data_x", "trace_average"])
    assert inside[0]["!array"][2] == scope.data_avg.tobytes()


def test_an_array_beside_a_request_is_what_pyrpl_gets(rig, reply, ada):
    samples = np.linspace(-0.5, 0.5, 2**14)
    placed = {"!array": ["<f8", [2**14], 0]}
    assert reply(ada, "set", "rp.asg0", "data", placed, beside=[samples.tobytes()]).plain is None
    np.testing.assert_allclose(rig.pyrpl.rp.asg0.data, samples, atol=2**-13)


ERRORS = [
    (("get", "rp.pid0", "setpiont"), errors.UnknownAttribute, "setpiont"),
    (("set", "rp.pid0", "input", "in3"), ValueError, "in3"),
    (("set", "rp.scope", "running_state", "stopped"), AttributeError, "read-only"),
    (("get", "rp.pid0"), TypeError, "name"),
    (("get", "rp.pid0", "setpoint", "more"), TypeError, "takes"),
    (("set", "rp.pid0", "p", {"!array": ["<f8", [1], 7]}), errors.NotTransferable, "number 7"),
    (("call", "rp.scope", "resume", [], {}, 1), ValueError, "paused"),
    (("call", "rp.sampler", "stats", ["in9", 0.0], {}, 1), AttributeError, "in9"),
    (("begin", "rp.scope", "sinlge", [], {}, 1), errors.UnknownAttribute, "sinlge"),
    (("config", ["no", "such"], True), KeyError, "no"),
    (("curve", 10**6), FileNotFoundError, "1000000"),
    (("subscribe", 1, "curve", "rp.pid0"), errors.UnknownAttribute, "acquires no curves"),
    (("subscribe", 1, "pulse", "rp.pid0"), errors.UnknownAttribute, "pulse"),
]


@pytest.mark.parametrize(("request_", "kind", "text"), ERRORS, ids=lambda value: str(value)[:40])
def test_both_ways_return_an_error_with_board_and_step(reply, wait, ada, request_, kind, text):
    for plain in (reply(ada, *request_).plain, wait(ada, *request_)):
        error = error_of(plain)
        assert isinstance(error, kind) and text in str(error)
        if isinstance(error, errors.RemoteError):
            assert error.where.startswith("board 'rig', ")
            assert "Traceback" in error.remote_traceback


def test_the_step_of_an_error_says_what_was_asked_for(reply, wait, ada):
    for plain in (
        reply(ada, "set", "rp.pid0", "input", "in3").plain,
        wait(ada, "set", "rp.pid0", "input", "in3"),
    ):
        assert error_of(plain).where == "board 'rig', setting rp.pid0.input to in3"
    assert error_of(reply(ada, "get").plain).where == "board 'rig', get"
    late = reply(ada, "call", "rp.sampler", "stats", ["in9", 0.0], {}, 1)
    assert error_of(late.plain).where == "board 'rig', calling rp.sampler.stats()"


def test_a_value_that_cannot_travel_is_an_error(reply, wait, ada):
    private = dataclasses.replace(ada, private=True)
    request = ("get", "rp.scope", "_signal_launcher")
    for plain in (reply(private, *request).plain, wait(private, *request)):
        assert isinstance(error_of(plain), errors.NotTransferable)


def test_replies_say_that_a_clients_description_is_out_of_date_until_it_asks_again(
    rig, reply, wait, ada, bob
):
    for client in (ada, bob):
        reply(client, "describe")
    assert reply(ada, "get", "rp.scope", "trace_average").plain == 1
    reply(bob, "call", "lockbox.sequence", "append", [{}], {}, 1)
    try:
        assert reply(ada, "get", "rp.scope", "trace_average").plain == {"!restructured": 1}
        assert wait(ada, "get", "rp.scope", "trace_average") == {"!restructured": 1}
        assert wait(bob, "heartbeat") == {"!restructured": None}
        reply(ada, "describe")
        assert reply(ada, "get", "rp.scope", "trace_average").plain == 1
        # a session that begins anew, as one that never asked, has no description that could be out of date
        reply(bob, "call", "lockbox.sequence", "append", [{}], {}, 1)
        rig.requests.sessions.ended(ada.session)
        assert reply(ada, "get", "rp.scope", "trace_average").plain == 1
        assert wait(Caller("eve", "eve"), "get", "rp.scope", "trace_average") == 1
    finally:
        rig.pyrpl.lockbox.sequence = [{}]


@pytest.fixture
def notebook(rig, ada):
    """Ada's session, with a connection, so that it is in the status."""
    connection = object()
    rig.clients.join(connection, Greeting(ada.session, "notebook", "ada", "lab1", 42))
    yield ada
    rig.clients.leave(ada.session, connection)


@pytest.mark.parametrize("modules", [["rp.pid0", 1], [None], 5, {"rp.pid0": 1}, "rp.pid0"])
def test_a_heartbeat_that_is_malformed_spoils_no_status(wait, notebook, modules):
    assert isinstance(error_of(wait(notebook, "heartbeat", modules)), TypeError)
    (client,) = board_status.status_from_data(wait(notebook, "status")).clients
    assert client.modules == []


def test_what_a_client_holds_is_in_the_status(wait, notebook):
    wait(notebook, "heartbeat", ["rp.pid0"])
    (client,) = board_status.status_from_data(wait(notebook, "status")).clients
    assert (client.program, client.pid, client.modules) == ("notebook", 42, ["rp.pid0"])
    wait(notebook, "heartbeat", ["rp.scope"])
    (client,) = board_status.status_from_data(wait(notebook, "status")).clients
    assert client.modules == ["rp.scope"]


def test_events_come_with_the_stream_until_the_subscription_ends(rig, reply, wait, bob):
    reply(bob, "subscribe", 5, "change", "rp.pid1")
    reply(bob, "set", "rp.pid1", "setpoint", 0.25)
    mailbox, batch, items = wait(bob, "stream", 0, 0, True)
    (content,) = [content for kind, number, content in items if (kind, number) == ("event", 5)]
    assert (content["module"], content["name"], content["value"]) == ("rp.pid1", "setpoint", 0.25)
    assert content["who"] == bob.label
    assert wait(bob, "unsubscribe", 5) is None
    reply(bob, "set", "rp.pid1", "setpoint", 0.5)
    assert wait(bob, "stream", mailbox, batch, False)[2] == []
