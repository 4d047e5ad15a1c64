"""Greetings: our own clients, those of other releases, bare Pyro5 clients, and garbage."""

import contextlib
import socket
import threading
import uuid
from typing import Any

import Pyro5.api
import pytest
from Pyro5 import errors as pyro_errors

import pyrpl_remote.protocol
from pyrpl_remote import __version__, connect, errors, status, stop
from pyrpl_remote.daemon.serving.clients import Clients
from pyrpl_remote.daemon.serving.server import BoardServer
from pyrpl_remote.protocol import PROTOCOL, VERBS, Code, Greeting, Welcome

from ...daemons import fake_board, processes_begin_with
from ...processes import wait_until

OLD_GREETING = {
    "session": "s1",
    "private": False,
    "quick": True,
    "program": "notebook",
    "user": "ada",
    "host": "lab1",
    "pid": 42,
}
"""What a client of release 0.1.0 says."""


@pytest.fixture(scope="module")
def p():
    with fake_board("greeted") as p:
        yield p


def greeting(**changes) -> dict:
    data = Greeting(uuid.uuid4().hex, program="test", user="me", host="here", pid=1).to_data()
    return {**data, **changes}


def proxy(p, handshake: object) -> Pyro5.api.Proxy:
    """A bare Pyro5 proxy of the board's object that begins with `handshake`; `answer` is the daemon's."""

    class Greeted(Pyro5.api.Proxy):
        def _pyroValidateHandshake(self, response):
            object.__setattr__(self, "answer", response)

    made = Greeted(p._handle.session.connections.uri)
    made._pyroSerializer = "msgpack"
    made._pyroHandshake = handshake
    return made


def programs(p) -> list[str]:
    return [client.program for client in p.status().clients]


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": "42"},
        {"session": ""},
        {"more": 1},
        {"program": "x" * 10_000},
        {"release": None},
        {"direct": 1},
    ],
)
def test_a_malformed_greeting_is_refused_and_the_daemon_serves_on(p, changes):
    with proxy(p, greeting(**changes)) as bare:
        bare._pyroBind()
        welcome = Welcome.from_data(bare.answer)
        assert welcome.code == Code.MALFORMED
        assert "greeting" in welcome.detail
        assert len(programs(p)) == 1
        with pytest.raises(pyro_errors.ConnectionClosedError):
            bare.get("rp.pid0", "p")
    assert p.rp.pid0.p is not None


def test_a_greeting_of_another_protocol_is_refused_with_both_numbers(p):
    with proxy(p, {"protocol": 99, "something": "else"}) as bare:
        bare._pyroBind()
        welcome = Welcome.from_data(bare.answer)
        assert (welcome.code, welcome.release) == (Code.PROTOCOL, __version__)
        assert welcome.detail == f"this daemon speaks protocol {PROTOCOL}, the client 99"
    assert p.rp.pid0.p is not None


def test_a_good_greeting_is_welcomed_and_its_client_listed(p):
    with proxy(p, greeting()) as bare:
        bare._pyroBind()
        assert Welcome.from_data(bare.answer) == Welcome()
        assert len(programs(p)) == 2
        assert bare.get("rp.pid0", "p") == p.rp.pid0.p
    wait_until(lambda: len(programs(p)) == 1, what="the client's end")


def test_an_observer_is_welcomed_and_holds_nothing(p):
    before = programs(p)
    with proxy(p, greeting(session=None)) as bare:
        bare._pyroBind()
        assert Welcome.from_data(bare.answer) == Welcome()
        assert programs(p) == before
        assert bare.status()["board"] == "greeted"
        reply = bare.get("rp.pid0", "p")
        assert "needs a session" in reply["!error"]["message"]


@pytest.mark.parametrize("fast", [False, True])
def test_a_client_of_another_protocol_gets_an_error_with_both_releases_and_the_remedy(p, monkeypatch, fast):
    monkeypatch.setenv("PYRPL_REMOTE_TRANSPORT", "fast" if fast else "ordinary")
    # a client of another release is one whose number differs
    monkeypatch.setattr(pyrpl_remote.protocol, "PROTOCOL", PROTOCOL + 1)
    monkeypatch.setattr(
        Greeting, "to_data", lambda self: {"protocol": PROTOCOL + 1, "session": self.session, "news": 1}
    )
    with pytest.raises(errors.ReleaseMismatch) as caught:
        connect("greeted", private=True)
    assert caught.value.message.count(__version__) == 2
    assert "continues to serve its other clients" in caught.value.message
    assert "install the same release" in caught.value.remedy
    with pytest.raises(errors.ReleaseMismatch):
        status("greeted")
    monkeypatch.undo()
    assert p.rp.pid0.p is not None
    assert p.status().state == "connected"


