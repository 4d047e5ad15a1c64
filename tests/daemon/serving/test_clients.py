"""The registry: what is alive is what is connected, and the last to leave ends the daemon."""

import threading

import pytest

from pyrpl_remote.daemon.serving import clients as registry_room
from pyrpl_remote.daemon.serving.clients import DaemonEnding, Registry


def hello(session: str) -> dict:
    return {"session": session, "program": "notebook", "user": "ada", "host": "lab1", "pid": 42}


@pytest.fixture
def ended() -> threading.Event:
    return threading.Event()


def test_a_session_lasts_as_long_as_its_last_connection(ended):
    registry = Registry(0.05, ended.set)
    registry.join("c1", hello("s"))
    registry.join("c2", hello("s"))
    assert [c["program"] for c in registry.clients()] == ["notebook"]
    assert not registry.leave("s", "c1")
    assert len(registry.clients()) == 1
    assert registry.leave("s", "c2")
    assert registry.clients() == []
    assert ended.wait(5)


def test_a_client_within_the_grace_period_keeps_the_daemon(ended):
    registry = Registry(0.1, ended.set)
    registry.join("c1", hello("s1"))
    registry.leave("s1", "c1")
    registry.join("c2", hello("s2"))
    assert not ended.wait(0.3)


def test_a_daemon_started_by_hand_stays(ended):
    registry = Registry(None, ended.set)
    registry.open()
    registry.join("c", hello("s"))
    registry.leave("s", "c")
    assert not ended.wait(0.2)


def test_a_daemon_whose_first_client_never_comes_ends(ended, monkeypatch):
    monkeypatch.setattr(registry_room, "FIRST_CLIENT_SECONDS", 0.05)
    Registry(0.05, ended.set).open()
    assert ended.wait(5)


def test_an_ending_daemon_takes_nobody(ended):
    registry = Registry(0.0, ended.set)
    registry.join("c", hello("s"))
    registry.leave("s", "c")
    assert ended.wait(5)
    with pytest.raises(DaemonEnding):
        registry.join("c2", hello("s2"))


def test_hundred_clients_that_come_and_go_at_once_leave_an_empty_registry(ended):
    registry = Registry(0.05, ended.set)
    registry.join("first", hello("first"))

    def come_and_go(number: int) -> None:
        for turn in range(50):
            registry.join((number, turn), hello(f"s{number}"))
            registry.leave(f"s{number}", (number, turn))

    threads = [threading.Thread(target=come_and_go, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry.clients()) == 1
    assert not ended.is_set()
    registry.leave("first", "first")
    assert ended.wait(5)


def test_a_silent_session_is_found(ended, monkeypatch):
    registry = Registry(1, ended.set)
    registry.join("c", hello("s"))
    assert registry.silent_connections() == []
    monkeypatch.setattr("pyrpl_remote.settings.LEASE_SECONDS", -1)
    assert registry.silent_connections() == ["c"]
