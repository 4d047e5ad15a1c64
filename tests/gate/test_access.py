"""Who may come in through a gate, and what for: a refusal has a clear error there, a line in the log here."""

import json
import socket
import time
import uuid
from contextlib import closing

import msgpack
import Pyro5.api
import pytest
from Pyro5 import errors as pyro_errors

from pyrpl_remote.client.connections.connection import Connections
from pyrpl_remote.errors import AccessDenied, BoardGone, HostUnreachable, PyrplRemoteError
from pyrpl_remote.protocol import VERBS, Greeting, Role
from pyrpl_remote.transport.lan import device_keys, gate_connection, paired_hosts, tls

from ..campaigns.hostile_inputs import CONNECT, message, read
from ..processes import wait_until
from .hosts import as_user_of, await_logged, invitation, one_machine, pair


@pytest.fixture(scope="module")
def daq2(tmp_path_factory):
    """A host with a gate and a board that is served."""
    host = one_machine("daq2", tmp_path_factory.mktemp("hosts") / "daq2")
    host.configure("lab")
    invitation(host)
    keeper = host.client()
    keeper.ask('p = connect("lab")')
    yield host
    keeper.end()
    host.run("unshare")


@pytest.fixture(scope="module")
def operator(daq2, tmp_path_factory):
    host = one_machine("bench", tmp_path_factory.mktemp("hosts") / "bench")
    pair(daq2, host, "operator")
    return host


@pytest.fixture(scope="module")
def viewer(daq2, tmp_path_factory):
    host = one_machine("office", tmp_path_factory.mktemp("hosts") / "office")
    pair(daq2, host, "viewer")
    return host


@pytest.fixture(scope="module")
def gate_port(daq2) -> int:
    return json.loads((daq2.folder / "state" / "lan" / "gate.json").read_text())["port"]


def test_a_silent_connection_is_closed_while_others_are_served(gate_port, viewer):
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", gate_port)) as silent:
        assert viewer.run("get", "lab@daq2", "pid0.p").returncode == 0
        silent.settimeout(20)
        assert silent.recv(1) == b""
    assert time.monotonic() - begin > 4


def test_only_this_user_may_read_the_keys(daq2):
    folder = daq2.folder / "state" / "lan"
    assert folder.stat().st_mode & 0o77 == 0
    for name in ("device.key", "device.crt", "peers.json", "invitations.json"):
        assert (folder / name).stat().st_mode & 0o77 == 0, name


def test_a_client_without_a_certificate_is_refused(daq2, gate_port):
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", gate_port)) as plain:
        context = tls.client_context(None, None, tls.REQUESTS)
        with pytest.raises(AccessDenied, match="no certificate"):
            gate_connection.GateConnection("daq2", context.wrap_socket(plain), 2.0)
    assert time.monotonic() - begin < 4
    await_logged(daq2, "no certificate")


def test_a_client_with_a_foreign_key_is_refused(daq2, gate_port, operator, tmp_path_factory):
    with as_user_of(operator):
        known = paired_hosts.peer("daq2")
    foreign = one_machine("foreign", tmp_path_factory.mktemp("hosts") / "foreign")
    with as_user_of(foreign):
        device_keys.ensure_device()
        begin = time.monotonic()
        with pytest.raises(AccessDenied, match="does not know this machine"):
            gate_connection.dial_peer(known)
    assert time.monotonic() - begin < 4
    await_logged(daq2, "the key of no paired host")


def test_a_revoked_host_is_refused_and_its_connections_end(daq2, tmp_path_factory):
    guest = one_machine("revoked", tmp_path_factory.mktemp("hosts") / "revoked")
    pair(daq2, guest)
    with as_user_of(guest):
        with closing(gate_connection.dial("daq2")) as gate:
            assert gate.ask("boards")["served"]
            daq2.run("revoke", "revoked")
            gate.sock.settimeout(20)
            assert gate.sock.recv(1) == b""
        begin, before = time.monotonic(), daq2.log().count("the key of no paired host")
        with pytest.raises(AccessDenied, match="revoked"):
            gate_connection.dial("daq2")
        assert time.monotonic() - begin < 4
    wait_until(
        lambda: daq2.log().count("the key of no paired host") > before, what="a line in the gate's log"
    )


