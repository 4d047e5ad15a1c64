"""A daemon registers its names again after a loss of the name server, and ends regularly at a signal."""

import contextlib
import os
import signal
import threading

import psutil
import Pyro5.api
import pytest

from pyrpl_remote import discover, errors
from pyrpl_remote.daemon.life import upkeep
from pyrpl_remote.daemon.life.registration import Registration, prepare_name_server
from pyrpl_remote.names import directory
from pyrpl_remote.names.directory import Entry

from ...daemons import fake_board, has_ended
from ...environment import free_port, occupied
from ...processes import our_processes, wait_until


@pytest.fixture
def registration():
    """The registered names of an object that answers."""
    with Pyro5.api.Daemon(host="127.0.0.1", port=0) as daemon:
        thread = threading.Thread(target=daemon.requestLoop)
        thread.start()
        entry = Entry("kept", str(daemon.uriFor("Pyro.Daemon")), "10.0.0.1:22")
        registration = Registration(entry, {"pid0": "Pid"}, lambda name: str(daemon.uriFor("Pyro.Daemon")))
        registration.register()
        yield registration
        registration.remove()
        daemon.shutdown()
        thread.join()


@pytest.fixture
def kept(registration, monkeypatch):
    """The same, with checks several times a second."""
    monkeypatch.setattr(upkeep, "UPKEEP_SECONDS", 0.05)
    ending = threading.Event()
    thread = threading.Thread(target=upkeep.run_upkeep, args=(ending, registration))
    thread.start()
    yield registration
    assert thread.is_alive()
    ending.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def taken_port():
    """Functions that occupy the name server's port with another socket, and free it."""
    with contextlib.ExitStack() as servers:
        yield lambda: servers.enter_context(occupied(Pyro5.config.NS_PORT)), servers.close


def kill_name_server() -> None:
    for process in our_processes():
        if "pyrpl_remote.names.server" in process.cmdline():
            process.kill()
            process.wait(30)


def names() -> list[str]:
    return [entry.name for entry in discover()]


def test_a_name_server_that_was_killed_is_started_again_with_all_names(kept):
    assert names() == ["kept"]
    kill_name_server()
    wait_until(lambda: names() == ["kept"], what="the board's name")
    with directory.name_server() as proxy:
        assert "pyrpl.kept.pid0" in proxy.list()


def test_names_that_the_name_server_lost_are_registered_again(kept):
    with directory.name_server() as proxy:
        proxy.remove(prefix="pyrpl.kept")
    wait_until(lambda: names() == ["kept"], what="the board's name")


def test_registering_again_is_tried_until_it_succeeds(kept, taken_port, caplog):
    take, free = taken_port
    kill_name_server()
    take()
    wait_until(lambda: caplog.text.count("registering again failed") >= 2, 60, "two failures")
    assert names() == []
    assert "no Pyro name server could be started" in caplog.text
    free()
    wait_until(lambda: names() == ["kept"], 60, "the board's name")


def test_preparing_a_name_server_early_leaves_the_failure_to_the_registration(taken_port):
    kill_name_server()
    take, _ = taken_port
    take()
    prepare_name_server()
    with pytest.raises(errors.NameServerError, match="could be started"):
        Registration(Entry("never", "uri", ""), {}, str).register()


def test_a_name_server_that_ends_between_two_steps_is_started_again(registration, monkeypatch):
    register = directory.register

    def register_late(*args) -> None:
        monkeypatch.setattr(directory, "register", register)
        kill_name_server()
        register(*args)

    monkeypatch.setattr(directory, "register", register_late)
    registration.register()
    assert registration.is_registered()


def test_names_taken_by_another_daemon_are_not_removed(registration):
    (living,) = discover()
    directory.remove(living)
    other = Entry("kept", "PYRO:other@127.0.0.1:1", "10.0.0.1:22")
    Registration(other, {}, str).register(again=True)
    assert not registration.is_registered()
    registration.remove()
    assert other in discover()
    directory.remove(other)
    assert other not in discover()


def test_a_registration_never_replaces_a_daemon_that_lives(registration, answering):
    (living,) = discover()
    another = Registration(Entry("kept", answering, "10.0.0.2:22"), {"pid0": "Pid"}, lambda name: answering)
    with pytest.raises(errors.BoardNameTaken, match=r"'kept' is in use for the board 10\.0\.0\.1:22, not 10"):
        another.register()
    assert discover() == [living]
    with directory.name_server() as proxy:
        assert str(proxy.lookup("pyrpl.kept.pid0")) == living.uri
    # a name of a daemon that was killed, which the name server has not noticed yet
    directory.remove(living)
    dead = Entry("kept", f"PYRO:Pyro.Daemon@127.0.0.1:{free_port()}", "10.0.0.1:22")
    directory.register(dead, {}, str)
    another.register()
    assert [entry.uri for entry in discover()] == [answering]
    another.remove()


def test_no_program_overwrites_the_name_of_a_board_that_lives(kept, answering):
    with pytest.raises(errors.BoardNameTaken, match="lives: nobody replaces it"):
        directory.register(Entry("kept", answering, "10.0.0.2:22"), {}, str)
    assert kept.is_registered()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_daemon_regularly(number):
    with fake_board(f"by-{number.name.lower()}") as p:
        status = p.status()
        daemon = psutil.Process(status.daemon.pid)
        daemon.send_signal(number)
        wait_until(lambda: has_ended(daemon), what="its end")
        # before its process ended, not after the name server found out
        assert status.board not in names()
        with open(status.daemon.log, encoding="utf-8") as log:
            assert f"board {status.board}: the daemon ends" in log.read()
        with pytest.raises(errors.DaemonStopped, match=f"was stopped by the signal {number.name}"):
            p.rp.pid0.p
    with fake_board(status.board) as again:
        assert again.status().daemon.pid != status.daemon.pid


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_second_signal_changes_nothing():
    with fake_board("twice") as p:
        daemon = psutil.Process(p.status().daemon.pid)
        daemon.send_signal(signal.SIGTERM)
        daemon.send_signal(signal.SIGTERM)
        wait_until(lambda: has_ended(daemon), what="its end")
        assert "twice" not in names()
