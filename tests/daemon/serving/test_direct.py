"""Requests that the hardware thread itself receives: short ones pass, anything else holds up nobody."""

import socket
import threading
import uuid

import psutil
import Pyro5.api
import pytest
from Pyro5 import protocol, serializers
from Pyro5.callcontext import current_context

from ...processes import wait_until


@pytest.fixture
def quick_proxy(p):
    """A bare Pyro5 proxy of the board whose connection is for quick requests."""
    with Pyro5.api.Proxy(p._handle.uri) as proxy:
        proxy._pyroSerializer = "msgpack"
        whoami = {"program": "test", "user": "me", "host": "here", "pid": 1}
        proxy._pyroHandshake = {"session": uuid.uuid4().hex, "private": False, "quick": True, **whoami}
        proxy._pyroBind()
        yield proxy


def request(p, verb: str, *args) -> bytes:
    """The bytes of a request to the board's object."""
    object_id = p._handle.uri.partition(":")[2].partition("@")[0]
    data = serializers.serializers["msgpack"].dumpsCall(object_id, verb, args, {})
    return protocol.SendingMessage(
        protocol.MSG_INVOKE, 0, 1, serializers.serializers["msgpack"].serializer_id, data
    ).data


def answer(connection) -> object:
    return serializers.serializers["msgpack"].loads(
        protocol.recv_stub(connection, [protocol.MSG_RESULT]).data
    )


def test_half_a_request_holds_up_nobody_and_is_answered_when_the_rest_arrives(p, quick_proxy):
    whole = request(p, "get", "rp.scope", "trace_average")
    connection = quick_proxy._pyroConnection
    for part in (3, 45):
        connection.send(whole[:part])
        assert p.rp.scope.trace_average >= 1
        connection.send(whole[part:])
        assert answer(connection) == p.rp.scope.trace_average
    assert quick_proxy.get("rp.scope", "trace_average") == p.rp.scope.trace_average


def test_a_request_that_is_long_after_all_is_carried_out(p):
    name = "x" * 300_000
    p.rp.scope.curve_name = name
    assert p.rp.scope.curve_name == name
    p.rp.scope.curve_name = "scope curve"


def test_a_call_is_not_waited_for_in_the_hardware_thread(p, quick_proxy):
    p.rp.scope.setup(duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False)
    connection = quick_proxy._pyroConnection
    connection.send(request(p, "call", "rp.scope", "single", [], {}, 1))
    wait_until(lambda: p.rp.scope.running_state == "running_single", what="the acquisition")
    p.rp.scope.trigger_source = "immediately"  # starts it anew, which cancels it
    assert answer(connection)["!error"]["own"] == "AcquisitionCancelled"
    connection.send(request(p, "call", "rp.scope", "single", [], {"timeout": 20}, 2))
    assert answer(connection)["!array"][1] == [2, 16384]


def test_garbage_on_a_quick_connection_ends_that_connection_only(p, quick_proxy):
    quick_proxy._pyroConnection.send(b"GET / HTTP/1.1\r\n" + b"\0" * 200)
    quick_proxy._pyroConnection.sock.settimeout(10)
    assert quick_proxy._pyroConnection.sock.recv(100) == b""
    assert p.rp.scope.trace_average >= 1


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


def test_a_client_that_is_cut_off_in_the_middle_of_a_request_leaves(p, quick_proxy):
    connection = quick_proxy._pyroConnection
    connection.send(request(p, "get", "rp.scope", "trace_average")[:20])
    connection.sock.shutdown(socket.SHUT_RDWR)
    wait_until(
        lambda: all(client["program"] != "test" for client in p.status()["clients"]), what="its lease to end"
    )


def test_a_client_that_does_not_fetch_a_long_answer_holds_up_nobody_and_gets_it_whole_in_the_end(
    p, quick_proxy
):
    connection = quick_proxy._pyroConnection
    connection.send(request(p, "get_many", "rp.asg0", ["data"] * 100))  # 13 MB, more than sockets hold

    for _ in range(100):
        assert p.rp.scope.trace_average >= 1

    answers = answer(connection)
    assert len(answers) == 100 and all(one == answers[0] for one in answers)
    assert len(answers[0]["!array"][2]) == 8 * 16384
    assert quick_proxy.get("rp.scope", "trace_average") == p.rp.scope.trace_average


