"""The name server's table: what it refuses, and what it cleans."""

import contextlib
import socket
import threading
import time
import types

import msgpack
import Pyro5.api
import pytest
from Pyro5 import errors as pyro_errors

from pyrpl_remote import errors
from pyrpl_remote.daemon.life.registration import Registration
from pyrpl_remote.machine.other_end import has_tables
from pyrpl_remote.names import directory
from pyrpl_remote.names.directory import Entry
from pyrpl_remote.names.name_table import MAX_NAMES, MAX_NAMES_OF_ANOTHER, NameTable
from pyrpl_remote.names.server import GONE_SECONDS, accepts, clean_once

from ..campaigns.hostile_inputs import CONNECT, message, read
from ..environment import free_port


@pytest.fixture
def table():
    return NameTable("PYRO:Pyro.NameServer@localhost:1", lambda uri: "living" in uri)


LIVING, OTHER = "PYRO:living@127.0.0.1:7", "PYRO:other@127.0.0.1:8"


def test_nobody_replaces_the_name_of_a_board_that_lives(table):
    table.register("pyrpl.lab", LIVING)
    for name in ("pyrpl.lab",):
        with pytest.raises(pyro_errors.NamingError, match="lives"):
            table.register(name, OTHER)
    assert str(table.lookup("pyrpl.lab")) == LIVING
    table.register("pyrpl.lab", "PYRO:again@127.0.0.1:7")  # the same process
    table.register("pyrpl.lab", OTHER, metadata=["kind:board"])  # that one no longer answers
    assert table.lookup("pyrpl.lab", return_metadata=True)[1] == {"kind:board"}


def test_names_of_other_programs_are_replaced_as_in_any_name_server(table):
    table.register("other.program", LIVING)
    table.register("other.program", OTHER)
    assert str(table.lookup("other.program")) == OTHER
    with pytest.raises(pyro_errors.NamingError, match="already"):
        table.register("other.program", LIVING, safe=True)


@pytest.mark.parametrize(
    "asked",
    [
        lambda table: table.list(regex="(a+)+$"),
        lambda table: table.remove(regex=".*"),
        lambda table: table.register("Pyro.NameServer", LIVING),
        lambda table: table.register("pyrpl.far", "PYRO:x@10.0.0.1:22"),
        lambda table: table.register("pyrpl.file", "PYRO:x@./u:/tmp/socket"),
        lambda table: table.lookup("nothing"),
    ],
)
def test_what_the_name_server_does_not_do_is_a_naming_error(table, asked):
    with pytest.raises(pyro_errors.NamingError):
        asked(table)
    assert table.count() == 1


@pytest.mark.parametrize("name", ["", "x" * 301, "a\nb", "\ud800", 5, None, ["x"]])
def test_a_name_is_a_short_printable_text(table, name):
    with pytest.raises((TypeError, ValueError)):
        table.register(name, LIVING)
    assert table.count() == 1


@pytest.mark.parametrize("metadata", ["text", ["x" * 6000], ["x"] * 51, [3], 5])
def test_tags_are_few_short_texts(table, metadata):
    with pytest.raises((TypeError, ValueError)):
        table.register("x", LIVING, metadata=metadata)


def test_there_are_only_so_many_names(table):
    for number in range(MAX_NAMES - 1):
        table.register(f"n{number}", OTHER)
    with pytest.raises(pyro_errors.NamingError, match="no more"):
        table.register("one more", OTHER)
    assert table.remove(prefix="n") == MAX_NAMES - 1


def test_another_user_leaves_room_for_the_names_of_others(table, monkeypatch):
    monkeypatch.setattr("pyrpl_remote.names.name_table._other_user", lambda: 12001)
    for number in range(MAX_NAMES_OF_ANOTHER):
        table.register(f"n{number}", OTHER)
    with pytest.raises(pyro_errors.NamingError, match="at most 1000 names"):
        table.register("one more", OTHER)
    table.register("n1", OTHER)
    table.remove("n2")
    table.register("n2", OTHER)
    monkeypatch.setattr("pyrpl_remote.names.name_table._other_user", lambda: 12002)
    table.register("pyrpl.lab", OTHER)


