"""Two hosts with a cable between them: one has a board, the other one uses it as if it were its own."""

import contextlib
import json
import time

import pytest

from tests.processes import wait_until

from .hosts import REASON, Host, can_make_namespaces, pair, two_hosts

pytestmark = pytest.mark.skipif(not can_make_namespaces(), reason=REASON)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    with two_hosts(tmp_path_factory.mktemp("hosts")) as (daq2, laptop):
        daq2.configure("lab")
        pair(daq2, laptop)
        yield daq2, laptop


@pytest.fixture(scope="module")
def daq2(hosts) -> Host:
    return hosts[0]


@pytest.fixture(scope="module")
def laptop(hosts) -> Host:
    return hosts[1]


@pytest.fixture(scope="module")
def client(laptop):
    """A program on the laptop with `p`, the board of the other host, whose daemon it has started."""
    client = laptop.client()
    assert client.ask("[entry.name for entry in discover()]") == []
    client.ask('p = connect("lab")')
    yield client
    client.end()


def _wait_for(client, line: str, value: object) -> None:
    """Wait until an expression has a value again, whatever errors come before."""

    def has_value() -> bool:
        client.tell(line)
        return client.answer().get("value") == value

    wait_until(has_value, 30.0, f"{line} == {value}")


def test_a_board_of_the_other_host_is_used_as_one_of_this_machine(client):
    client.ask("p.rp.pid0.setpoint = 0.25")
    assert client.ask("p.rp.pid0.setpoint") == 0.25
    assert client.ask("p.rp.scope.single(timeout=10).shape") == [2, 16384]
    assert client.ask("[(entry.name, entry.on) for entry in discover()]") == [["lab", "daq2"]]
    assert client.ask('status(discover()[0])["board"]') == "lab"


def test_a_request_that_is_too_long_is_refused_and_the_connection_goes_on(client):
    client.ask("before = p._handle.session.connections.generation")
    kind, text = client.error('p.rp.pid0.input = "x" * 5_000_000')
    assert kind == "NotTransferable" and "too large" in text
    assert client.ask("p.rp.pid0.setpoint") == 0.25
    assert client.ask("p._handle.session.connections.generation == before")


def test_changes_that_others_make_are_heard(client, daq2):
    client.ask("heard = []")
    client.ask("p.rp.pid1.on_change(lambda change: heard.append(change.value))")
    daq2.run("set", "lab", "pid1.setpoint", "0.5")
    wait_until(lambda: client.ask("heard") == [0.5], what="the change")


def test_a_daemon_shows_from_which_host_a_client_comes(client):
    hosts = client.ask('[one["host"] for one in p.status()["clients"]]')
    assert "laptop" in hosts


def test_the_commands_work_with_a_board_of_the_other_host(client, laptop):
    assert json.loads(laptop.run("ls", "--json").stdout)[0]["on"] == "daq2"
    shown = laptop.run("ls").stdout
    assert "lab" in shown and "daq2" in shown
    assert laptop.run("get", "lab", "pid0.setpoint").stdout.strip() == "0.25"
    assert laptop.run("get", "lab@daq2", "pid0.setpoint").stdout.strip() == "0.25"
    assert "laptop" in laptop.run("status", "lab").stdout
    assert "lab" in laptop.run("top", "lab", "--once").stdout
    assert "is served at" in laptop.run("logs", "lab", "-n", "1000").stdout
    refused = laptop.run("stop", "lab", check=False)
    assert refused.returncode == 1
    assert "AccessDenied" in refused.stderr and "'stop'" in refused.stderr


def test_a_host_that_is_not_paired_is_listed_but_not_connected_to(daq2, laptop):
    stranger = laptop.another_user("stranger")
    pytest.importorskip("zeroconf")
    shown = wait_until(
        lambda: "daq2" in (text := stranger.run("ls").stdout) and text, what="the announcement"
    )
    assert "daq2 (10.77.0.2): not paired" in shown
    assert "daq2" not in {entry["on"] for entry in json.loads(stranger.run("ls", "--json").stdout)}


ANNOUNCE = """
import sys
from zeroconf import ServiceInfo, Zeroconf
kind = "_ssh._tcp.local."
network = Zeroconf()
network.register_service(
    ServiceInfo(kind, "Pitaya." + kind, 22, parsed_addresses=["10.77.0.9"], server="rp-f08d6c.local.")
)
report(announced=True)
sys.stdin.read()
network.close()
"""


def test_a_red_pitaya_that_announces_itself_is_listed(daq2, laptop):
    pytest.importorskip("zeroconf")
    announcing = laptop.start_python(ANNOUNCE)
    assert "announced" in announcing.stdout.readline()
    wait_until(lambda: "rp-f08d6c (10.77.0.9): a Red Pitaya" in daq2.run("ls").stdout, what="the Red Pitaya")
    announcing.stdin.close()
    announcing.wait(20)


