"""Requests served in the Qt thread: short ones pass, anything else holds up nobody."""

import socket
import struct
import threading
import uuid
from typing import Any

import psutil
import Pyro5.api
import pytest
from Pyro5 import protocol, serializers
from Pyro5.callcontext import current_context

from pyrpl_remote import discover
from pyrpl_remote.protocol import Greeting

from ...processes import wait_until


@pytest.fixture
def direct(p):
    """A bare Pyro5 proxy of the board whose connection is served in the Qt thread."""
    with Pyro5.api.Proxy(uri_of(p)) as proxy:
        proxy._pyroSerializer = "msgpack"
        greeting = Greeting(uuid.uuid4().hex, program="test", user="me", host="here", pid=1, direct=True)
        proxy._pyroHandshake = greeting.to_data()
        proxy._pyroBind()
        yield proxy


def uri_of(p) -> str:
    (entry,) = (entry for entry in discover() if entry.name == p.status().board)
    return entry.uri


def request(p, verb: object, *args) -> bytes:
    """The bytes of a request to the board's object."""
    object_id = uri_of(p).partition(":")[2].partition("@")[0]
    data = serializers.serializers["msgpack"].dumpsCall(object_id, verb, args, {})
    return protocol.SendingMessage(
        protocol.MSG_INVOKE, 0, 1, serializers.serializers["msgpack"].serializer_id, data
    ).data


def answer(connection) -> Any:
    """The next reply; an array that travels beside it is put into its place."""
    reply = protocol.recv_stub(connection, [protocol.MSG_RESULT])
    return inline(serializers.serializers["msgpack"].loads(reply.data), list(reply.annotations.values()))


def inline(plain: Any, beside: list) -> Any:
    if isinstance(plain, dict) and "!array" in plain and type(plain["!array"][2]) is int:
        dtype, shape, number = plain["!array"]
        return {"!array": [dtype, shape, bytes(beside[number])]}
    return [inline(item, beside) for item in plain] if isinstance(plain, list) else plain


def test_half_a_request_holds_up_nobody_and_is_answered_when_the_rest_arrives(p, direct):
    whole = request(p, "get", "rp.scope", "trace_average")
    connection = direct._pyroConnection
    for part in (3, 45):
        connection.send(whole[:part])
        assert p.rp.scope.trace_average >= 1
        connection.send(whole[part:])
        assert answer(connection) == p.rp.scope.trace_average
    assert direct.get("rp.scope", "trace_average") == p.rp.scope.trace_average


def test_a_request_that_is_long_after_all_is_carried_out(p):
    name = "x" * 300_000
    p.rp.scope.curve_name = name
    assert p.rp.scope.curve_name == name
    p.rp.scope.curve_name = "scope curve"


def test_a_call_is_not_waited_for_in_the_hardware_thread(p, direct):
    p.rp.scope.setup(
        input1="off", duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False
    )
    connection = direct._pyroConnection
    connection.send(request(p, "call", "rp.scope", "single", [], {}, 1))
    wait_until(lambda: p.rp.scope.running_state == "running_single", what="the acquisition")
    p.rp.scope.trigger_source = "immediately"  # starts it anew, which cancels it
    assert answer(connection)["!error"]["own"] == "AcquisitionCancelled"
    connection.send(request(p, "call", "rp.scope", "single", [], {"timeout": 20}, 2))
    assert answer(connection)["!array"][1] == [2, 16384]


def test_garbage_on_a_quick_connection_ends_that_connection_only(p, direct):
    direct._pyroConnection.send(b"GET / HTTP/1.1\r\n" + b"\0" * 200)
    direct._pyroConnection.sock.settimeout(10)
    assert direct._pyroConnection.sock.recv(100) == b""
    assert p.rp.scope.trace_average >= 1


def test_a_request_with_a_broken_annotation_ends_its_connection_and_its_lease(p, direct):
    whole = bytearray(request(p, "get", "rp.scope", "trace_average"))
    annotation = b"\xff\xff\xff\xff" + struct.pack("!I", 0)
    whole[16:20] = struct.pack("!I", len(annotation))
    whole[protocol._header_size : protocol._header_size] = annotation
    direct._pyroConnection.send(bytes(whole))
    direct._pyroConnection.sock.settimeout(10)
    assert direct._pyroConnection.sock.recv(100) == b""
    wait_until(lambda: len(p.status()["clients"]) == 1, what="its lease to end")


def test_clients_that_leave_take_their_threads_along(p):
    daemon = psutil.Process(p.status()["daemon"]["pid"])
    p.rp.scope.trace_average
    before = daemon.num_threads()
    threads = [threading.Thread(target=lambda: p.rp.scope.trace_average) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Pyro5 keeps idle threads for a while
    wait_until(lambda: daemon.num_threads() <= before + 4, 30, "the threads to end")


def test_a_client_that_is_cut_off_in_the_middle_of_a_request_leaves(p, direct):
    connection = direct._pyroConnection
    connection.send(request(p, "get", "rp.scope", "trace_average")[:20])
    connection.sock.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: len(p.status()["clients"]) == 1, what="its lease to end")


def test_a_client_that_does_not_fetch_a_long_answer_holds_up_nobody_and_gets_it_whole_in_the_end(p, direct):
    connection = direct._pyroConnection
    connection.send(request(p, "get_many", "rp.asg0", ["data"] * 100))  # 13 MB, more than sockets hold

    for _ in range(100):
        assert p.rp.scope.trace_average >= 1

    answers = answer(connection)
    assert len(answers) == 100 and all(one == answers[0] for one in answers)
    assert len(answers[0]["!array"][2]) == 8 * 16384
    assert direct.get("rp.scope", "trace_average") == p.rp.scope.trace_average