def test_a_long_request_that_arrives_in_pieces_holds_up_nobody(p, quick_proxy):
    whole = request(p, "set", "rp.scope", "curve_name", "y" * 2_000_000)
    connection = quick_proxy._pyroConnection
    for begin in range(0, len(whole), 300_000):
        connection.send(whole[begin : begin + 300_000])
        assert p.rp.scope.trace_average >= 1
    assert answer(connection) is None
    assert p.rp.scope.curve_name == "y" * 2_000_000
    p.rp.scope.curve_name = "scope curve"


def test_a_call_that_is_given_up_before_it_has_begun_holds_up_nobody(p, quick_proxy):
    p.rp.scope.setup(duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False)
    quick_proxy.abandon(7)
    quick_proxy.begin("rp.scope", "single", [], {}, 7)
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")
    p.rp.scope.trigger_source = "immediately"
    assert p.rp.scope.single(timeout=10).shape == (2, 16384)


def test_a_client_that_leaves_while_its_call_waits_inside_pyrpl_leaves_the_daemon_serving(p, quick_proxy):
    connection = quick_proxy._pyroConnection
    connection.send(request(p, "call", "lockbox", "calibrate_all", [], {}, 1))
    wait_until(lambda: p.rp.scope.owner is not None, what="the calibration")
    connection.sock.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: p.rp.scope.owner is None, what="the end of the calibration")
    wait_until(
        lambda: all(client["program"] != "test" for client in p.status()["clients"]), what="its lease to end"
    )


def test_a_verb_that_there_is_not_is_an_error_of_the_request_only(p, quick_proxy):
    connection = quick_proxy._pyroConnection
    for verb in ("no_such_verb", "_session_ended", "__init__"):
        connection.send(request(p, verb, "rp.scope"))
        with pytest.raises(AttributeError, match=verb):
            raise answer(connection)
    connection.send(request(p, "get", "rp.scope"))
    with pytest.raises(TypeError, match="name"):
        raise answer(connection)
    assert quick_proxy.get("rp.scope", "trace_average") == p.rp.scope.trace_average


def test_a_ping_and_a_correlation_id_are_answered_as_by_any_pyro_daemon(p, quick_proxy):
    quick_proxy._pyroBind()
    protocol.SendingMessage.ping(quick_proxy._pyroConnection)
    current_context.correlation_id = uuid.uuid4()
    try:
        quick_proxy._pyroConnection.send(request(p, "get", "rp.scope", "trace_average"))
        reply = protocol.recv_stub(quick_proxy._pyroConnection, [protocol.MSG_RESULT])
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
    p.rp.scope.setup(duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False)
    for _ in range(20):
        future = p.rp.scope.single_async()
        assert future.cancel()
        assert p.rp.scope.running_state == "stopped"


def test_requests_that_arrive_together_are_answered_one_after_the_other(p, quick_proxy):
    p.rp.iq0.frequency, p.rp.iq1.frequency = 1e3, 2e3
    reads = request(p, "get", "rp.iq0", "frequency") + request(p, "get", "rp.iq1", "frequency")
    connection = quick_proxy._pyroConnection
    connection.send(reads + reads)
    assert [answer(connection) for _ in range(4)] == pytest.approx([1e3, 2e3, 1e3, 2e3], rel=1e-4)
    # this one waits in an event loop of its own
    connection.send(request(p, "call", "lockbox", "calibrate_all", [], {}, 1) + reads)
    assert [answer(connection) for _ in range(3)][1:] == pytest.approx([1e3, 2e3], rel=1e-4)


def test_a_client_that_leaves_while_it_waits_for_an_acquisition_ends_it(p, quick_proxy):
    p.rp.scope.setup(duration=1e-3, trigger_source="ch1_positive_edge", threshold=0.95, rolling_mode=False)
    connection = quick_proxy._pyroConnection
    connection.send(request(p, "call", "rp.scope", "single", [], {}, 1))
    wait_until(lambda: p.rp.scope.running_state == "running_single", what="the acquisition")
    connection.sock.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")
    p.rp.scope.trigger_source = "immediately"
    assert p.rp.scope.single(timeout=20).shape == (2, 16384)


def test_a_curve_that_its_client_fetches_late_holds_up_nobody(p, quick_proxy):
    p.rp.scope.setup(input1="in1", duration=1e-3, trigger_source="immediately", rolling_mode=False)
    connection = quick_proxy._pyroConnection
    connection.send(request(p, "call", "rp.scope", "single", [], {"timeout": 20}, 1))
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the curve")
    for _ in range(100):
        assert p.rp.scope.trace_average == 1
    curve = answer(connection)["!array"]
    assert curve[1] == [2, 16384] and len(curve[2]) == 8 * 2 * 16384
    assert quick_proxy.get("rp.scope", "trace_average") == 1
