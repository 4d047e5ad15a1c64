"""The name server is found or started, and boards are registered and found."""

import contextlib
import threading
import time

import psutil
import Pyro5.api
import pytest

from pyrpl_remote import errors
from pyrpl_remote.daemon.life.registration import Registration
from pyrpl_remote.names import directory, starting
from pyrpl_remote.names.directory import Entry

from ..environment import free_port, occupied
from ..processes import our_processes, wait_until


@pytest.fixture
def registered(answering):
    """A function that registers boards; their names are removed in the end."""
    entries = []

    def register(name: str, identity: str, **kinds: str) -> Entry:
        entry = Entry(name, answering, identity)
        # as a daemon does: the name server ends when no board is registered any more
        Registration(entry, kinds, lambda module: answering).register(again=True)
        entries.append(entry)
        return entry

    yield register
    for entry in entries:
        directory.remove(entry)


def name_servers() -> list[psutil.Process]:
    found = []
    for process in our_processes():
        with contextlib.suppress(psutil.Error):  # it has just ended
            if "pyrpl_remote.names.server" in process.cmdline():
                found.append(process)
    return found


def test_boards_are_listed_by_name_without_their_modules(registered):
    second = registered("lab2", "10.0.0.2:22", pid0="Pid")
    first = registered("lab1", "10.0.0.1:2222")
    assert directory.boards() == [first, second]
    assert directory.is_registered(first)
    assert not directory.is_registered(Entry("lab1", "PYRO:other@127.0.0.1:1", first.identity))


def test_modules_are_found_by_kind_and_board(registered):
    registered("lab1", "10.0.0.1:22", pid0="Pid", scope="Scope")
    registered("lab2", "10.0.0.2:22", pid0="Pid")
    with directory.name_server() as proxy:
        assert set(proxy.yplookup(meta_all={"kind:Pid"})) == {"pyrpl.lab1.pid0", "pyrpl.lab2.pid0"}
        assert set(proxy.yplookup(meta_all={"name:lab1"})) == {
            "pyrpl.lab1",
            "pyrpl.lab1.pid0",
            "pyrpl.lab1.scope",
        }
        assert set(proxy.yplookup(meta_all={"board:10.0.0.2:22", "kind:board"})) == {"pyrpl.lab2"}


def test_a_board_is_removed_with_its_modules_and_no_other(registered):
    first, second = (
        registered("lab", "10.0.0.1:22", pid0="Pid"),
        registered("lab2", "10.0.0.2:22", pid0="Pid"),
    )
    directory.remove(first)
    assert directory.boards() == [second]
    with directory.name_server() as proxy:
        assert "pyrpl.lab.pid0" not in proxy.list()
        assert "pyrpl.lab2.pid0" in proxy.list()


def test_a_name_server_whose_starter_has_registered_nothing_ends_with_it(run_python):
    port = free_port()
    found = run_python(
        """
        from pyrpl_remote.machine.listener import listening_pid
        from pyrpl_remote.names import directory, starting
        starting.ensure_name_server()
        report(boards=directory.boards(), pid=listening_pid(int(directory.location().rpartition(":")[2])))
        """,
        PYRO_NS_PORT=str(port),
    )
    assert found["boards"] == []
    # much less than FIRST_REGISTRATION_SECONDS
    wait_until(lambda: not psutil.pid_exists(found["pid"]), 20, "the end of the name server")


def test_many_processes_that_need_a_name_server_at_once_start_one():
    threads = [threading.Thread(target=starting.ensure_name_server) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(name_servers()) == 1
    assert directory.uri().startswith("PYRO:Pyro.NameServer@")


def test_a_name_server_ends_when_its_last_name_is_removed(registered):
    entry = registered("last", "10.0.0.1:22")
    (server,) = name_servers()
    time.sleep(0.3)  # it looks ten times a second, and waits for its first name before it ends
    directory.remove(entry)
    wait_until(lambda: server.pid not in [process.pid for process in name_servers()], what="its end")
    assert directory.boards() == []
    # a process that its starter does not wait for would remain as a zombie
    wait_until(lambda: not server.is_running(), what="its process's end")


def test_names_of_objects_that_no_longer_answer_are_removed(registered):
    registered("lives", "10.0.0.1:22")
    dead = Entry("dead", f"PYRO:pyrpl.dead@127.0.0.1:{free_port()}", "10.0.0.2:22")
    directory.register(dead, {}, str)
    assert directory.is_registered(dead)
    wait_until(lambda: not directory.is_registered(dead), 30, "the end of its name")
    assert [entry.name for entry in directory.boards()] == ["lives"]


def test_a_name_server_that_ends_during_a_request_counts_as_absent():
    starting.ensure_name_server()
    (server,) = name_servers()

    def kill_and_ask() -> None:
        with directory.name_server() as proxy:
            assert proxy.count() >= 1
            server.kill()
            wait_until(lambda: not name_servers(), what="its end")
            proxy.count()

    with pytest.raises(errors.NameServerError, match="no Pyro name server answers"):
        kill_and_ask()
    assert directory.boards() == []


def test_without_a_name_server_the_error_names_its_address(monkeypatch):
    port = free_port()
    monkeypatch.setattr(Pyro5.config, "NS_PORT", port)
    assert directory.location().endswith(f":{port}")
    with pytest.raises(errors.NameServerError, match=f":{port}"):
        directory.uri()
    directory.remove(Entry("nothing", "uri", ""))


def test_a_port_that_is_taken_by_something_else_is_an_error_that_names_the_log(monkeypatch):
    port = free_port()
    monkeypatch.setattr(Pyro5.config, "NS_PORT", port)
    monkeypatch.setenv("PYRO_NS_PORT", str(port))
    with occupied(port), pytest.raises(errors.NameServerError, match="could be started") as caught:
        starting.ensure_name_server()
    assert "name-server.log" in caught.value.remedy
    assert name_servers() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("127.0.0.1",), ("localhost",)),
        (("no-such-host.invalid",), ("NO-SUCH-HOST.invalid.",)),
        (("virtual", 22, "lab"), ("VIRTUAL", 2222, "lab")),
    ],
)
def test_one_board_has_one_identity_however_its_host_is_written(one, other):
    assert directory.identity(*one) == directory.identity(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("127.0.0.1", 22), ("127.0.0.1", 2222)),
        (("one.invalid",), ("two.invalid",)),
        (("virtual", 22, "lab"), ("virtual", 22, "lab2")),
    ],
)
def test_different_boards_have_different_identities(one, other):
    assert directory.identity(*one) != directory.identity(*other)
