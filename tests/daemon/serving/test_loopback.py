"""Who may use a board over loopback, and what answers in place of its daemon is noticed."""

import contextlib
import os
import time
import uuid
from pathlib import Path

import Pyro5.api
import pytest

from pyrpl_remote import connect, errors
from pyrpl_remote.client.connections.connection import Connections
from pyrpl_remote.protocol import Code, Welcome
from pyrpl_remote.transport.secret import signed

from ...daemons import fake_board
from ...processes import reports, wait_until
from ...users import other_users
from .test_access import plain, secret


@pytest.fixture(scope="module")
def p():
    with fake_board("guarded") as p:
        yield p


def uri_of(p) -> str:
    return p._handle.session.connections.uri


def answer(p, handshake: object) -> Welcome:
    """The daemon's welcome to a greeting."""

    class Greeted(Pyro5.api.Proxy):
        def _pyroValidateHandshake(self, response):
            object.__setattr__(self, "answer", response)

    with Greeted(uri_of(p)) as proxy:
        proxy._pyroSerializer = "msgpack"
        proxy._pyroHandshake = handshake
        proxy._pyroBind()
        return Welcome.from_data(proxy.answer)


def place_of(p) -> tuple[str, str]:
    """Address and object of the board's daemon."""
    uri = Pyro5.api.URI(uri_of(p))
    return str(uri.location), uri.object


def greeting_of(p, key: bytes, session: str | None = None, **place: str) -> dict:
    """A greeting with a proof; `place` has another `address` or `object_id` than the daemon's."""
    address, object_id = place_of(p)
    where = {"address": address, "object_id": object_id, **place}
    return signed(key, "greeting", where["address"], where["object_id"], plain(session).to_data())


def log_of(p) -> str:
    return Path(p.status().daemon.log).read_text()


# what the daemon accepts


def test_client_and_daemon_prove_their_user_to_each_other(p):
    welcome = answer(p, greeting_of(p, secret()))
    assert (welcome.code, welcome.owner, len(welcome.proof)) == ("", "", 64)
    assert answer(p, plain().to_data()).proof == ""  # who proves nothing gets no proof


def test_a_greeting_that_was_recorded_is_refused_when_it_comes_again_and_the_log_says_so(p):
    recorded = greeting_of(p, secret(), uuid.uuid4().hex)
    assert answer(p, recorded).code == ""
    begin = time.monotonic()
    again = answer(p, recorded)
    assert again.code == Code.DENIED
    assert "has come before" in again.detail
    assert time.monotonic() - begin < 4
    assert "a connection was refused (denied): this greeting has come before" in log_of(p)
    wait_until(lambda: len(p.status().clients) == 1, what="the end of the recorded client")


def test_another_secret_of_the_same_user_is_accepted_by_the_systems_word(p):
    welcome = answer(p, greeting_of(p, os.urandom(32)))
    assert (welcome.code, welcome.proof) == ("", "")
    assert log_of(p).count("the system says that it is of this user") == 1


# another user, and what an impostor gets


IMPOSTOR = """
    import socket, threading
    import Pyro5.api
    from pyrpl_remote.names import directory
    from pyrpl_remote.protocol import Welcome
    from pyrpl_remote.transport.pyro_config import configure_server

    received = []

    class Board:
        @Pyro5.api.expose
        def status(self, *args):
            received.append("a request")
            return {{}}
        get = describe = stop = stream = status

    class Daemon(Pyro5.api.Daemon):
        def validateHandshake(self, conn, data):
            return Welcome({welcome}).to_data()

    def serve(sock):
        while True:
            connection, _ = sock.accept()
            if {answer!r} == "silence":
                received.append(connection)
                continue
            with connection:
                if {answer!r} == "nonsense":
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK" + bytes(100))

    if {answer!r} == "welcome":
        configure_server()
        daemon = Daemon(host="127.0.0.1", port=0)
        daemon.register(Board(), "pyrpl.{name}")
        place, work = daemon.locationStr, daemon.requestLoop
    else:
        sock = socket.create_server(("127.0.0.1", 0))
        place, work = "127.0.0.1:%d" % sock.getsockname()[1], lambda: serve(sock)
    threading.Thread(target=work, daemon=True).start()
    uri = "PYRO:pyrpl.{name}@" + place
    with directory.name_server() as names:
        names.register("pyrpl.{name}", uri, metadata={{"pyrpl", "kind:board", "name:{name}", "board:x:22"}})
    report(uri=uri)
    input()
    report(requests=received.count("a request"))
"""
"""A program that has registered the name of a board, and answers greetings in one of several ways."""


