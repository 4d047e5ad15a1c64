"""Whom the system knows at the other end of a connection."""

import os
import socket
import sys

import pytest

from pyrpl_remote.machine import other_end, socket_diag
from pyrpl_remote.machine.other_end import OtherEnd, listener_uid, other_end_of, other_uid

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the tables of connections are Linux's"
)


def ask_no_socket(monkeypatch):
    """Let the kernel tell nothing of a single socket, as in some containers."""
    monkeypatch.setattr(socket_diag, "SOCK_DIAG_BY_FAMILY", 99)  # the kernel answers with an error


@pytest.fixture(params=["asked", "tables"])
def way(request, monkeypatch):
    """How the system tells: asked for one socket, or by its tables of all."""
    if request.param == "tables":
        ask_no_socket(monkeypatch)
    return request.param


@pytest.fixture(params=["127.0.0.1", "::1"])
def ends(request, way):
    """The two ends of a connection of this process, and the port that listened."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        server = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server, socket.create_connection(server.getsockname()[:2]) as near:
        far, _ = server.accept()
        with far:
            yield near, far, server.getsockname()[1]


def test_the_process_at_the_other_end_is_found(ends):
    near, far, _ = ends
    me = OtherEnd(os.getuid(), os.getpid())
    assert other_end_of(near, os.getpid()) == other_end_of(far) == me
    assert other_end_of(near, claimed=1) == me  # it is not believed
    assert other_end_of(near, claimed=4_000_000_000, may_search=lambda: False) == OtherEnd(os.getuid(), None)
    assert other_uid(far) == os.getuid()


def test_the_user_of_a_listener_is_found(ends):
    assert listener_uid(ends[2], ends[0].getpeername()[0]) == os.getuid()
    assert listener_uid(1) is None


def test_nobody_is_at_the_end_of_a_closed_connection(ends):
    near, _, _ = ends
    near.close()
    assert other_end_of(near) == OtherEnd(None, None)
    assert other_uid(near) is None


def test_a_connection_that_its_program_has_closed_is_of_nobody_not_of_root(ends):
    near, far, _ = ends
    far.sendall(b"unread")
    near.close()
    assert other_uid(far) is None


def test_a_socket_that_only_asks_for_a_connection_is_at_no_end(way):
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        first.connect(full.getsockname())
        second.setblocking(False)
        with pytest.raises(BlockingIOError):
            second.connect(full.getsockname())
        assert other_end._row_of(first.getsockname(), full.getsockname()).uid == os.getuid()
        assert other_end._row_of(second.getsockname(), full.getsockname()) is None


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may be another user")
def test_who_listens_at_the_same_port_of_another_address_does_not_count(way):
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
        os.seteuid(12001)
        try:
            other = socket.create_server(("127.0.0.2", port))
        finally:
            os.seteuid(0)
        with other:
            assert listener_uid(port) == 0
            assert listener_uid(port, "127.0.0.2") == 12001
            assert listener_uid(port, "127.0.0.3") is None
        with socket.create_server(("", 0)) as everywhere:
            assert listener_uid(everywhere.getsockname()[1], "127.0.0.3") == 0


def test_without_the_systems_tables_the_process_is_searched(ends, monkeypatch):
    monkeypatch.setattr(socket_diag, "NETLINK_SOCK_DIAG", 99)  # there is no such socket
    monkeypatch.setattr("pyrpl_remote.machine.other_end.TABLES", (("/nowhere", 4),))
    assert other_end_of(ends[0]).pid == os.getpid()
    assert other_end_of(ends[0], may_search=lambda: False) == OtherEnd(None, None)
    assert listener_uid(ends[2]) is None


@pytest.mark.parametrize("way", ["asked"], indirect=True)
def test_the_kernel_tells_of_the_very_socket_that_was_meant(ends):
    near, far, port = ends
    here, there = near.getsockname()[:2], near.getpeername()[:2]
    assert socket_diag.connected(here, there) == socket_diag.Found(os.getuid(), inode_of(near))
    assert socket_diag.connected(there, here) == socket_diag.Found(os.getuid(), inode_of(far))
    # who listens is not who is connected, and the other way round
    assert socket_diag.connected(there, (here[0], port)) is None
    assert socket_diag.listening(here) is None
    assert socket_diag.listening(there).uid == os.getuid()
    assert socket_diag.listening(("fe80::1%lo", port)) is None


def inode_of(sock):
    return os.fstat(sock.fileno()).st_ino
