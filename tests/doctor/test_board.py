"""Each failure of a first connection is recognised by its name, and the board is not disturbed."""

import contextlib
import os
import socket
import sys
from pathlib import Path

import paramiko
import pytest

from pyrpl_remote import errors
from pyrpl_remote.doctor.target import find_target

from ..environment import free_port, occupied
from ..processes import our_processes, wait_until

TITLES = [
    *("name resolved", "reachable", "SSH", "password", "OS version"),
    *("gateware", "monitor port", "registers"),
]


def outcomes(findings):
    return [findings[title].outcome for title in TITLES]


def require_failure(findings, title, failure, *texts):
    """Check that the first failure is `title`, named `failure`, and that its text and remedy say `texts`."""
    first = next(name for name in findings if findings[name].outcome != "ok")
    found = findings[first]
    assert (first, found.outcome, found.failure) == (title, "failed", failure), found
    assert found.text.startswith(failure)
    assert found.remedy
    for text in texts:
        assert text in f"{found.text}\n{found.remedy}"


def test_a_board_in_order_passes_and_is_not_disturbed(examine_board, board):
    before, processes = board.control.status(), {process.pid for process in our_processes()}
    findings = examine_board()
    assert list(findings) == TITLES
    assert outcomes(findings) == ["ok"] * 8, findings
    assert "2.07" in findings["OS version"].text
    assert board.control.status() == before
    assert {process.pid for process in our_processes()} == processes


def test_a_wrong_password_is_recognised_and_nothing_behind_it_is_tried(examine_board, control):
    control.password("secret")
    findings = examine_board()
    require_failure(findings, "password", "wrong password", "'root'", "--password")
    assert outcomes(findings) == ["ok"] * 3 + ["failed"] + ["skipped"] * 4
    assert findings["OS version"].text == "it needs the check 'password', which failed"
    assert findings["registers"].text == "it needs the check 'gateware', which was skipped"
    assert outcomes(examine_board(password="secret")) == ["ok"] * 8


@pytest.mark.parametrize("version", ["0.92", "1.04", "4.00"])
def test_a_wrong_os_is_recognised(examine_board, control, version):
    control.os_version(version)
    require_failure(examine_board(), "OS version", "wrong OS", version, "OS 2 or 3")


def test_the_systems_with_which_pyrpl_works_pass(examine_board, control):
    control.os_version("3.00")
    assert examine_board()["OS version"].outcome == "ok"


def test_a_wrong_gateware_is_recognised_and_its_registers_are_not_touched(examine_board, control):
    control.load_gateware("v0.94")
    findings = examine_board()
    require_failure(findings, "gateware", "wrong gateware", "v0.94", "connect(")
    assert findings["registers"].outcome == "skipped"
    require_failure(examine_board(), "gateware", "wrong gateware", "v0.94")


def test_a_configuration_that_loads_no_gateware_is_named_as_what_makes_a_zero_division(
    examine, board, control, configuration
):
    where = f"hostname: {board.host}, sshport: {board.ssh_port}, port: {board.monitor_port}"
    name = configuration(f"{{{where}, reloadfpga: false}}")
    control.load_gateware("v0.94")
    require_failure(examine(name), "gateware", "wrong gateware", "ZeroDivisionError", 'reloadfpga="auto"')


def test_registers_that_read_zero_are_recognised_as_a_zero_division(examine_board, board, control):
    control.load_gateware("v0.94")
    with contextlib.closing(paramiko.SSHClient()) as ssh:
        ssh.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        ssh.connect(board.host, board.ssh_port, "root", "root", look_for_keys=False, allow_agent=False)
        # as where the web page has loaded another gateware without a word
        ssh.exec_command("echo pyrpl fpga.bin > /tmp/loaded_fpga.inf")[1].read()
    require_failure(examine_board(), "registers", "ZeroDivisionError", "0x40300220", "reloadfpga=True")


def test_a_program_on_the_monitor_port_is_named_and_keeps_its_connection(examine_board, board, control):
    control.second_client()
    before = wait_until(lambda: control.status()["clients"], what="the other client")
    assert len(before) == 1
    findings = examine_board()
    require_failure(findings, "monitor port", "", "uses it, since", f"pid {board.process.pid} of ")
    assert findings["registers"].outcome == "ok"
    assert control.status()["clients"] == before
    control.drop()