def test_an_impostor_at_the_address_of_a_host_is_noticed(operator, tmp_path_factory):
    impostor = one_machine("impostor", tmp_path_factory.mktemp("hosts") / "impostor")
    invitation(impostor)
    port = json.loads((impostor.folder / "state" / "lan" / "gate.json").read_text())["port"]
    try:
        with as_user_of(operator):
            begin = time.monotonic()
            place = paired_hosts.PairedHost(**{**vars(paired_hosts.peer("daq2")), "port": port})
            with pytest.raises(HostUnreachable, match="another key"):
                gate_connection.dial_peer(place)
            assert time.monotonic() - begin < 4
    finally:
        impostor.run("unshare")


def test_a_client_without_tls_is_told_what_the_port_speaks(daq2, gate_port):
    with Pyro5.api.Proxy(f"PYRO:pyrpl.lab@127.0.0.1:{gate_port}") as proxy:
        proxy._pyroTimeout = 3.0
        begin = time.monotonic()
        with pytest.raises(pyro_errors.CommunicationError, match="speaks TLS"):
            proxy._pyroBind()
        assert time.monotonic() - begin < 4
    await_logged(daq2, "speaks TLS")


@pytest.mark.parametrize(
    "bytes_sent", [b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(300), b"P" * 500]
)
def test_bytes_that_are_no_tls_end_the_connection(gate_port, bytes_sent):
    with socket.create_connection(("127.0.0.1", gate_port)) as sock:
        sock.sendall(bytes_sent)
        sock.settimeout(20)
        try:
            while sock.recv(1000):
                pass
        except ConnectionResetError:
            pass


ALLOWED_ARGUMENTS = {"set": ["rp.pid0", "p", 1.0], "call": ["rp.pid0", "setup", [], {}, 1]}


def test_a_viewer_looks_and_listens(viewer):
    client = viewer.client()
    try:
        client.ask('p = connect("lab", on="daq2")')
        assert client.ask("p.rp.pid0.p") is not None
        client.ask("heard = []")
        client.ask("p.rp.pid0.on_change(heard.append)")
        assert client.ask('p.status()["board"]') == "lab"
    finally:
        client.end()


def test_a_viewer_is_refused_every_verb_that_changes_something(viewer, daq2):
    client = viewer.client()
    changing = [name for name, verb in VERBS.items() if verb.role > Role.VIEWER]
    try:
        client.ask('p = connect("lab", on="daq2")')
        before = client.ask("p.rp.pid0.p")
        for name in changing:
            arguments = ALLOWED_ARGUMENTS.get(name, [])
            begin = time.monotonic()
            error, text = client.error(f"p._handle.session.connections.ask({name!r}, *{arguments!r})")
            assert time.monotonic() - begin < 4, name
            assert error == "AccessDenied", (name, error, text)
            assert repr(name) in text and "viewer" in text and "office" in text
            assert f"may not use {name!r}: its role is viewer" in daq2.log("lab")
        for line in (
            "p.rp.pid0.p = 3",
            "p.rp.pid0.setup(p=1)",
            "p.rp.scope.single(timeout=2)",
            'p.c.a = {"b": 1}',
        ):
            assert client.error(line)[0] == "AccessDenied", line
        assert client.ask("p.rp.pid0.p") == before
    finally:
        client.end()


def test_an_operator_may_not_stop_a_board_nor_use_private_names(operator):
    client = operator.client()
    try:
        client.ask('p = connect("lab", on="daq2")')
        client.ask("p.rp.pid0.p = 0.5")
        error, text = client.error('stop("lab")')
        assert error == "AccessDenied" and "'stop'" in text and "operator" in text
        error, text = client.error('connect("lab", on="daq2", private=True)')
        assert error == "AccessDenied" and "underscore" in text
    finally:
        client.end()


