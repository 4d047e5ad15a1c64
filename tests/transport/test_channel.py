"""Requests and replies: the same values in the fast way and in Pyro5's ordinary way, with any Pyro5."""

import os
import signal
import socket
from typing import Any

import numpy as np
import Pyro5.errors
import pytest
from Pyro5.socketutil import SocketConnection

from pyrpl_remote import connect, errors
from pyrpl_remote.protocol import Greeting
from pyrpl_remote.transport import pyro_internals as pyro
from pyrpl_remote.transport.buffered import Buffered
from pyrpl_remote.transport.channel import Channel, may_be_fast
from pyrpl_remote.wire import BESIDE_BYTES, MAX_BESIDE, MAX_MESSAGE_BYTES, decode

from ..daemons import fake_board, processes_begin_with

FEW, MANY = 3, BESIDE_BYTES  # an array of MANY elements travels beside the message

VALUES = {
    "None": None,
    "a number": 1.5,
    "a large number": 2**80,
    "a text": "µ" * 5000,
    "bytes": bytes(5000),
    "a tuple of containers": ({1, 2}, {"a": [1, (2,)]}, {1: "one"}),
    "many arrays": [np.full(MANY, n) for n in range(3)],
    "arrays of odd lengths": [np.arange(MANY + n, dtype="u1") for n in range(9)] + [np.arange(float(MANY))],
    **{
        f"{count} of {dtype}": (np.arange(count) % 2).astype(dtype)
        for count in (0, FEW, MANY)
        for dtype in ("f8", "f4", "c16", "i2", ">i4", "u8", "?", "S5", "U3")
    },
    **{f"{count} times": np.arange(count).astype("datetime64[us]") for count in (0, FEW, MANY)},
    **{f"{count} durations": np.arange(count).astype("timedelta64[s]") for count in (0, FEW, MANY)},
    "no dimension": np.array(2.5),
    "no dimension, large": np.array("x" * MANY),
    "no elements": np.zeros((3, 0, 2)),
    "every second": np.arange(2.0 * MANY)[::2],
    "backwards": np.arange(float(MANY))[::-1],
    "in Fortran's order": np.asfortranarray(np.arange(2.0 * MANY).reshape(2, MANY)),
    "a transposed view": np.arange(2.0 * MANY).reshape(2, MANY).T[1:],
    "read only": np.broadcast_to(1.5, (MANY,)),
}


@pytest.fixture(scope="module", params=["fast", "ordinary"])
def way(request):
    """The way that clients use; the daemon allows both."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYRPL_REMOTE_TRANSPORT", request.param)
        yield request.param


@pytest.fixture(scope="module")
def daemon():
    """A daemon that allows the fast way, even if its clients do not use it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYRPL_REMOTE_TRANSPORT", "fast")
        with fake_board("values") as keeper:
            yield keeper


@pytest.fixture(scope="module")
def asg(daemon, way):
    # a private session: _writtendata is an attribute of PyRPL's that keeps anything
    with connect("values", private=True) as p:
        assert is_fast(p) == (way == "fast")
        yield p.rp.asg0


def is_fast(p) -> bool:
    return p._handle.session.connections._channel("get").fast


def assert_same(received, sent) -> None:
    assert type(received) is type(sent)
    if isinstance(sent, np.ndarray):
        assert received.dtype == sent.dtype
        assert received.shape == sent.shape
        assert received.flags.writeable and received.flags.aligned
        np.testing.assert_array_equal(received, sent)
    elif isinstance(sent, list):
        assert len(received) == len(sent)
        for one, other in zip(received, sent):
            assert_same(one, other)
    else:
        assert received == sent


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_was_sent(asg, name):
    asg._writtendata = VALUES[name]
    assert_same(asg._writtendata, VALUES[name])


def test_an_array_of_structures_comes_back_with_its_bytes(asg):
    sent = np.zeros(MANY, dtype=[("a", "f8"), ("b", "i4")])
    sent["a"] = np.arange(MANY)
    asg._writtendata = sent
    assert asg._writtendata.tobytes() == sent.tobytes()