def test_a_board_is_found_by_its_configuration(examine, board, configuration):
    name = configuration(
        f"{{hostname: {board.host}, sshport: '{board.ssh_port}', port: {board.monitor_port}}}"
    )
    assert outcomes(examine(name)) == ["ok"] * 8
    assert find_target(name, {}).name == name


def test_a_configuration_without_a_hostname_says_how_to_save_one(examine, configuration):
    name = configuration("{}")
    require_failure(
        examine(name), "name resolved", "", "no hostname is saved", f"connect({name!r}, hostname="
    )


def test_a_host_that_does_not_exist_is_not_resolved(examine):
    findings = examine("no-such-board.invalid")
    require_failure(findings, "name resolved", "", "cannot be resolved")
    assert outcomes(findings) == ["failed"] + ["skipped"] * 7


def test_an_address_without_a_route_is_recognised(examine):
    # no TCP connection leads to the broadcast address
    findings = examine("255.255.255.255")
    require_failure(findings, "reachable", "no route", "255.255.255.255", "switched on")
    assert outcomes(findings) == ["ok", "failed"] + ["skipped"] * 6


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse what a full queue cannot take")
def test_a_host_that_is_silent_is_given_up_as_one_without_a_route(examine, monkeypatch):
    monkeypatch.setattr("pyrpl_remote.doctor.ssh.CONNECT_SECONDS", 0.3)
    with contextlib.ExitStack() as sockets:
        server = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # the only place in its queue
        sockets.enter_context(socket.create_connection(server.getsockname()))
        findings = examine("127.0.0.1", sshport=server.getsockname()[1])
    require_failure(findings, "reachable", "no route", "timed out")


def test_a_closed_ssh_port_is_a_host_that_answers_without_ssh(examine):
    findings = examine("127.0.0.1", sshport=free_port())
    assert findings["reachable"].outcome == "ok"
    require_failure(findings, "SSH", "", "accepts no connection", "--sshport")


def test_something_else_than_ssh_is_named(examine, capfd):
    port = free_port()
    with occupied(port):
        require_failure(examine("localhost", sshport=port), "SSH", "", "does not speak SSH")
    assert capfd.readouterr().err == ""


def test_a_silent_ssh_port_is_given_up(examine, monkeypatch):
    monkeypatch.setattr("pyrpl_remote.doctor.ssh.ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        findings = examine("127.0.0.1", sshport=server.getsockname()[1])
    require_failure(findings, "SSH", "", "does not speak SSH")


def test_without_paramiko_ssh_is_skipped_with_the_remedy(examine_board, monkeypatch):
    monkeypatch.setitem(sys.modules, "paramiko", None)
    findings = examine_board()
    assert outcomes(findings) == ["ok"] * 2 + ["skipped"] * 6
    assert "paramiko" in findings["SSH"].text
    assert "pip install" in findings["SSH"].remedy


def test_a_virtual_board_that_does_not_run_needs_no_network(examine):
    assert outcomes(examine("virtual")) == ["skipped"] * 8


@pytest.mark.parametrize(
    "text", ["", "a/.yml", "http://rp-f08d6c.local", "root@rp-f08d6c.local", "two words"]
)
def test_what_is_neither_a_board_nor_a_host_is_an_error(text):
    with pytest.raises(errors.StartError) as caught:
        find_target(text, {})
    assert caught.value.remedy


@pytest.mark.parametrize("section", ["{hostname: [", "{sshport: telnet}"])
def test_a_configuration_that_cannot_be_read_is_named(examine, configuration, section):
    name = configuration(section)
    require_failure(examine(name), "name resolved", "", f"{name}.yml cannot be read")


@pytest.fixture
def configuration():
    """A function that writes the section redpitaya of a configuration file; returns its name."""
    written = []

    def write(section: str) -> str:
        folder = Path(os.environ["PYRPL_USER_DIR"], "config")
        folder.mkdir(exist_ok=True)
        written.append(folder / "examined.yml")
        written[-1].write_text(f"redpitaya: {section}\n")
        return "examined"

    yield write
    for path in written:
        path.unlink(missing_ok=True)