def test_a_hostname_that_a_paired_host_serves_leads_through_that_host(client, laptop, daq2):
    code, text = client.error('connect("lab", hostname="10.0.0.9", on="daq2")')
    assert code == "BoardNameTaken"
    assert "daq2" in text


def test_a_name_that_two_hosts_have_is_refused_with_both(client, laptop):
    keeper = laptop.client()
    keeper.ask('p = connect("lab", hostname="_FAKE_", on="localhost")')
    try:
        code, text = client.error('connect("lab")')
        assert code == "AmbiguousBoard"
        assert "this machine" in text and "daq2" in text
        assert client.ask('connect("lab", on="daq2").rp.pid0.setpoint') == 0.25
        assert client.ask('connect("lab", on="localhost").rp.pid0.setpoint') != 0.25
        keeper.ask("stop('lab')")
    finally:
        keeper.end()


def _clients(host: Host) -> list[str]:
    """The hosts of the clients of the board, as its own host sees it."""
    return [one["host"] for one in json.loads(host.run("status", "lab", "--json").stdout)["clients"]]


def test_a_cut_cable_is_named_and_the_session_goes_on_when_it_is_back(client, laptop, daq2):
    keeper = daq2.client()
    keeper.ask('p = connect("lab")')
    laptop.cable(False)
    begin = time.monotonic()
    client.tell("p.rp.pid2.setpoint = 0.5")
    answer = client.answer()
    # nobody knows whether it came before the cable was cut
    assert answer["error"] == "OutcomeUnknown"
    assert "rp.pid2.setpoint" in answer["text"]
    error, text = client.error("p.rp.pid0.setpoint")
    assert error in ("DaemonSilent", "BoardGone", "HostUnreachable")
    assert "daq2" in text
    assert time.monotonic() - begin < 30
    # the daemon ends the lease of a host that is away
    wait_until(lambda: "laptop" not in _clients(daq2), 30.0, "the end of the lease")
    assert keeper.ask("p.rp.pid0.setpoint") == 0.25
    keeper.end()
    laptop.cable(True)
    _wait_for(client, "p.rp.pid0.setpoint", 0.25)
    client.ask("heard.clear()")
    client.ask("p.rp.pid1.setpoint = 0.125")
    wait_until(lambda: client.ask("heard[-1:]") == [0.125], what="the change")


def test_a_host_that_moved_is_found_by_its_key(client, daq2):
    pytest.importorskip("zeroconf")
    daq2.move("10.77.0.22")
    _wait_for(client, "p.rp.pid0.setpoint", 0.25)
    assert "10.77.0.22" in client.ask(
        "__import__('pyrpl_remote.transport.lan.paired_hosts').transport.lan.paired_hosts.peers()[0].addresses"
    )


def test_a_host_that_was_killed_is_used_again_when_it_is_back(client, daq2):
    daq2.kill()
    client.tell("p.rp.pid0.setpoint")
    answer = client.answer()
    assert answer["error"] == "BoardGone"
    assert "daq2" in answer["text"]
    daq2.run("share", "--no-invitation")
    # the session lets the host start the daemon again
    _wait_for(client, "p.rp.pid2.setpoint > -1", True)
    client.ask("p.rp.pid2.setpoint = 0.75")
    assert client.ask("p.rp.pid2.setpoint") == 0.75


def test_a_revoked_host_is_out_at_once(client, daq2, laptop):
    assert client.ask("p.rp.pid2.setpoint") == 0.75
    daq2.run("revoke", "laptop")
    begin = time.monotonic()
    code, text = "", ""
    while code != "AccessDenied" and time.monotonic() - begin < 5:
        with contextlib.suppress(AssertionError):
            code, text = client.error("p.rp.pid2.setpoint")
    assert code == "AccessDenied"
    assert "daq2" in text and "revoked" in text
    assert "does not know this machine" in laptop.run("peers").stdout
    assert "showed the key of no paired host" in daq2.log()


def test_a_host_is_paired_again_with_a_new_invitation(client, daq2, laptop):
    pair(daq2, laptop, "viewer")
    client.ask("p.close()")
    client.ask('p = connect("lab", on="daq2")')  # its daemon still runs, within its grace period
    error, text = client.error("p.rp.pid2.setpoint = 0.5")
    assert error == "AccessDenied"
    assert "'set'" in text and "viewer" in text


def test_unshare_ends_the_gate(daq2, laptop):
    assert "no longer shared" in daq2.run("unshare").stdout
    assert "does not answer" in laptop.run("peers").stdout
    assert "was not shared" in daq2.run("unshare").stdout
