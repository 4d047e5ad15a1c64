"""A session with a board of a paired host goes on: gate or daemon killed, client frozen for long."""

import json
import time

import psutil
import pytest

from tests.processes import wait_until

from .hosts import one_machine, pair


@pytest.fixture(scope="module")
def daq2(tmp_path_factory):
    host = one_machine("daq2", tmp_path_factory.mktemp("hosts") / "daq2")
    host.configure("lab")
    yield host
    host.run("unshare")


@pytest.fixture(scope="module")
def laptop(daq2, tmp_path_factory):
    host = one_machine("laptop", tmp_path_factory.mktemp("hosts") / "laptop")
    pair(daq2, host)
    return host


@pytest.fixture(scope="module")
def client(laptop):
    """A program with `p`, and the changes of pid1 that it `heard`."""
    client = laptop.client()
    client.ask('p = connect("lab")')
    client.ask("heard = []")
    client.ask("p.rp.pid1.on_change(lambda change: heard.append((change.value, change.lost)))")
    client.ask("import threading, os")
    yield client
    client.end()


@pytest.fixture
def keeper(daq2):
    """A program on the board's host, which keeps the daemon."""
    keeper = daq2.client()
    keeper.ask('p = connect("lab")')
    yield keeper
    keeper.end()


def gate_pid(daq2) -> int:
    return json.loads((daq2.folder / "state" / "lan" / "gate.json").read_text())["pid"]


def daemon_pid(daq2) -> int:
    return json.loads(daq2.run("status", "lab", "--json").stdout)["daemon"]["pid"]


def programs(witness) -> list[int]:
    """The processes that are clients of the board, as another one sees it."""
    return witness.ask('[one.pid for one in status("lab").clients]')


def hears(client, daq2, value: str) -> None:
    """Check that a change that a program of the board's host makes arrives."""
    daq2.run("set", "lab", "pid1.setpoint", value)
    wait_until(lambda: client.ask("heard[-1][0]") == float(value), what="the change")


def read_again(client) -> None:
    def is_read() -> bool:
        client.tell("p.rp.pid0.setpoint")
        return "value" in client.answer()

    wait_until(is_read, 30.0, "an access that succeeds")


def begin_write(client, daemon: int) -> None:
    """Freeze the daemon, and let the client write: the value is under way."""
    client.ask("p.rp.pid0.setpoint")
    psutil.Process(daemon).suspend()
    client.tell("p.rp.pid0.setpoint = 0.75")
    time.sleep(0.5)  # it is sent, and waits


def test_a_gate_that_is_killed_and_started_again(client, daq2, keeper):
    hears(client, daq2, "0.25")
    port = json.loads((daq2.folder / "state" / "lan" / "gate.json").read_text())["port"]
    daemon = daemon_pid(daq2)
    begin_write(client, daemon)
    psutil.Process(gate_pid(daq2)).kill()
    answer = client.answer()
    assert answer["error"] == "OutcomeUnknown", answer
    assert "rp.pid0.setpoint" in answer["text"]
    psutil.Process(daemon).resume()
    error, text = client.error("p.rp.pid0.setpoint")
    assert error in ("HostUnreachable", "BoardGone")
    assert "daq2" in text
    # the gate never mattered to the daemon
    assert daemon_pid(daq2) == daemon
    assert "daq2 is shared" in daq2.run("share", "--no-invitation", "--port", str(port)).stdout
    read_again(client)
    assert client.ask("p.status().daemon.pid") == daemon
    hears(client, daq2, "0.5")


def test_a_daemon_that_is_killed_behind_the_gate(client, daq2):
    before = daemon_pid(daq2)
    begin_write(client, before)
    psutil.Process(before).kill()
    answer = client.answer()
    assert answer["error"] == "OutcomeUnknown", answer
    read_again(client)  # the host has started another one
    after = client.ask("p.status().daemon.pid")
    assert after != before
    client.ask("p.rp.pid0.setpoint = 0.125")
    assert client.ask("p.rp.pid0.setpoint") == 0.125
    hears(client, daq2, "0.375")
    assert client.ask("max(lost for _, lost in heard)") >= 1  # something may be missing, and is counted


def test_a_program_that_is_frozen_for_longer_than_its_lease(client, daq2, keeper):
    pid = client.process.pid
    client.ask("p.rp.pid0.setpoint = 0.125")
    assert pid in programs(keeper)
    client.ask("future = p.networkanalyzer.single_async()")
    try:
        psutil.Process(pid).suspend()
        wait_until(lambda: pid not in programs(keeper), 30.0, "the end of its lease")
        keeper.ask("p.rp.pid1.setpoint = -0.25")
        psutil.Process(pid).resume()
        assert client.error("future.result(20)")[0] == "AcquisitionCancelled"
        assert client.ask("p.rp.pid0.setpoint") == 0.125
        wait_until(lambda: client.ask("heard[-1][0]") == -0.25, what="the change that was made meanwhile")
        hears(client, daq2, "0.625")
        assert pid in programs(keeper)
    finally:
        psutil.Process(pid).resume()
