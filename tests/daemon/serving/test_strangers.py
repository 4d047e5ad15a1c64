"""Before their greeting connections have little time and space; after it they cannot stop the others."""

import contextlib
import os
import socket
import struct
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import msgpack
import psutil
import Pyro5.api
import pytest
from Pyro5 import protocol, serializers

from pyrpl_remote import connect, discover
from pyrpl_remote.protocol import Greeting
from pyrpl_remote.transport.admission import MAX_GREETING

from ...campaigns.hostile_inputs import CONNECT, INVOKE, message, read
from ...daemons import fake_board, has_ended
from ...processes import wait_until


@pytest.fixture(scope="module")
def p():
    with fake_board("strangers") as p:
        yield p


@pytest.fixture
def stranger(p):
    """A new connection to the daemon."""
    with socket.create_connection(place(p)) as sock:
        sock.settimeout(20)
        yield sock


def place(p) -> tuple[str, int]:
    host, _, port = uri_of(p).rpartition("@")[2].partition(":")
    return host, int(port)


def uri_of(p) -> str:
    return next(entry.uri for entry in discover() if entry.name == p.status().board)


def greeting(object_id: str, session: str | None = "", said: Any = None, **changes: Any) -> bytes:
    session = uuid.uuid4().hex if session == "" else session
    ours = {**Greeting(session, program="test", user="me", host="here", pid=1).to_data(), **changes}
    return message(CONNECT, msgpack.packb({"handshake": said or ours, "object": object_id}))


def greet(sock: socket.socket, p, **changes: Any) -> None:
    sock.sendall(greeting(f"pyrpl.{p.status().board}", **changes))
    assert read(sock, 10)[6] == protocol.MSG_CONNECTOK


def is_closed(sock: socket.socket, seconds: float = 20.0) -> bool:
    sock.settimeout(seconds)
    try:
        while sock.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def test_a_connection_without_a_word_is_not_logged_and_another_one_names_no_client(p):
    # the name server looks in this way whether a daemon lives
    p.rp.pid0.p
    for said in (b"", b"GET"):
        with socket.create_connection(place(p)) as sock:
            sock.sendall(said)
            port = sock.getsockname()[1]
    path = Path(p.status().daemon.log)
    line = wait_until(
        lambda: next((one for one in path.read_text().splitlines() if f":{port} was" in one), ""),
        what="the line",
    )
    assert f"[{p.status().board}]" in line
    assert "closed before its greeting" in line
    assert path.read_text().count("closed before its greeting") == 1


def test_refusals_are_in_the_log_and_do_not_fill_it(p):
    for _ in range(50):
        with socket.create_connection(place(p)) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n" + b"\0" * 40)
            assert is_closed(sock)
    log = Path(p.status().daemon.log).read_text()
    assert 1 <= log.count("was refused: ") <= 10


def test_a_silent_connection_ends_after_5_s_and_so_does_one_that_dribbles(p):
    with socket.create_connection(place(p)) as silent, socket.create_connection(place(p)) as dribbling:
        begin = time.monotonic()

        def dribble() -> None:
            try:
                for byte in greeting("x"):
                    dribbling.sendall(bytes([byte]))
                    time.sleep(0.3)
            except OSError:
                pass

        thread = threading.Thread(target=dribble)
        thread.start()
        assert is_closed(silent)
        assert time.monotonic() - begin > 4
        assert is_closed(dribbling)
        thread.join()
    assert p.rp.pid0.p is not None


def test_2100_silent_connections_keep_no_good_client_out(p):
    daemon = psutil.Process(p.status().daemon.pid)
    held = []
    try:
        for number in range(2100):
            held.append(socket.create_connection(place(p)))
            if number % 300 == 0:
                assert p.rp.pid0.p is not None
        with Pyro5.api.Proxy(uri_of(p)) as bare:
            assert bare.get("rp.pid0", "p") == p.rp.pid0.p
        assert daemon.num_threads() < MAX_GREETING + 60
    finally:
        for sock in held:
            sock.close()
    with Pyro5.api.Proxy(uri_of(p)) as bare:
        assert bare.get("rp.pid0", "p") == p.rp.pid0.p
    wait_until(lambda: daemon.num_threads() < 40, what="the threads to end")


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(message(CONNECT, b"", size=2**17), id="long"),
        pytest.param(message(CONNECT, b"\x80", 2), id="marshal"),
        pytest.param(message(CONNECT, b"{}", 3), id="json"),
        pytest.param(message(CONNECT, b"x", flags=protocol.FLAGS_COMPRESSED), id="compressed"),
        pytest.param(message(INVOKE, b"x"), id="request"),
        pytest.param(message(CONNECT, msgpack.packb({"handshake": "hello"})), id="no object"),
        pytest.param(
            message(CONNECT, msgpack.packb({"handshake": 1, "object": "x" * 300})), id="long object"
        ),
        pytest.param(message(CONNECT, msgpack.packb({"handshake": 1, "object": "x", "more": 1})), id="more"),
    ],
)
def test_a_greeting_that_is_none_is_refused_at_once(p, stranger, first):
    stranger.sendall(first)
    assert is_closed(stranger, 3)
    assert p.rp.pid0.p is not None


