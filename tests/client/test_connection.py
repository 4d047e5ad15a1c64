"""A request whose connection breaks: what a user gets says whether it may have happened."""

import os
import signal
import threading

import psutil
import Pyro5.api
import pytest

from pyrpl_remote import errors
from pyrpl_remote.client.connections.connection import Connections
from pyrpl_remote.protocol import Greeting, Welcome


@Pyro5.api.expose
class BreakingBoard:
    """The object of a board. A connection that asks for "rp.pid0" breaks before it is answered."""

    def __init__(self):
        self.requests = []
        self.given_up = threading.Event()
        self.handled = threading.Event()

    def get(self, path: str, name: str) -> object:
        return self._answer(path, name)

    def set(self, path: str, name: str, value: object) -> object:
        return self._answer(path, name)

    def get_many(self, path: str, names: list) -> object:
        psutil.Process().send_signal(USER_SIGNAL)
        assert self.handled.wait(20)
        return names

    def call(self, *args: object) -> object:
        psutil.Process().send_signal(signal.SIGINT)
        return self.given_up.wait(20)

    def abandon(self, number: int) -> None:
        self.given_up.set()
        Pyro5.api.current_context.client.close()

    def _answer(self, path: str, name: str) -> object:
        self.requests.append((path, name))
        if path == "rp.pid0":
            Pyro5.api.current_context.client.close()
        return 1.0


USER_SIGNAL = getattr(signal, "SIGUSR1", signal.SIGINT)  # Windows has none


class Greeter(Pyro5.api.Daemon):
    def __init__(self) -> None:
        super().__init__(host="127.0.0.1", port=0)
        self.on_greeting = lambda: None
        self.left = threading.Event()

    def validateHandshake(self, conn, data):
        self.on_greeting()
        return Welcome().to_data()

    def clientDisconnect(self, conn):
        self.left.set()


@pytest.fixture
def board():
    return BreakingBoard()


@pytest.fixture
def daemon():
    """A daemon that is no board's, but greets like one."""
    with Greeter() as daemon:
        thread = threading.Thread(target=daemon.requestLoop)
        thread.start()
        yield daemon
        daemon.shutdown()
        thread.join()


@pytest.fixture
def connections(daemon, board):
    uri = str(daemon.register(board, "pyrpl.breaking"))
    connections = Connections("breaking", uri, Greeting("s", program="p", user="u", host="h", pid=1))
    yield connections
    connections.close()


@pytest.mark.parametrize("connected", [True, False])
def test_a_write_that_was_sent_and_not_answered_has_an_unknown_outcome(connections, board, connected):
    if connected:
        connections.ask("get", "rp.pid1", "p")
    with pytest.raises(errors.OutcomeUnknown, match=r"before setting rp\.pid0\.p to 2 was answered"):
        connections.ask("set", "rp.pid0", "p", 2)
    assert board.requests.count(("rp.pid0", "p")) == 1


def test_a_read_is_sent_once_more_on_a_new_connection_and_then_the_daemon_is_gone(connections, board):
    connections.ask("get", "rp.pid1", "p")
    with pytest.raises(errors.BoardGone):
        connections.ask("get", "rp.pid0", "p")
    assert board.requests.count(("rp.pid0", "p")) == 2
    assert connections.gone
    assert connections.ask("get", "rp.pid1", "p") == 1.0
    assert not connections.gone


def test_a_request_that_fits_into_no_message_is_refused_and_the_connection_goes_on(
    connections, board, monkeypatch
):
    assert connections.ask("get", "rp.pid1", "p") == 1.0
    monkeypatch.setattr(Pyro5.config, "MAX_MESSAGE_SIZE", 10_000)
    for verb, *args in [("set", "rp.pid0", "p", "x" * 20_000), ("get", "rp.pid0", "x" * 20_000)]:
        with pytest.raises(errors.NotTransferable, match="too large"):
            connections.ask(verb, *args)
    assert connections.ask("get", "rp.pid1", "p") == 1.0
    assert {path for path, _ in board.requests} == {"rp.pid1"}


@pytest.mark.parametrize("first_request", ["open", "get"])
def test_a_connection_that_is_made_while_the_session_is_closed_is_closed_too(
    daemon, connections, board, first_request
):
    daemon.on_greeting = connections.close
    with pytest.raises(errors.SessionClosed):
        connections.open() if first_request == "open" else connections.ask("get", "rp.pid1", "p")
    assert daemon.left.wait(20)
    assert board.requests == []


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
def test_ctrl_c_is_a_keyboard_interrupt_also_where_the_daemon_no_longer_answers(connections, board):
    with pytest.raises(KeyboardInterrupt):
        connections.call("rp.scope", "single", [], {}, [])
    assert board.given_up.is_set()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_signal_handler_may_use_the_board_in_the_middle_of_a_request(connections, board, daemon):
    def handler(*_: object) -> None:
        values.append(connections.ask("get", "rp.pid1", "p"))
        board.handled.set()

    values: list[float] = []
    previous = signal.signal(USER_SIGNAL, handler)
    try:
        assert connections.ask("get_many", "rp.pid1", ["p"]) == ["p"]
    finally:
        signal.signal(USER_SIGNAL, previous)
    assert values == [1.0]
    assert daemon.left.wait(20)  # the connection of that request only
    assert connections.ask("get", "rp.pid1", "p") == 1.0
