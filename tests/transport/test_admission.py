"""Connections are counted, refusals are logged a few a minute, requests become plain values only."""

import logging
import socket
import struct

import msgpack
import pytest
import serpent
from Pyro5 import errors as pyro_errors
from Pyro5 import protocol

from pyrpl_remote.transport import pyro_internals as pyro
from pyrpl_remote.transport.admission import Admission, raise_descriptors
from pyrpl_remote.transport.plain_serializers import PlainMsgpack, PlainSerpent, Refusing
from pyrpl_remote.transport.refusals import Complaints, Refusals, printable


@pytest.fixture
def connections():
    """A function that makes a connection, and one that returns its other end."""
    made = {}

    def connect() -> Connection:
        near, far = socket.socketpair()
        connection = Connection(near)
        made[connection] = far
        return connection

    yield connect, made.__getitem__
    for connection, far in made.items():
        connection.sock.close()
        far.close()


class Connection:
    def __init__(self, sock: socket.socket):
        self.sock = sock


def test_a_silent_connection_makes_room_for_a_new_one_and_the_oldest_first(connections):
    connect, far = connections
    admission = Admission(greeting=2, greeted=1)
    first, second, third = connect(), connect(), connect()
    assert admission.admit(first) and admission.admit(second) and admission.admit(third)
    far(first).settimeout(5)
    assert far(first).recv(1) == b""
    assert admission.counts() == (2, 0)


def test_connections_that_are_greeting_are_not_dropped_for_a_new_one(connections):
    connect, far = connections
    admission = Admission(greeting=2, greeted=1)
    spoke, heard = connect(), connect()
    assert admission.admit(spoke) and admission.admit(heard)
    far(spoke).send(b"P")
    admission.heard(heard)
    assert not admission.admit(connect())
    assert admission.refused == 1
    assert admission.greeted(spoke)
    assert not admission.greeted(heard)  # one may have greeted
    assert admission.counts() == (0, 1)
    admission.left(spoke)
    admission.left(spoke)
    assert admission.counts() == (0, 0)


def test_the_descriptors_suffice_for_all_connections():
    assert raise_descriptors(10) == 10


def test_refusals_are_logged_a_few_a_minute_and_counted(caplog):
    refusals = Refusals(most=2, period=0.0)
    refusals.say("one")
    refusals = Refusals(most=2, period=60.0)
    for number in range(10):
        refusals.note(Connection(socket.socket()), ValueError(f"number {number}\n\x1b[31m"))
    assert refusals.count == 10
    assert caplog.text.count("was refused: number") == 2
    assert "\x1b" not in caplog.text
    refusals._begin -= 60.0
    refusals.say("later")
    assert "8 more were refused" in caplog.text


def test_what_pyro5_complains_of_is_one_line_of_our_log(caplog):
    record = logging.LogRecord("Pyro5.server", logging.WARNING, "", 1, "bad: %s\ntraceback", ("x",), None)
    Complaints(Refusals()).emit(record)
    assert "Pyro5.server: bad: x" in caplog.text
    assert "traceback" not in caplog.text


@pytest.mark.parametrize(
    ("text", "shown"), [("a\nb", "a?b"), ("\ud800", "?"), ("x" * 400, "x" * 300 + "..."), ("ä", "ä")]
)
def test_texts_of_strangers_are_printable(text, shown):
    assert printable(text) == shown


URI = {"__class__": "Pyro5.core.URI", "state": ["PYRO", "x", None, "127.0.0.1", 5]}
PROXY = {"__class__": "Pyro5.client.Proxy", "state": []}


@pytest.mark.parametrize(
    ("kind", "dumps"),
    [(PlainMsgpack, msgpack.packb), (PlainSerpent, serpent.dumps)],
    ids=["msgpack", "serpent"],
)
def test_requests_become_plain_values_only(kind, dumps):
    def request(*args: object) -> bytes:
        return dumps(("object", "method", list(args), {}))

    assert list(kind(False).loadsCall(request(1, "a", {"b": [2]}))[2]) == [1, "a", {"b": [2]}]
    for value in (PROXY, [PROXY], {"a": {"b": PROXY}}, {"__class__": 5}, URI):
        with pytest.raises(pyro_errors.SecurityError, match="refused"):
            kind(False).loadsCall(request(value))
    assert str(kind(True).loadsCall(request(URI))[2][0]) == "PYRO:x@127.0.0.1:5"
    with pytest.raises(pyro_errors.SecurityError):
        kind(True).loadsCall(request(PROXY))


def test_serpent_carries_nan_and_marshal_nothing():
    (value,) = PlainSerpent(False).loadsCall(serpent.dumps(("o", "m", [float("nan")], {})))[2]
    assert value != value
    with pytest.raises(pyro_errors.SerializeError):
        Refusing().loadsCall(b"i\x01\0\0\0")


def test_more_annotations_than_arrays_can_travel_are_refused():
    for count, fits in ((1000, True), (1001, False)):
        beside = struct.pack("!4sI", b"A000", 0) * count
        header = pyro.header_of(
            struct.pack(
                protocol._header_format, b"PYRO", 502, 4, 4, 0, 1, 1, len(beside), bytes(16), 0, 0x4DC5
            )
        )
        if fits:
            pyro.add_payload(header, beside + b"x")
            assert bytes(header.data) == b"x"
        else:
            with pytest.raises(pyro_errors.ProtocolError, match="more than 1000"):
                pyro.add_payload(header, beside + b"x")