@pytest.mark.parametrize(
    "said", [{"__class__": "Pyro5.client.Proxy", "state": []}, {"__class__": "os.system"}]
)
def test_a_greeting_makes_no_objects(p, stranger, said):
    stranger.sendall(greeting(f"pyrpl.{p.status().board}", said=said))
    assert b"is refused" in read(stranger, 5)
    assert is_closed(stranger, 3)


def test_a_request_makes_no_objects_and_connects_to_nobody(p):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.5)
        uri = f"PYRO:x@127.0.0.1:{trap.getsockname()[1]}"
        proxy = {"__class__": "Pyro5.client.Proxy", "state": [uri, [], [], [], "hello", "hello", 1]}
        for serializer in ("msgpack", "serpent"):
            with Pyro5.api.Proxy(uri_of(p)) as bare:
                bare._pyroSerializer = serializer
                with pytest.raises(Exception, match=r"refused|lost|not enough data"):
                    bare.set("rp.pid0", "p", proxy)
        with pytest.raises(TimeoutError):
            trap.accept()


@pytest.mark.parametrize("flag", ["COMPRESSED", "BATCH", "ONEWAY", "KEEPSERIALIZED", "ITEMSTREAMRESULT"])
@pytest.mark.parametrize("direct", [True, False])
def test_a_message_with_a_special_flag_ends_its_connection_and_says_why(p, stranger, flag, direct):
    greet(stranger, p, direct=direct)
    data = msgpack.packb((f"pyrpl.{p.status().board}.scope", "single", [], {}))
    stranger.sendall(message(INVOKE, data, flags=getattr(protocol, f"FLAGS_{flag}")))
    assert b"plain requests" in read(stranger, 5)
    assert is_closed(stranger, 3)
    assert p.rp.pid0.p is not None


@pytest.mark.parametrize("serializer", [2, 3, 99])
@pytest.mark.parametrize("direct", [True, False])
def test_a_request_in_another_serializer_ends_its_connection(p, stranger, serializer, direct):
    greet(stranger, p, direct=direct)
    stranger.sendall(message(INVOKE, b"\xe9\xff\xff\xff\x7f", serializer))
    assert is_closed(stranger, 3)
    assert p.rp.pid0.p is not None


@pytest.mark.skipif(
    os.environ.get("PYRPL_REMOTE_TRANSPORT") == "ordinary", reason="no connection is served in the Qt thread"
)
def test_a_direct_connection_has_the_boards_object_only(p, stranger):
    greet(stranger, p, direct=True)
    for object_id in (f"pyrpl.{p.status().board}.scope", "Pyro.Daemon", None, ["x"]):
        stranger.sendall(message(INVOKE, msgpack.packb((object_id, "get", ["rp.pid0", "p"], {}))))
        assert b"on a direct connection" in read(stranger, 5)
    assert p.rp.pid0.p is not None


def test_a_long_request_in_serpent_is_refused_and_holds_up_nobody(p, stranger):
    greet(stranger, p)
    begin = time.monotonic()
    stranger.sendall(message(INVOKE, b"", 1, size=4 * 2**20))
    assert is_closed(stranger, 5)
    assert p.rp.pid0.p is not None
    assert time.monotonic() - begin < 4
    with Pyro5.api.Proxy(uri_of(p)) as bare:  # the same for a client that waits for an answer
        assert bare.get("rp.pid0", "p") == p.rp.pid0.p


def test_an_array_consists_of_bytes_and_has_a_simple_type(p, stranger):
    greet(stranger, p)
    for content in (["<f8", [2], {"!int": "4000000000"}], ["f8,(9,)f8", [1], b"x" * 8], ["O", [1], b"x" * 8]):
        asked = (f"pyrpl.{p.status().board}", "set", ["rp.asg0", "data", {"!array": content}], {})
        stranger.sendall(message(INVOKE, msgpack.packb(asked)))
        assert b"malformed" in read(stranger, 5)


