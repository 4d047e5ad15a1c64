"""Long requests: they stop nobody else, and take no more memory than they must."""

import random
import struct
import time

import msgpack
import psutil
import Pyro5.api
import pytest

from pyrpl_remote.protocol import Role
from pyrpl_remote.transport.guarded import LOOKING_BYTES

from ...campaigns.hostile_greetings import good, introduced, let_in
from ...campaigns.hostile_inputs import CONNECT, INVOKE, Target, board, message, read
from ...daemons import fake_board
from .test_strangers import is_closed


@pytest.fixture(scope="module")
def p():
    with fake_board("long") as p:
        yield p


@pytest.fixture
def daemon(p) -> Target:
    uri = Pyro5.api.URI(p._handle.session.connections.uri)
    return board(uri.host, uri.port, uri.object)


def connected(daemon: Target, role: Role, said):
    """A connection of a client of another host."""
    sock = daemon.connect()
    first = {"handshake": introduced(daemon, role.value, said), "object": daemon.object_id}
    sock.sendall(message(CONNECT, msgpack.packb(first)))
    assert let_in(read(sock, 5))
    return sock


@pytest.mark.parametrize("said", ["ordinary", "direct", "bare"])
def test_who_may_only_look_sends_short_requests_only(p, daemon, said):
    greeting = "hello" if said == "bare" else good(random.Random(1), direct=said == "direct")
    with connected(daemon, Role.VIEWER, greeting) as sock:
        content = (daemon.object_id, "get", ["rp.pid0", "p" * (LOOKING_BYTES - 1000)], {})
        sock.sendall(message(INVOKE, msgpack.packb(content)))
        assert b"has no" in read(sock, 5)
        sock.sendall(message(INVOKE, b"", size=LOOKING_BYTES + 1))
        assert is_closed(sock, 3)
    assert p.rp.pid0.p is not None


def test_arrays_beside_a_request_are_not_for_who_may_only_look(daemon):
    with connected(daemon, Role.VIEWER, good(random.Random(1), direct=True)) as sock:
        sock.sendall(message(INVOKE, b"", beside=struct.pack("!4sI", b"A000", 2**20)[:8] + bytes(2**20)))
        assert is_closed(sock, 3)


def test_a_request_of_millions_of_items_is_refused_soon_and_takes_little_memory(p, daemon):
    process = psutil.Process(p.status().daemon.pid)
    before = process.memory_info().rss
    million = msgpack.packb([0] * (2**20 - 1))
    head = b"\x94" + msgpack.packb(daemon.object_id) + msgpack.packb("get") + b"\xdc\x00\x28"
    with connected(daemon, Role.OPERATOR, good(random.Random(1))) as sock:
        sock.sendall(message(INVOKE, head + 40 * million + b"\x80"))
        begin = time.monotonic()
        assert p.rp.pid0.p is not None
        assert time.monotonic() - begin < 3
        assert b"at most 1048576 items" in read(sock, 10)
    assert process.memory_info().rss < before + 200 * 2**20
