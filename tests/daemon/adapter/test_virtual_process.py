"""A daemon's virtual board becomes ready, ends with its daemon, and is an error if it does not start."""

import socket
import sys

import psutil
import pytest

from pyrpl_remote import errors
from pyrpl_remote.daemon.adapter.board import virtual_process
from pyrpl_remote.daemon.adapter.board.virtual_process import VirtualBoardProcess

from ...processes import our_processes, wait_until


@pytest.fixture
def process_of(monkeypatch):
    """A function that starts lines of Python in place of the virtual board."""
    started = []

    def start(lines: str) -> VirtualBoardProcess:
        monkeypatch.setattr(virtual_process, "COMMAND", [sys.executable, "-c", lines])
        started.append(VirtualBoardProcess("odd"))
        return started[-1]

    yield start
    for process in started:
        process.end()


def processes_with(word: str) -> list[psutil.Process]:
    return [process for process in our_processes() if any(word in part for part in process.cmdline())]


def test_a_virtual_board_has_its_parameters_and_ends_when_asked():
    steps: list[str] = []
    board = VirtualBoardProcess("lab")
    try:
        parameters = board.parameters(steps.append)
        with socket.create_connection((parameters["hostname"], parameters["sshport"]), timeout=10) as ssh:
            assert ssh.recv(4) == b"SSH-"
        assert steps[0] == "waiting for the virtual Red Pitaya"
        assert processes_with("virtual-board") != []
    finally:
        board.end()
    assert processes_with("virtual-board") == []
    board.end()  # a second call does nothing


def test_a_virtual_board_ends_when_its_owner_is_killed(run_python):
    # its stdin is a pipe that only the owner holds
    found = run_python(
        """
        import os, psutil, signal, subprocess, sys
        owner = subprocess.Popen([sys.executable, "-c", '''
        import sys, time
        from pyrpl_remote.daemon.adapter.board.virtual_process import VirtualBoardProcess
        board = VirtualBoardProcess("lab")
        board.parameters(lambda text: None)
        print("ready", flush=True)
        time.sleep(60)
        '''.replace("        ", "")], stdout=subprocess.PIPE, text=True)
        assert owner.stdout.readline() == "ready\\n"
        (board,) = psutil.Process(owner.pid).children()
        owner.kill()
        owner.wait()
        report(gone=board in psutil.wait_procs([board], timeout=20)[0])
        """
    )
    assert found["gone"]


def test_a_virtual_board_that_ends_at_once_is_an_error_with_its_exit_code(process_of):
    board = process_of("raise SystemExit(3)")
    with pytest.raises(
        errors.DaemonFailed, match="board 'odd': its virtual Red Pitaya ended with exit code 3"
    ):
        board.parameters(lambda text: None)


def test_a_virtual_board_that_does_not_become_ready_is_killed(process_of, monkeypatch):
    monkeypatch.setattr(virtual_process, "ANSWER_SECONDS", 1.6)
    monkeypatch.setattr(virtual_process, "PROGRESS_SECONDS", 0.5)
    monkeypatch.setattr(virtual_process, "END_SECONDS", 0.5)
    # it takes no notice of its stdin either
    board = process_of("import time; silent = True; time.sleep(60)")
    steps: list[str] = []
    with pytest.raises(errors.DaemonFailed, match=r"did not answer within 1\.6 s") as raised:
        board.parameters(steps.append)
    assert "odd.log" in raised.value.remedy
    assert len(steps) >= 3
    assert steps[0] == "waiting for the virtual Red Pitaya"
    assert steps[-1].startswith("waiting for the virtual Red Pitaya (")
    assert len(processes_with("silent = True")) == 1
    board.end()
    wait_until(lambda: processes_with("silent = True") == [], what="the end of the process")


def test_how_far_the_compilation_is_is_reported(process_of):
    board = process_of(
        """
import time
print('{"compiled": 4, "functions": 90}')
print('{"compiled": 45, "functions": 90}', flush=True)
time.sleep(1.5)
print('{"host": "127.0.0.1", "ssh_port": 1, "monitor_port": 2}', flush=True)
"""
    )
    steps: list[str] = []
    assert board.parameters(steps.append)["sshport"] == 1
    assert steps[:2] == [
        "waiting for the virtual Red Pitaya",
        "compiling the virtual FPGA, once (4 %, 0 s so far)",
    ]
    assert all(step.startswith("compiling the virtual FPGA, once (50 %, ") for step in steps[2:])
    # between two reports of the board too
    assert len(steps) >= 4