def test_more_arrays_than_travel_beside_one_message_arrive(asg):
    sent = [np.full(MANY // 8, float(n)) for n in range(MAX_BESIDE + 1)]
    asg._writtendata = sent
    received = asg._writtendata
    np.testing.assert_array_equal(received, sent)
    assert all(array.flags.writeable and array.flags.aligned for array in received)


def test_arrays_that_were_received_are_independent_of_each_other_and_of_the_next_reply(asg):
    asg._writtendata = [np.zeros(MANY), np.ones(MANY)]
    first, second = asg._writtendata
    first[:] = 5
    assert_same(second, np.ones(MANY))
    again, _ = asg._writtendata
    assert_same(again, np.zeros(MANY))
    assert_same(first, np.full(MANY, 5.0))


def test_an_array_uses_the_memory_in_which_it_was_received(asg, way):
    asg._writtendata = np.arange(float(MANY))
    plain, beside = asg._handle.session.connections.exchange("get", ("rp.asg0", "_writtendata"), [])
    if way == "ordinary":
        assert len(plain["!array"][2]) == 8 * MANY
        assert beside == []
    else:
        (content,) = beside
        assert not content.readonly
        assert np.shares_memory(decode(plain, {}, beside), np.frombuffer(content))


@pytest.mark.parametrize("clients", ["fast", "ordinary"])
@pytest.mark.parametrize("daemons", ["fast", "ordinary"])
def test_client_and_daemon_use_the_way_that_both_allow(clients, daemons, run_python, monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_TRANSPORT", daemons)
    with fake_board(f"{daemons}-for-{clients}") as p:
        found = run_python(
            f"""
            import numpy as np
            from pyrpl_remote import connect
            with connect("{p.status().board}", private=True) as p:
                p.rp.asg0._writtendata = np.arange(10_000.0)
                p.rp.pid0.setpoint = 0.25
                report(
                    fast=p._handle.session.connections._channel("get").fast,
                    same=bool((p.rp.asg0._writtendata == np.arange(10_000.0)).all()),
                    setpoint=p.rp.pid0.setpoint,
                )
            """,
            PYRPL_REMOTE_TRANSPORT=clients,
        )
    assert found == {"fast": clients == daemons == "fast", "same": True, "setpoint": 0.25}


@pytest.mark.parametrize("whose", ["the client's", "the daemon's"])
def test_with_a_pyro5_that_was_not_tested_all_goes_the_ordinary_way(whose, tmp_path, monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_TRANSPORT", "fast")
    untested = "from pyrpl_remote.transport import pyro_internals\npyro_internals.TESTED = ()"
    with processes_begin_with(tmp_path, untested if whose == "the daemon's" else ""):
        keeper = fake_board(f"untested-{whose[4:-2]}")
    with keeper:
        if whose == "the client's":
            monkeypatch.setattr(pyro, "TESTED", ("5.14", Pyro5.__version__ + ".1"))
            assert not may_be_fast()
        with connect(keeper.status().board, private=True) as p:
            assert not is_fast(p)
            asg: Any = p.rp.asg0  # whose type has no such name
            asg._writtendata = VALUES["many arrays"]
            assert_same(asg._writtendata, VALUES["many arrays"])


def test_an_unknown_way_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_TRANSPORT", "fats")
    with pytest.raises(ValueError, match="'fast' or 'ordinary', not 'fats'"):
        may_be_fast()


def test_a_reply_too_long_for_a_message_is_an_error_and_the_session_goes_on(way, tmp_path):
    with (
        processes_begin_with(tmp_path, "from pyrpl_remote import wire; wire.MAX_MESSAGE_BYTES = 1_000_000"),
        fake_board("narrow", private=True) as p,
    ):
        assert is_fast(p) == (way == "fast")
        expected = errors.NotTransferable if way == "fast" else errors.BoardGone
        with pytest.raises(expected, match="reading .* of rp.asg0" if way == "fast" else "no longer answers"):
            p._handle.get_many("rp.asg0", ["data"] * 10)
        assert p.rp.asg0.data.shape == (16384,)


def test_a_request_too_long_for_a_message_is_an_error_and_the_connection_goes_on(asg, way, monkeypatch):
    if way == "fast":
        monkeypatch.setattr(pyro, "MAX_MESSAGE_BYTES", 1_000_000)
    else:
        monkeypatch.setattr(Pyro5.config, "MAX_MESSAGE_SIZE", 1_000_000)
    asg._writtendata = 1.5
    connections = asg._handle.session.connections
    before = connections._channel("set")._proxy._pyroConnection
    with pytest.raises(errors.NotTransferable, match=r"setting rp\.asg0\._writtendata .*too large"):
        asg._writtendata = [np.zeros(100_000), np.zeros(100_000)]
    assert asg._writtendata == 1.5
    assert connections._channel("set")._proxy._pyroConnection is before


def test_a_message_too_long_for_the_daemon_never_leaves_its_client(asg):
    assert MAX_MESSAGE_BYTES < Pyro5.config.MAX_MESSAGE_SIZE
    half = np.zeros(MAX_MESSAGE_BYTES // 2 + 1, np.uint8)
    with pytest.raises(Pyro5.errors.ProtocolError, match="too large"):
        pyro.plain_message(pyro.REQUEST, 1, b"", [half, half])


def test_requests_are_not_held_back_to_fill_a_packet(asg):
    sock = asg._handle.session.connections._channel("get")._proxy._pyroConnection.sock
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_forked_child_does_not_use_its_parents_connection(daemon, run_python):
    found = run_python(
        """
        import os
        from pyrpl_remote import connect, errors
        p = connect("values")
        p.rp.pid0.setpoint = 0.25
        child = os.fork()
        if not child:
            try:
                p.rp.pid0.setpoint
            except errors.SessionClosed:
                os._exit(3)
            os._exit(1)
        status = os.waitpid(child, 0)[1]
        report(child=os.waitstatus_to_exitcode(status), setpoint=p.rp.pid0.setpoint)
        p.close()
        """
    )
    assert found == {"child": 3, "setpoint": 0.25}


def test_arrays_never_travel_beside_an_ordinary_request(daemon, monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_TRANSPORT", "ordinary")
    channel = Channel(
        daemon._handle.session.connections.uri, Greeting(None, program="t", user="u", host="h", pid=1)
    )
    channel.open()
    with pytest.raises(Pyro5.errors.ProtocolError, match="the fast way only"):
        channel.ask("status", (), [np.zeros(3)])
    assert channel.ask("status", (), [])[0]["board"] == "values"
    channel.close()


def test_a_reply_to_another_request_closes_the_connection():
    near, far = socket.socketpair()
    connection = SocketConnection(near)
    channel = Channel("PYRO:pyrpl.odd@127.0.0.1:1", Greeting("s", program="t", user="u", host="h", pid=1))
    channel._proxy._pyroConnection = connection
    object.__setattr__(channel._proxy, "buffered", Buffered(connection))
    with far:
        far.sendall(b"".join(pyro.plain_message(pyro.REPLY, 9, pyro.MSGPACK.dumps(None), [])))
        with pytest.raises(Pyro5.errors.ProtocolError, match="reply 9 came to request 1"):
            channel.ask("get", ("rp.pid0", "p"), [])
        assert not channel.is_open


def test_plain_loopback_is_a_tcp_connection_of_this_machine_and_nothing_else():
    class Encrypted(socket.socket):
        """A subclass of socket.socket, as ssl.SSLSocket is."""

    unix, other = socket.socketpair()
    with unix, other:
        assert not pyro.is_plain_loopback(unix)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as plain:
            assert pyro.is_plain_loopback(plain)
        with Encrypted() as encrypted:
            encrypted.connect(server.getsockname())
            assert not pyro.is_plain_loopback(encrypted)


@pytest.fixture
def while_it_waits(daemon):
    """The daemon does not answer for a while; meanwhile a signal handler calls a function."""
    if not hasattr(signal, "SIGALRM"):
        pytest.skip("POSIX signals")
    pid = daemon.status().daemon.pid

    def begin(function) -> None:
        def handle(*_: object) -> None:
            os.kill(pid, signal.SIGCONT)
            function()

        signal.signal(signal.SIGALRM, handle)
        os.kill(pid, signal.SIGSTOP)
        signal.setitimer(signal.ITIMER_REAL, 0.5)

    previous = signal.getsignal(signal.SIGALRM)
    yield begin
    signal.signal(signal.SIGALRM, previous)


class Impatience(Exception):
    """A user's own exception."""


def raise_impatience() -> None:
    raise Impatience


def test_a_write_that_a_signal_handler_ends_halfway_spoils_no_other_request(asg, while_it_waits):
    while_it_waits(raise_impatience)
    with pytest.raises(Impatience):
        asg._writtendata = np.zeros(5_000_000)  # more than sockets hold
    asg._writtendata = "after"
    assert asg._writtendata == "after"


def test_a_signal_handler_that_reads_in_the_middle_of_a_write_spoils_neither(asg, while_it_waits):
    values = []
    while_it_waits(lambda: values.append(asg.frequency))
    asg._writtendata = np.arange(5_000_000.0)
    assert (asg._writtendata == np.arange(5_000_000.0)).all()
    assert values == [asg.frequency]


@pytest.mark.parametrize("sent", [SystemExit(1), KeyboardInterrupt(), "text", None])
def test_a_reply_that_is_no_error_does_not_end_the_program_that_receives_it(sent):
    assert isinstance(pyro.error_in(pyro.MSGPACK.dumps(sent)), Pyro5.errors.ProtocolError)
    assert isinstance(pyro.error_in(pyro.MSGPACK.dumps(ValueError("x"))), ValueError)