def test_an_operator_records_into_a_folder_of_the_host_and_a_viewer_only_looks(operator, viewer, daq2):
    client, looking = operator.client(), viewer.client()
    try:
        client.ask('p = connect("lab", on="daq2")')
        looking.ask('p = connect("lab", on="daq2")')
        elsewhere = daq2.folder / "elsewhere.csv"
        error, text = client.error(f'p.record({str(elsewhere)!r}, ["pid0.ival"])')
        assert error == "AccessDenied" and "'elsewhere.csv'" in text
        assert client.error('p.record("../out.csv", ["pid0.ival"])')[0] == "ValueError"
        client.ask('job = p.record("out.csv", ["pid0.ival"], every=0.05)')
        folder = daq2.folder / "state" / "recordings"
        assert client.ask('job.status().parameters["file"]') == str(folder / "out.csv")
        (job,) = looking.ask("[(job.id, job.by) for job in p.jobs()]")
        assert job[1].endswith("at bench)")
        assert looking.error(f"p.stop_job({job[0]})")[0] == "AccessDenied"
        assert looking.error('p.record("x.csv", ["pid0.ival"])')[0] == "AccessDenied"
        client.ask("job.stop()")
        assert looking.ask("len(p.jobs())") == 0
        assert [one.name for one in folder.iterdir()] == ["out.csv"]
        assert not elsewhere.exists()
    finally:
        client.end()
        looking.end()


def test_a_viewer_starts_no_daemon(viewer, daq2):
    daq2.configure("other", sshport=1234)
    client = viewer.client()
    try:
        error, text = client.error('connect("other", on="daq2")')
        assert error == "AccessDenied" and "only look" in text
    finally:
        client.end()


def test_only_boards_of_the_hosts_own_configurations_are_started(operator):
    client = operator.client()
    try:
        for name in ("nosuch", "/etc/passwd"):
            error, text = client.error(f'connect({name!r}, on="daq2")')
            assert error in ("UnknownBoard", "BadParameter"), text
    finally:
        client.end()


def test_a_connection_leads_to_boards_of_this_host_only(operator, daq2):
    greeting = Greeting(uuid.uuid4().hex, program="test", user="me", host="here", pid=1)
    with as_user_of(operator):
        for name in ("pyrpl.elsewhere", "Pyro.NameServer", "Pyro.Daemon", "pyrpl.", "instrument"):
            begin = time.monotonic()
            connections = Connections("elsewhere", f"PYRO:{name}@127.0.0.1:9090", greeting, on="daq2")
            with pytest.raises(BoardGone, match="has no object") as caught:
                connections.ask("get", "rp.pid0", "p")
            assert time.monotonic() - begin < 4
            assert name in caught.value.message
            assert f"bench asked for {name!r} at '127.0.0.1:9090'" in daq2.log()


def test_a_connection_that_was_opened_leads_to_no_other_object(operator, daq2):
    with as_user_of(operator), closing(gate_connection.dial("daq2")) as gate:
        board = gate.ask("boards")["served"][0]["uri"].removeprefix("PYRO:")
        name, _, location = board.partition("@")
        assert gate.ask("open", object=name, location=location)["opened"]
        gate.sock.sendall(message(CONNECT, msgpack.packb({"handshake": "hello", "object": "Pyro.Daemon"})))
        assert b"this connection leads to pyrpl.lab, not to Pyro.Daemon" in read(gate.sock, 20)
    await_logged(daq2, "bench: this connection leads to pyrpl.lab, not to Pyro.Daemon")


def test_another_role_counts_at_once_for_connections_too(daq2, tmp_path_factory):
    guest = one_machine("promoted", tmp_path_factory.mktemp("hosts") / "promoted")
    pair(daq2, guest, "operator")
    with as_user_of(guest), closing(gate_connection.dial("daq2")) as gate:
        assert gate.role == "operator"
        pair(daq2, guest, "viewer")
        gate.sock.settimeout(20)
        assert gate.sock.recv(1) == b""
        with closing(gate_connection.dial("daq2")) as again:
            assert again.role == "viewer"
    daq2.run("revoke", "promoted")