@pytest.mark.skipif(not has_tables(), reason="the system does not tell the users of connections")
def test_clients_that_have_closed_their_connection_are_no_user_of_this_name_server(table, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        connection = types.SimpleNamespace(sock=server.accept()[0])
    with connection.sock:
        monkeypatch.setattr(Pyro5.api.current_context, "client", connection)
        for number in range(MAX_NAMES_OF_ANOTHER):
            table.register(f"n{number}", OTHER)
        with pytest.raises(pyro_errors.NamingError, match="at most 1000 names"):
            table.register("one more", OTHER)


def test_odd_names_do_not_stop_the_cleaning(table):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        table.register("stays", f"PYRO:x@127.0.0.1:{port}")
        table.register("odd", "PYRO:x@127.0.0.1:99999")
        table.register("odd host", "PYRO:x@" + "a" * 80 + ".invalid:1")
        table.register("meta", "PYROMETA:a,b")
        table.register("dead", f"PYRO:x@127.0.0.1:{free_port()}")
        gone: dict[str, float] = {}
        clean_once(table, gone)
        assert len(table.entries()) == 5
        gone.update(dict.fromkeys(gone, time.monotonic() - GONE_SECONDS))
        clean_once(table, gone)
        assert set(table.entries()) == {"stays"}
        clean_once(table, gone)
    assert gone == {}


def test_a_process_that_is_stopped_counts_as_living():
    with socket.create_server(("127.0.0.1", 0)) as server:  # the system accepts for it
        assert accepts(f"PYRO:x@127.0.0.1:{server.getsockname()[1]}")


def test_the_server_refuses_over_its_connection_and_serves_on(answering):
    entry = Entry("kept", answering, "10.0.0.1:22")
    Registration(entry, {}, str).register(again=True)
    with directory.name_server() as proxy:
        with pytest.raises(pyro_errors.NamingError, match="regular expressions"):
            proxy.list(regex="(a|a)*$")
        with pytest.raises(pyro_errors.NamingError, match="lives"):
            proxy.register("pyrpl.kept", "PYRO:impostor@127.0.0.1:1")
    with pytest.raises(errors.BoardNameTaken, match="lives"):
        directory.register(Entry("kept", "PYRO:impostor@127.0.0.1:1", ""), {}, str)
    host, _, port = directory.location().rpartition(":")
    with socket.create_connection((host, int(port))) as sock:
        sock.sendall(message(CONNECT, msgpack.packb({"handshake": "hello", "object": "unknown"})))
        assert b"unknown object" in read(sock, 5)
    with Pyro5.api.locate_ns(host, int(port)) as bare:  # as any program of Pyro5
        bare.register("other.program", Pyro5.api.URI(answering), metadata={"x"})
        assert str(bare.lookup("other.program")) == answering
        assert bare.remove("other.program") == 1
    assert directory.boards() == [entry]
    directory.remove(entry)


def test_a_name_that_leads_to_another_machine_is_no_board(answering):
    assert directory.is_local("PYRO:pyrpl.x@127.0.0.1:5")
    for uri in ("PYRO:pyrpl.x@10.0.0.1:5", "nonsense", None, "PYRONAME:x", 5):
        assert not directory.is_local(uri)


def test_an_impostor_that_is_silent_is_an_error_after_5_s():
    from pyrpl_remote import status

    with socket.create_server(("127.0.0.1", 0)) as impostor:
        said: list[bytes] = []

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = impostor.accept()
                    said.append(sock.recv(4096))
                    held.append(sock)

        held: list[socket.socket] = []
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        begin = time.monotonic()
        with pytest.raises(errors.SessionError):
            status(Entry("lab", f"PYRO:pyrpl.lab@127.0.0.1:{impostor.getsockname()[1]}", ""))
        assert time.monotonic() - begin < 20
        impostor.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for sock in held:
            sock.close()
