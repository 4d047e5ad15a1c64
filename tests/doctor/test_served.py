"""A board that is served: the daemon's status says what is wrong, and the daemon keeps its link."""

import os

import psutil
import pytest

from pyrpl_remote import connect, settings
from pyrpl_remote.doctor.examination import of_machine
from pyrpl_remote.doctor.target import served_target
from pyrpl_remote.names import directory

from ..processes import wait_until


@pytest.fixture(scope="module")
def p(board):
    with connect(
        "examined", hostname=board.host, sshport=board.ssh_port, port=board.monitor_port, delay=0.01
    ) as p:
        yield p


def wait_for(p, state):
    wait_until(lambda: p.status().link.state == state, 15, f"the link's state {state}")


def test_a_served_board_passes_and_keeps_its_link(examine, board, p):
    p.rp.pid0.setpoint = 0.25
    before, since = board.control.status(), p.status().link.since
    findings = examine("examined", 10)
    assert {finding.outcome for finding in findings.values()} == {"ok"}, findings
    pid = p.status().daemon.pid
    assert str(pid) in findings["monitor port"].text
    assert str(pid) in findings["daemon"].text
    assert "1 client" in findings["daemon"].text
    assert board.control.status() == before
    assert p.status().link.since == since
    assert p.rp.pid0.setpoint == 0.25
    assert [client.pid for client in p.status().clients] == [os.getpid()]


def test_it_is_found_by_its_hostname_too(examine, board, p):
    findings = examine(board.host, 10, sshport=board.ssh_port)
    assert "'examined'" in findings["daemon"].text


def test_without_a_name_every_served_board_is_examined(p):
    targets = [served_target(entry, {}) for entry in directory.boards()]
    results = list(of_machine(targets))
    assert [r.check for r in results if not r.board] == ["name server", "folders", "extras", "Qt", "versions"]
    assert next(r.check for r in results if r.board == "examined") == "daemon"
    assert {r.finding.outcome for r in results} == {"ok"}, results


def test_another_gateware_is_what_the_daemon_says(examine, p, control):
    control.load_gateware("v0.94")
    wait_for(p, "other gateware")
    findings = examine("examined")
    assert findings["gateware"].failure == "wrong gateware"
    assert findings["registers"].outcome == "skipped"
    control.load_gateware("pyrpl")
    wait_for(p, "up")


def test_a_second_client_is_what_the_daemon_says(examine, p, control):
    control.second_client()
    wait_for(p, "taken")
    before = control.status()["clients"]
    found = examine("examined")["monitor port"]
    assert (found.outcome, "127.0.0.1" in found.text) == ("failed", True)
    assert control.status()["clients"] == before
    control.drop()
    wait_for(p, "up")


def test_a_silent_board_is_what_the_daemon_says(examine, p, control):
    control.silence()
    wait_for(p, "reconnecting")
    findings = examine("examined")
    assert findings["OS version"].outcome == "ok"
    assert (findings["registers"].outcome, findings["gateware"].outcome) == ("failed", "skipped")
    assert "timed out" in findings["registers"].text
    control.silence(False)
    wait_for(p, "up")


def test_a_frozen_daemon_is_named_and_the_board_is_asked_instead(p, examine, monkeypatch):
    monkeypatch.setattr(settings, "STATUS_SECONDS", 1.0)
    daemon = psutil.Process(p.status().daemon.pid)
    daemon.suspend()
    try:
        findings = examine("examined", 10)
    finally:
        daemon.resume()
    assert findings["daemon"].outcome == "failed"
    assert f"pid {daemon.pid}" in findings["daemon"].text
    assert f"pid {daemon.pid}" in findings["monitor port"].text
    assert findings["registers"].outcome == "ok"
    wait_for(p, "up")