def test_a_client_of_the_first_release_gets_an_error_that_names_the_daemons_release(p):
    with (
        proxy(p, OLD_GREETING) as bare,
        pytest.raises(pyro_errors.CommunicationError, match=f"release {__version__}.*install the same"),
    ):
        bare._pyroBind()
    assert p.rp.pid0.p is not None
    assert len(programs(p)) == 1


def test_a_daemon_of_the_first_release_raises_release_mismatch():
    class OldDaemon(Pyro5.api.Daemon):
        def validateHandshake(self, conn, data):
            return "hello"

    class Board:
        @Pyro5.api.expose
        def describe(self):
            return {}

    with OldDaemon(host="127.0.0.1", port=0) as daemon:
        uri = str(daemon.register(Board(), "pyrpl.old"))
        thread = threading.Thread(target=daemon.requestLoop)
        thread.start()
        with pytest.raises(errors.ReleaseMismatch, match=r"pyrpl_remote 0\.1\.0 or older"):
            status(pyrpl_remote.Entry("old", uri, ""))
        daemon.shutdown()
        thread.join()


@pytest.mark.parametrize("handshake", ["hello", None, 3, ["protocol"]])
def test_a_bare_pyro5_client_is_a_session_of_its_own(p, handshake):
    before = len(programs(p))
    with proxy(p, handshake) as bare:
        bare._pyroBind()
        assert len(programs(p)) == before + 1
        assert bare.get("rp.pid0", "p") == p.rp.pid0.p
    wait_until(lambda: len(programs(p)) == before, what="the client's end")


def test_garbage_in_place_of_a_greeting_ends_that_connection_only(p):
    host, _, port = p._handle.session.connections.uri.rpartition("@")[2].partition(":")
    for garbage in (b"GET / HTTP/1.1\r\n\r\n" + b"\0" * 100, b"PYRO" + b"\xff" * 100, b"\0" * 40):
        with socket.create_connection((host, int(port))) as stranger:
            stranger.settimeout(20)
            stranger.sendall(garbage)
            answer = wait_for_end(stranger)
        assert answer == b"" or answer.startswith(b"PYRO")  # Pyro5's refusal, at most
    assert p.rp.pid0.p is not None


def wait_for_end(sock: socket.socket) -> bytes:
    received = b""
    # the daemon may have closed it already, with bytes that it never read
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
    with contextlib.suppress(ConnectionError):
        while piece := sock.recv(4096):
            received += piece
    return received


def test_an_ending_daemon_refuses_our_clients_by_a_code_and_bare_ones_by_an_error_of_pyro5(tmp_path):
    with processes_begin_with(tmp_path, "import pyrpl_remote.daemon.service as s; s.REPLY_SECONDS = 3.0"):
        leaving = fake_board("leaving")
    with leaving:
        stop("leaving")
        with proxy(leaving, greeting()) as ours:
            ours._pyroBind()
            assert Welcome.from_data(ours.answer).code == Code.STOPPED
        with (
            proxy(leaving, "hello") as bare,
            pytest.raises(pyro_errors.CommunicationError, match="the daemon was stopped by"),
        ):
            bare._pyroBind()
        # who only looks is served to the end
        assert status("leaving").state == "ending"


@pytest.mark.parametrize("verb", [name for name, verb in VERBS.items() if not verb.observer])
def test_an_observer_cannot_read_or_change_the_board(p, verb):
    with proxy(p, greeting(session=None)) as bare:
        bare._pyroBind()
        assert "needs a session" in getattr(bare, verb)()["!error"]["message"]


@pytest.mark.parametrize("session", [None, "s1"])
def test_accepted_connections_have_tcp_nodelay_and_keepalive(session):
    accepted = []

    class Watched(BoardServer):
        def validateHandshake(self, conn, data):
            answer = super().validateHandshake(conn, data)
            accepted.append(conn.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            accepted.append(conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
            return answer

        def clientDisconnect(self, conn):
            pass  # there is no board whose calls could end

    nothing: Any = None  # it carries out no request
    server = Watched("pyrpl.watched", Clients(None, lambda: None), nothing, nothing)
    thread = threading.Thread(target=server.requestLoop)
    thread.start()
    with server, Pyro5.api.Proxy(server.board_uri) as bare:
        bare._pyroHandshake = greeting(session=session)
        bare._pyroBind()
        server.shutdown()
    thread.join()
    assert len(accepted) == 2
    assert all(accepted)