@pytest.fixture(scope="module")
def user():
    """Another user, who uses this user's name server."""
    with other_users() as make:
        (made,) = make(int(os.environ["PYRO_NS_PORT"]))
        yield made


@contextlib.contextmanager
def ended(process):
    """The process ends with the block."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.communicate("\n", timeout=60)


def test_another_user_is_refused_by_name_and_the_log_says_so(p, user):
    lines = f"""
        import time
        import Pyro5.api
        from pyrpl_remote import connect, errors, status, stop
        for use in (connect, status, stop):
            begin = time.monotonic()
            try:
                use("guarded")
            except errors.AccessDenied as error:
                report(**{{use.__name__: str(error), use.__name__ + "_seconds": time.monotonic() - begin}})
        for name in ("guarded", "guarded.pid0"):
            try:
                Pyro5.api.Proxy({uri_of(p)!r}.replace("guarded", name))._pyroBind()
            except Pyro5.errors.CommunicationError as error:
                report(**{{name: str(error)}})
    """
    output, error = user.run(lines).communicate(timeout=60)
    found = reports(output)
    for use in ("connect", "status", "stop"):
        assert f"user uid {user.uid} may not use it: it belongs to user" in found[use], error
        assert f"`pyrpl-remote share guarded --user {user.uid}`" in found[use]
        assert found[f"{use}_seconds"] < 1
    for name in ("guarded", "guarded.pid0"):
        assert f"user uid {user.uid} may not use it" in found[name]
    assert f"user uid {user.uid} may not use it" in log_of(p)
    assert len(p.status().clients) == 1


def test_a_client_that_closes_its_connection_at_once_does_not_pass_for_root(p, user):
    p.rp.pid0.p = 0.5
    lines = f"""
        import socket, sys
        sys.path.insert(0, {os.getcwd()!r})
        import msgpack
        from pyrpl_remote.protocol import Greeting
        from tests.campaigns.hostile_inputs import CONNECT, INVOKE, message
        host, port = {place_of(p)[0]!r}.split(":")
        said = Greeting("s", program="t", user="u", host="h", pid=1).to_data()
        for _ in range(50):
            with socket.create_connection((host, int(port))) as sock:
                sock.sendall(
                    message(CONNECT, msgpack.packb({{"handshake": said, "object": "pyrpl.guarded"}}))
                    + message(INVOKE, msgpack.packb(("pyrpl.guarded", "set", ("rp.pid0", "p", 0.0), {{}})))
                )
        report(done=True)
    """
    output, error = user.run(lines).communicate(timeout=60)
    assert reports(output) == {"done": True}, error
    wait_until(lambda: len(p.status().clients) == 1, what="the end of all its connections")
    assert p.rp.pid0.p == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("answer", ["welcome", "nonsense", "hanging up", "silence"])
def test_an_impostor_on_a_name_gets_no_request_and_is_named_within_5_s(p, user, answer):
    name = f"taken-{answer.replace(' ', '-')}"
    with ended(user.run(IMPOSTOR.format(answer=answer, name=name, welcome="proof='0' * 64"))) as impostor:
        assert reports(impostor.stdout.readline())["uri"]
        begin = time.monotonic()
        with pytest.raises((errors.AccessDenied, errors.DaemonSilent)) as caught:
            connect(name)
        assert time.monotonic() - begin < 15
        assert f"board {name!r}" in caught.value.message
        if answer != "silence":
            assert f"a program of user uid {user.uid} answers at 127.0.0.1:" in caught.value.message
            assert "no request was sent to it" in caught.value.remedy
        assert reports(impostor.communicate("\n", timeout=60)[0])["requests"] == 0


@pytest.mark.parametrize("welcome", ["", "owner='me'"])
def test_an_impostor_on_the_port_of_a_daemon_that_has_ended_gets_no_request(p, user, welcome):
    name = f"elsewhere{len(welcome)}"
    with ended(user.run(IMPOSTOR.format(answer="welcome", name=name, welcome=welcome))) as impostor:
        uri = reports(impostor.stdout.readline())["uri"]
        connections = Connections("guarded", uri_of(p), plain(uuid.uuid4().hex))
        assert connections.ask("get", "rp.pid0", "p") is not None
        connections.uri = uri
        connections.reopen()
        with pytest.raises(errors.AccessDenied, match=f"a program of user uid {user.uid} answers"):
            connections.ask("get", "rp.pid0", "p")
        connections.close()
        assert reports(impostor.communicate("\n", timeout=60)[0])["requests"] == 0