@pytest.mark.skipif(
    os.environ.get("PYRPL_REMOTE_TRANSPORT") == "ordinary", reason="no connection is served in the Qt thread"
)
def test_a_long_list_in_the_qt_thread_is_refused(p, stranger):
    greet(stranger, p, direct=True)
    data = msgpack.packb((f"pyrpl.{p.status().board}", "set", ["rp.pid0", "p", [1] * 5_000_000], {}))
    with contextlib.suppress(OSError):  # it is refused by its header
        stranger.sendall(message(INVOKE, data))
    assert is_closed(stranger, 5)
    assert p.rp.pid0.p is not None


def test_a_client_is_what_the_system_says_of_it(p):
    me = psutil.Process()
    with contextlib.ExitStack() as strangers:

        def found() -> list[Any]:
            # those whose program it searched for: the daemon does so for some connections a second only
            sock = strangers.enter_context(socket.create_connection(place(p), 20))
            greet(sock, p, program="x[/red]\x1b[31m", user="root\n", host="\0", pid=4_000_000_000)
            known = [client for client in p.status().clients if client.pid is not None]
            return known if len(known) > 1 else []

        clients = wait_until(found, what="the client's program")
    for client in clients:
        assert client.pid == me.pid
        assert client.user == me.username()
        assert client.host == socket.gethostname()
        assert client.program.isprintable() and "red" not in client.program


def test_what_clients_report_of_their_modules_is_checked(p, stranger):
    greet(stranger, p)
    for modules in (5, ["x" * 300], ["a"] * 1001, ["[/red]\n"], [1]):
        data = msgpack.packb((f"pyrpl.{p.status().board}", "heartbeat", [modules], {}))
        stranger.sendall(message(INVOKE, data))
        assert b"list of at most" in read(stranger, 5)
    assert len(p.status().clients) == 2


def test_a_session_piles_up_no_more_than_its_share(p, stranger):
    greet(stranger, p)

    def ask(*content: Any) -> bytes:
        stranger.sendall(message(INVOKE, msgpack.packb((f"pyrpl.{p.status().board}", *content, {}))))
        return read(stranger, 10)

    for number in (-1, 2**63, "1", None, 1.0):
        for verb, args in (
            ("abandon", []),
            ("release", []),
            ("unsubscribe", []),
            ("subscribe", ["change", ""]),
        ):
            assert b"an int" in ask(verb, [number, *args])
    data = [
        message(INVOKE, msgpack.packb((f"pyrpl.{p.status().board}", "subscribe", [number, "link", ""], {})))
        for number in range(1001)
    ]
    answers = []
    for number, one in enumerate(data):
        if number % 100 == 0:
            ask("heartbeat", [])  # a silent session would be ended
        stranger.sendall(one)
        answers.append(read(stranger, 10))
    assert b"1000 subscriptions" in answers[-1]
    assert b"!error" not in answers[-2]


@pytest.mark.parametrize(
    "first",
    [
        lambda name: greeting(f"pyrpl.{name}.nothing"),
        lambda name: greeting(f"pyrpl.{name}", session=None),
        lambda name: message(CONNECT, msgpack.packb({"handshake": "hello", "object": "unknown"})),
        lambda name: greeting(f"pyrpl.{name}") + b"PYRO",
    ],
    ids=["unknown object", "observer", "bare, unknown object", "reset"],
)
def test_a_daemon_ends_although_a_stranger_greeted_it(first, request):
    name = f"ends{request.node.callspec.indices['first']}"
    with fake_board(name) as p:
        daemon, at = psutil.Process(p.status().daemon.pid), place(p)
        sock = socket.create_connection(at)
        sock.sendall(first(name))
        if request.node.callspec.id == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        else:
            read(sock, 5)
    with sock:
        wait_until(lambda: has_ended(daemon), 20, "the daemon's end")


def test_a_good_client_of_another_serializer_is_served(p):
    assert serializers.serializers  # pyro's own in this process
    with Pyro5.api.Proxy(uri_of(p).replace("@", ".pid0@")) as pid:
        pid.setpoint = 0.25
        assert pid.setpoint == p.rp.pid0.setpoint == 0.25
    with connect(p.status().board) as again:
        assert again.rp.pid0.setpoint == 0.25