def test_a_long_request_that_arrives_in_pieces_holds_up_nobody(p, direct):
    whole = request(p, "set", "rp.scope", "curve_name", "y" * 2_000_000)
    connection = direct._pyroConnection
    for begin in range(0, len(whole), 300_000):
        connection.send(whole[begin : begin + 300_000])
        assert p.rp.scope.trace_average >= 1
    assert answer(connection) is None
    assert p.rp.scope.curve_name == "y" * 2_000_000
    p.rp.scope.curve_name = "scope curve"


def test_a_call_that_is_given_up_before_it_has_begun_holds_up_nobody(p, direct):
    p.rp.scope.setup(
        input1="off", duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False
    )
    direct.abandon(7)
    direct.begin("rp.scope", "single", [], {}, 7)
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")
    p.rp.scope.trigger_source = "immediately"
    assert p.rp.scope.single(timeout=10).shape == (2, 16384)


def test_a_client_that_leaves_while_its_call_waits_inside_pyrpl_leaves_the_daemon_serving(p, direct):
    connection = direct._pyroConnection
    connection.send(request(p, "call", "lockbox", "calibrate_all", [], {}, 1))
    wait_until(lambda: p.rp.scope.owner is not None, what="the calibration")
    connection.sock.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: p.rp.scope.owner is None, what="the end of the calibration")
    wait_until(lambda: len(p.status()["clients"]) == 1, what="its lease to end")


def test_a_verb_that_there_is_not_is_an_error_of_the_request_only(p, direct):
    connection = direct._pyroConnection
    for verb in ("no_such_verb", "_carry_out", "session_ended", "wait", None, ["get"]):
        connection.send(request(p, verb, "rp.scope"))
        with pytest.raises((AttributeError, TypeError)):
            raise answer(connection)
    connection.send(request(p, "get", "rp.scope"))
    error = answer(connection)["!error"]
    assert error["builtin"] == "TypeError"
    assert "name" in error["args"][0]
    assert direct.get("rp.scope", "trace_average") == p.rp.scope.trace_average


def test_a_ping_and_a_correlation_id_are_answered_as_by_any_pyro_daemon(p, direct):
    direct._pyroBind()
    protocol.SendingMessage.ping(direct._pyroConnection)
    current_context.correlation_id = uuid.uuid4()
    try:
        direct._pyroConnection.send(request(p, "get", "rp.scope", "trace_average"))
        reply = protocol.recv_stub(direct._pyroConnection, [protocol.MSG_RESULT])
        assert uuid.UUID(bytes=bytes(reply.corr_id)) == current_context.correlation_id
    finally:
        current_context.correlation_id = None


def test_what_a_call_has_begun_goes_on_before_the_next_request(p):
    for _ in range(20):
        p.rp.scope.continuous()
        assert p.rp.scope.running_state == "running_continuous"
        p.rp.scope.stop()
        assert p.rp.scope.running_state == "stopped"


def test_what_is_given_up_is_stopped_when_that_is_answered(p):
    p.rp.scope.setup(
        input1="off", duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False
    )
    for _ in range(20):
        future = p.rp.scope.single_async()
        assert future.cancel()
        assert p.rp.scope.running_state == "stopped"


def test_requests_that_arrive_together_are_answered_one_after_the_other(p, direct):
    p.rp.iq0.frequency, p.rp.iq1.frequency = 1e3, 2e3
    reads = request(p, "get", "rp.iq0", "frequency") + request(p, "get", "rp.iq1", "frequency")
    connection = direct._pyroConnection
    connection.send(reads + reads)
    assert [answer(connection) for _ in range(4)] == pytest.approx([1e3, 2e3, 1e3, 2e3], rel=1e-4)
    # this one waits in an event loop of its own
    connection.send(request(p, "call", "lockbox", "calibrate_all", [], {}, 1) + reads)
    assert [answer(connection) for _ in range(3)][1:] == pytest.approx([1e3, 2e3], rel=1e-4)


def test_a_client_that_leaves_while_it_waits_for_an_acquisition_ends_it(p, direct):
    p.rp.scope.setup(
        input1="off", duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False
    )
    connection = direct._pyroConnection
    connection.send(request(p, "call", "rp.scope", "single", [], {}, 1))
    wait_until(lambda: p.rp.scope.running_state == "running_single", what="the acquisition")
    connection.sock.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")
    p.rp.scope.trigger_source = "immediately"
    assert p.rp.scope.single(timeout=20).shape == (2, 16384)


def test_a_curve_that_its_client_fetches_late_holds_up_nobody(p, direct):
    p.rp.scope.setup(input1="in1", duration=1e-3, trigger_source="immediately", rolling_mode=False)
    connection = direct._pyroConnection
    connection.send(request(p, "call", "rp.scope", "single", [], {"timeout": 20}, 1))
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the curve")
    for _ in range(100):
        assert p.rp.scope.trace_average == 1
    curve = answer(connection)["!array"]
    assert curve[1] == [2, 16384] and len(curve[2]) == 8 * 2 * 16384
    assert direct.get("rp.scope", "trace_average") == 1


def test_a_call_whose_acquisition_is_cancelled_inside_pyrpl_is_answered(p, direct):
    connection = direct._pyroConnection
    for _ in range(10):
        connection.send(request(p, "call", "lockbox", "calibrate_all", [], {}, 1))
        wait_until(
            lambda: p.rp.scope.running_state == "running_single", what="an acquisition of the calibration"
        )
        p.rp.scope.stop()
        reply = answer(connection)
        if isinstance(reply, dict) and "!error" in reply:
            break
    assert reply["!error"]["own"] == "AcquisitionCancelled"
    assert p.rp.scope.single(timeout=10).shape == (2, 16384)
