"""Greetings and introductions that are forged or malformed, sent to a real daemon."""

import os
import random
import socket
import time
from pathlib import Path

import msgpack
import Pyro5.api
import pytest

from pyrpl_remote.protocol import Role

from ...campaigns.hostile_greetings import (
    Strangers,
    can_be_another_user,
    forged,
    forgeries,
    good,
    greet,
    introduced,
    let_in,
    malformations,
    malformed,
    replayed,
)
from ...campaigns.hostile_inputs import CONNECT, Target, board, message, read
from ...daemons import fake_board
from ...processes import wait_until


@pytest.fixture(scope="module")
def p():
    with fake_board("forged") as p:
        yield p


@pytest.fixture(scope="module")
def daemon(p) -> Target:
    """The board's daemon, as programs of this user reach it."""
    uri = Pyro5.api.URI(p._handle.session.connections.uri)
    return board(uri.host, uri.port, uri.object)


@pytest.fixture(scope="module")
def strangers(daemon) -> Strangers:
    """The same for programs of another user."""
    if not can_be_another_user():
        pytest.skip("only root makes sockets of another user, on Linux")
    return Strangers("daemon", daemon.host, daemon.port, daemon.object_id, daemon.verbs)


def log_of(p) -> str:
    return Path(p.status().daemon.log).read_text()


def assert_refused(target, greetings) -> None:
    """Each of the greetings, made by a function by its name, is answered at once, and lets nobody in.

    A greeting has 5 s.
    """
    for what, make in greetings.items():
        begin = time.monotonic()
        answer = greet(target, make())
        assert answer and not let_in(answer), what
        assert time.monotonic() - begin < 4, what


def test_no_forged_greeting_lets_another_user_in(p, strangers):
    assert_refused(strangers, forgeries(strangers, random.Random(1)))
    assert "user uid 12001 may not use it" in log_of(p)
    assert len(p.status().clients) == 1


def test_a_malformed_greeting_lets_nobody_in(p, daemon):
    assert_refused(daemon, malformations(daemon, random.Random(1)))
    assert "a connection was refused" in log_of(p)
    assert len(p.status().clients) == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_another_host_does_not_join_the_session_whose_id_it_knows(p, daemon, role):
    session = p._handle.session.connections._greeting.session
    said = {**good(random.Random(1)), "session": session}
    with daemon.connect() as sock:
        first = {"handshake": introduced(daemon, role.value, said), "object": daemon.object_id}
        sock.sendall(message(CONNECT, msgpack.packb(first)))
        assert let_in(read(sock, 5))
        mine, other = p.status().clients
        assert (mine.host, other.host) == (socket.gethostname(), "laptop")
        assert mine.pid == os.getpid()
    wait_until(lambda: len(p.status().clients) == 1, what="the end of its session")


@pytest.mark.parametrize("kind", [forged, malformed, replayed])
def test_nobody_comes_in_who_must_not(daemon, strangers, kind):
    for seed in range(60):
        kind(strangers, random.Random(seed))
        kind(daemon, random.Random(seed))
    assert (strangers.wrong, daemon.wrong) == ([], [])
