"""Clients and gates where the system tells nobody's user, as on Windows: their proofs alone count."""

import pytest

from ..daemons import processes_begin_with
from .hosts import invitation, one_machine, pair

THE_SYSTEM_TELLS_NOTHING = """
from pyrpl_remote.machine import other_end, socket_diag
socket_diag.NETLINK_SOCK_DIAG = 99  # there is no such socket
other_end.TABLES = (("/nonexistent/tcp", 4),)
other_end._by_psutil = lambda *arguments: other_end.OtherEnd(None, None)
"""

BARE = """
import Pyro5.api, Pyro5.errors
from pyrpl_remote import discover
from pyrpl_remote.transport.secret import own_secret
uri = discover()[0].uri

def outcome(handshake):
    with Pyro5.api.Proxy(uri) as proxy:
        proxy._pyroHandshake = handshake
        try:
            return proxy.get("rp.pid0", "p")
        except Pyro5.errors.CommunicationError as error:
            return str(error)

report(hello=outcome("hello"), wrong=outcome("0" * 64), secret=outcome(own_secret().hex()))
"""

ANOTHER_SECRET = """
import os, time
from pyrpl_remote import connect, errors
from pyrpl_remote.transport import secret
secret.own_secret = lambda: os.urandom(32)
from pyrpl_remote.transport import channel
channel.own_secret = secret.own_secret
begin = time.monotonic()
try:
    connect("lab")
except errors.AccessDenied as error:
    report(text=str(error), seconds=time.monotonic() - begin)
"""


@pytest.fixture(scope="module")
def daq2(tmp_path_factory):
    """A host with a gate and a board; no process of it learns from the system whose a connection is."""
    folder = tmp_path_factory.mktemp("hosts")
    with processes_begin_with(folder, THE_SYSTEM_TELLS_NOTHING):
        host = one_machine("daq2", folder / "daq2")
        host.configure("lab")
        invitation(host)
        keeper = host.client()
        keeper.ask('p = connect("lab")')
        yield host
        keeper.end()
        host.run("unshare")


def test_a_client_of_the_same_user_is_known_by_its_proof(daq2):
    client = daq2.client()
    try:
        client.ask('p = connect("lab", private=True)')
        client.ask("p.rp.pid0.setpoint = 0.25")
        assert client.ask("p.rp.pid0.setpoint") == 0.25
    finally:
        client.end()
    assert "the system says that it is of this user" not in daq2.log("lab")


def test_a_client_without_the_secret_is_refused(daq2):
    refused = daq2.python(ANOTHER_SECRET)
    assert "has the secret of another user, and the system does not tell its user" in refused["text"]
    assert "PYRPL_REMOTE_DIR" in refused["text"]
    assert refused["seconds"] < 1
    assert "has the secret of another user" in daq2.log("lab")


def test_a_bare_client_gives_the_secret_as_its_handshake(daq2):
    found = daq2.python(BARE)
    for name in ("hello", "wrong"):
        assert "the secret as handshake" in found[name]
    assert isinstance(found["secret"], float)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_client_of_another_host_is_let_in_by_the_gates_proof(daq2, tmp_path, role):
    guest = one_machine(role, tmp_path / role)
    pair(daq2, guest, role)
    client = guest.client()
    try:
        client.ask('p = connect("lab", on="daq2")')
        assert client.ask("p.rp.pid0.p") is not None
        client.tell("p.rp.pid0.p = 0.5")
        assert client.answer().get("error") == ("AccessDenied" if role == "viewer" else None)
        assert client.ask('p.status()["board"]') == "lab"
    finally:
        client.end()
        daq2.run("revoke", role)
