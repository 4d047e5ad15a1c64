"""`share`, `join`, `peers` and `unshare` on one machine."""

import json
import signal
import subprocess
import sys

import pytest

from tests.processes import wait_until

from .hosts import invitation, one_machine, pair


@pytest.fixture
def daq2(tmp_path):
    host = one_machine("daq2", tmp_path / "daq2")
    yield host
    host.run("unshare")


@pytest.fixture
def laptop(tmp_path):
    return one_machine("laptop", tmp_path / "laptop")


def test_a_gate_in_the_foreground_serves_until_it_is_interrupted(daq2, laptop):
    command = [sys.executable, "-m", "pyrpl_remote", "share", "--foreground", "--json", "--port", "0"]
    with subprocess.Popen(
        [*command, "--name", "daq2", "--address", "127.0.0.1"],
        env=daq2.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        shown = json.loads(process.stdout.readline())
        assert shown["name"] == "daq2" and shown["role"] == "operator"
        laptop.run("join", "pyrpl-remote", "join", shown["invitation"])
        assert json.loads(laptop.run("peers", "--json").stdout)[0]["may_there"] == "operator"
        # the gate that runs gets further invitations
        assert invitation(daq2, "viewer") != shown["invitation"]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_a_gate_keeps_its_port_and_name_and_ends_when_it_is_unshared(daq2, laptop):
    pair(daq2, laptop)
    gate = daq2.folder / "state" / "lan" / "gate.json"
    before = json.loads(gate.read_text())
    assert json.loads(daq2.run("share", "--json", "--no-invitation").stdout)["port"] == before["port"]
    assert json.loads(gate.read_text()) == before
    assert "shared as daq2" in daq2.run("peers").stdout
    assert json.loads(daq2.run("peers", "--json").stdout)[0]["may_here"] == "operator"
    daq2.run("unshare")
    problem = json.loads(laptop.run("peers", "--json").stdout)[0]["problem"]
    assert "does not answer" in problem
    # hosts remain paired
    daq2.run("share", "--no-invitation", "--port", str(before["port"]))
    wait_until(lambda: not json.loads(laptop.run("peers", "--json").stdout)[0]["problem"], what="the gate")


def test_a_host_that_is_unreachable_is_named_by_connect(daq2, laptop):
    pair(daq2, laptop)
    daq2.run("unshare")
    found = laptop.run("get", "lab", "pid0.p", check=False)
    assert found.returncode == 1
    assert "HostUnreachable" in found.stderr and "'daq2'" in found.stderr


def test_two_hosts_of_one_name_are_told_apart(daq2, laptop, tmp_path):
    other = one_machine("laptop", tmp_path / "other")
    pair(daq2, laptop)
    pair(daq2, other)
    names = [one["name"] for one in json.loads(daq2.run("peers", "--json").stdout)]
    assert names == ["laptop", "laptop-2"]


def test_a_port_that_is_in_use_is_named(daq2, laptop):
    pair(daq2, laptop)
    port = json.loads((daq2.folder / "state" / "lan" / "gate.json").read_text())["port"]
    refused = laptop.run("share", "--port", str(port), check=False)
    assert refused.returncode == 1
    assert str(port) in refused.stderr or "in use" in refused.stderr


def test_addresses_that_do_not_answer_are_passed_over_and_the_one_that_does_comes_first(daq2, laptop):
    # as those of a network card that the other host does not reach; 198.51.100.0/24 is nobody's
    shown = daq2.run(
        "share", "--port", "0", "--json", "--address", "198.51.100.1", "--address", "127.0.0.1"
    ).stdout
    line = json.loads(shown)["invitation"]
    laptop.run("join", line, "--address", "198.51.100.2")
    (host,) = json.loads(laptop.run("peers", "--json").stdout)
    assert host["addresses"][0] == "127.0.0.1"
    assert {"198.51.100.1", "198.51.100.2"} < set(host["addresses"])
    assert host["may_there"] == "operator"


def test_an_invitation_is_used_once_and_no_later_than_after_ten_minutes(daq2, laptop):
    line = invitation(daq2)
    laptop.run("join", line)
    used = laptop.run("join", line, check=False)
    assert used.returncode == 1 and "used before" in used.stderr
    late = invitation(daq2)
    file = daq2.folder / "state" / "lan" / "invitations.json"
    records = json.loads(file.read_text())
    for one in records.values():
        one["expires"] -= 601
    file.write_text(json.dumps(records))
    refused = laptop.run("join", late, check=False)
    assert refused.returncode == 1 and "expired" in refused.stderr
    assert "`pyrpl-remote share` prints a new one" in refused.stderr
