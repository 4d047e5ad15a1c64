"""A name server that runs, but does not answer: everybody is told, and another one takes its place."""

import contextlib
import os
import signal
import socket
import time

import psutil
import Pyro5.api
import pytest

from pyrpl_remote import connect, discover, errors, status
from pyrpl_remote.machine import listener
from pyrpl_remote.names import directory, starting

from ..daemons import fake_board, has_ended
from ..environment import free_port
from ..processes import wait_until
from .test_directory import name_servers

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a process is suspended by a POSIX signal")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(directory, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(starting, "SURE_SECONDS", 1.0)


@pytest.fixture(scope="module")
def p():
    with fake_board("listed") as p:
        yield p


@pytest.fixture
def frozen(p):
    """The suspended name server, with a board."""
    wait_until(lambda: [entry.name for entry in discover()] == ["listed"], what="the board's name")
    (server,) = name_servers()
    server.suspend()
    yield server
    with contextlib.suppress(psutil.NoSuchProcess):
        server.resume()


def test_a_frozen_name_server_is_an_error_with_its_pid_in_all_that_asks_it(frozen):
    for ask in (discover, lambda: status("listed"), connect, directory.uri):
        begin = time.monotonic()
        with pytest.raises(errors.NameServerSilent, match=rf"\(pid {frozen.pid}\) runs, but does not answer"):
            ask()
        assert time.monotonic() - begin < 15
    os.kill(frozen.pid, signal.SIGCONT)
    assert [entry.name for entry in discover()] == ["listed"]


def test_a_board_is_found_although_the_name_server_is_frozen(p, frozen):
    with connect("listed") as q:
        assert q.status().daemon.pid == p.status().daemon.pid
    assert has_ended(frozen)
    assert [entry.name for entry in discover()] == ["listed"]


def test_a_board_gets_another_name_server_by_itself(p, frozen):
    wait_until(lambda: has_ended(frozen), what="another one")
    wait_until(lambda: name_servers() and [entry.name for entry in discover()] == ["listed"], 20, "its name")
    assert p.rp.pid0.p is not None


@pytest.fixture
def blocked(monkeypatch):
    """The port at which the name server should run, where another program listens, and is silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(Pyro5.config, "NS_PORT", port)
        monkeypatch.setenv("PYRO_NS_PORT", str(port))
        yield port


def test_what_blocks_the_port_is_named_and_not_ended(blocked):
    with pytest.raises(
        errors.NameServerSilent, match=rf"port {blocked} is in use: .*\(pid {os.getpid()} of .*\) listens"
    ):
        starting.ensure_name_server()


def test_a_connection_that_has_taken_the_port_is_named(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as passing:
        passing.bind(("127.0.0.1", 0))
        passing.connect(server.getsockname())
        port = passing.getsockname()[1]
        monkeypatch.setattr(Pyro5.config, "NS_PORT", port)
        monkeypatch.setenv("PYRO_NS_PORT", str(port))
        with pytest.raises(
            errors.NameServerError, match=rf"\(pid {os.getpid()} of .*\) has a connection"
        ) as caught:
            starting.ensure_name_server()
    assert listener.is_ephemeral(port)
    assert "choose one below" in caught.value.remedy


def test_programs_that_listen_elsewhere_are_not_taken_for_the_name_server():
    assert listener.listening_pid(free_port()) is None
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        assert listener.listening_pid(port) is None
        assert listener.listening_pid(port, "127.0.0.2") == os.getpid()
    assert not listener.is_here("192.0.2.1")
    assert not listener.is_here("no-such-host.invalid")
    assert not listener.is_ephemeral(9090)