def test_silent_connections_keep_no_paired_machine_out(gate_port, operator):
    held = []
    try:
        with as_user_of(operator):
            for number in range(200):
                held.append(socket.create_connection(("127.0.0.1", gate_port)))
                if number % 2:
                    held[-1].sendall(b"\x16\x03\x01\x02\x00")
                if number % 40 == 0:
                    begin = time.monotonic()
                    with closing(gate_connection.dial("daq2")) as gate:
                        assert gate.ask("boards")["served"]
                    assert time.monotonic() - begin < 4
    finally:
        for sock in held:
            sock.close()


@pytest.mark.parametrize(
    "request_", [{"ask": "open"}, {"ask": "open", "object": 3, "location": []}, {"ask": 1}, {}]
)
def test_a_malformed_request_ends_the_connection(operator, request_):
    with (
        as_user_of(operator),
        closing(gate_connection.dial("daq2")) as gate,
        pytest.raises(PyrplRemoteError),
    ):
        gate.ask(request_.pop("ask", "nonsense"), **request_)


BARE = """
import os, Pyro5.api, Pyro5.errors
from Pyro5 import config
folder = os.path.join(os.environ["PYRPL_REMOTE_DIR"], "lan")
config.SSL = True
config.SSL_CACERTS = os.path.join(folder, "host-daq2.crt")
config.SSL_CLIENTCERT = os.path.join(folder, "device.crt")
config.SSL_CLIENTKEY = os.path.join(folder, "device.key")

def outcome(work):
    try:
        return work()
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"

found = Pyro5.api.Proxy("PYRONAME:pyrpl.lab.pid0@127.0.0.1:{port}")
ns = Pyro5.api.Proxy("PYRO:Pyro.NameServer@127.0.0.1:{port}")
report(
    read=outcome(lambda: found.p),
    written=outcome(lambda: setattr(found, "p", 0.25)),
    called=outcome(lambda: found.setup(p=0.25)),
    names=sorted(ns.list(prefix="pyrpl.lab.pid")),
    uri=str(ns.lookup("pyrpl.lab.pid0")),
    registered=outcome(lambda: ns.register("pyrpl.lab", "PYRO:evil@10.0.0.1:1")),
    regex=outcome(lambda: ns.list(regex=".*")),
    other=outcome(lambda: Pyro5.api.Proxy("PYRO:pyrpl.other@127.0.0.1:{port}")._pyroBind()),
    daemon=outcome(lambda: Pyro5.api.Proxy("PYRO:Pyro.Daemon@127.0.0.1:{port}")._pyroBind()),
)
"""


def test_a_bare_pyro5_client_uses_a_board_with_pyro5s_own_ssl_settings(daq2, operator, viewer, gate_port):
    found = operator.python(BARE.format(port=gate_port))
    assert isinstance(found["read"], float)
    assert found["written"] is None
    assert f"@127.0.0.1:{gate_port}" in found["uri"]
    assert "pyrpl.lab.pid0" in found["names"]
    assert "read-only" in found["registered"]
    assert "regular expressions" in found["regex"]
    for name in ("other", "daemon"):
        assert "has no object" in found[name]
    await_logged(daq2, "this host has no object 'pyrpl.other' for other hosts")
    looked = viewer.python(BARE.format(port=gate_port))
    assert isinstance(looked["read"], float)
    for name, verb in (("written", "set"), ("called", "call")):
        assert f"'{verb}'" in looked[name] and "viewer" in looked[name]


def test_a_bare_pyro5_client_without_a_certificate_is_refused(gate_port, operator):
    lines = BARE.replace("config.SSL_CLIENTCERT", "unused_1").replace("config.SSL_CLIENTKEY", "unused_2")
    lines = lines.split("def outcome")[0] + (
        "try:\n    Pyro5.api.Proxy('PYRO:pyrpl.lab@127.0.0.1:{port}')._pyroBind()\n"
        "except Pyro5.errors.CommunicationError as error:\n    report(text=str(error))\n"
    )
    assert "no certificate" in operator.python(lines.format(port=gate_port))["text"]
