"""Clients: a session lasts as long as its connections, and the daemon ends after the last one."""

import threading

import pytest

from pyrpl_remote.daemon.serving import clients as tested
from pyrpl_remote.daemon.serving.clients import Clients, DaemonEnding
from pyrpl_remote.daemon.serving.identity import as_said
from pyrpl_remote.protocol import Greeting


def hello(session: str) -> Greeting:
    return Greeting(session=session, program="notebook", user="ada", host="lab1", pid=42)


@pytest.fixture
def ended() -> threading.Event:
    return threading.Event()


def test_a_session_lasts_as_long_as_its_last_connection(ended):
    clients = Clients(0.05, ended.set)
    clients.join("c1", hello("s"))
    clients.join("c2", hello("s"))
    assert [c.program for c in clients.status()] == ["notebook"]
    assert not clients.leave("s", "c1")
    assert len(clients.status()) == 1
    assert clients.leave("s", "c2")
    assert clients.status() == []
    assert ended.wait(20)


def test_a_client_within_the_grace_period_keeps_the_daemon(ended):
    clients = Clients(0.1, ended.set)
    clients.join("c1", hello("s1"))
    clients.leave("s1", "c1")
    clients.join("c2", hello("s2"))
    assert not ended.wait(0.3)


def test_a_daemon_started_by_hand_does_not_end_itself(ended):
    clients = Clients(None, ended.set)
    clients.open()
    clients.join("c", hello("s"))
    clients.leave("s", "c")
    assert not ended.wait(0.2)


def test_a_daemon_whose_first_client_never_comes_ends(ended, monkeypatch):
    monkeypatch.setattr(tested, "FIRST_CLIENT_SECONDS", 0.05)
    Clients(0.05, ended.set).open()
    assert ended.wait(20)


def test_a_daemon_is_unused_once_its_clients_have_left_and_accepts_no_other_then(ended):
    clients = Clients(60.0, ended.set)
    clients.open()
    assert not clients.all_left()  # its first client has not come yet
    clients.join("c", hello("s"))
    assert not clients.all_left()
    clients.leave("s", "c")
    assert clients.all_left()
    with pytest.raises(DaemonEnding):
        clients.join("c2", hello("s2"))
    clients.close()


def test_a_daemon_started_by_hand_is_never_unused(ended):
    clients = Clients(None, ended.set)
    clients.join("c", hello("s"))
    clients.leave("s", "c")
    assert not clients.all_left()


def test_an_ending_daemon_refuses_new_sessions(ended):
    clients = Clients(0.0, ended.set)
    clients.join("c", hello("s"))
    clients.leave("s", "c")
    assert ended.wait(20)
    with pytest.raises(DaemonEnding):
        clients.join("c2", hello("s2"))


def test_after_a_hundred_concurrent_clients_no_client_is_left(ended):
    clients = Clients(0.05, ended.set)
    clients.join("first", hello("first"))

    def come_and_go(number: int) -> None:
        for turn in range(50):
            clients.join((number, turn), hello(f"s{number}"))
            clients.leave(f"s{number}", (number, turn))

    threads = [threading.Thread(target=come_and_go, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients.status()) == 1
    assert not ended.is_set()
    clients.leave("first", "first")
    assert ended.wait(20)


def test_a_silent_session_is_found(ended, monkeypatch):
    clients = Clients(1, ended.set)
    clients.join("c", hello("s"))
    assert clients.silent_connections() == []
    monkeypatch.setattr("pyrpl_remote.settings.LEASE_SECONDS", -1)
    assert clients.silent_connections() == ["c"]


def test_a_stranger_is_looked_up_while_others_come_and_go(ended):
    def look_up(connection: object, greeting: Greeting | None) -> tuple[str, str, str, int | None]:
        if greeting is not None:
            return as_said(connection, greeting)
        thread = threading.Thread(target=clients.leave, args=("s", "c"), daemon=True)
        thread.start()
        thread.join(20)
        assert not thread.is_alive()
        return as_said(connection, None)

    clients = Clients(1, ended.set, look_up)
    clients.join("c", hello("s"))
    clients.join("stranger", None)
    (stranger,) = clients.status()
    assert stranger.program == "Pyro5"
