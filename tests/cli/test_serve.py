"""`serve` in a terminal: what it shows, and how it ends by Ctrl-C and when the terminal is closed."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from pyrpl_remote import discover, settings

from ..daemons import has_ended
from ..processes import our_processes, wait_for_line, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def serve(tmp_path):
    """A function that serves a virtual board as a terminal does: it returns the process, and its log."""
    started = []

    def start(wait_for="Ctrl-C ends it", **environment):
        with open(tmp_path / "stderr", "w") as shown:
            process = subprocess.Popen(
                [sys.executable, "-m", "pyrpl_remote", "serve", "virtual"],
                stdout=subprocess.PIPE if wait_for else subprocess.DEVNULL,
                stderr=shown,
                text=True,
                start_new_session=True,
                env={**os.environ, **environment},
            )
        started.append(process)
        if wait_for:
            wait_for_line(process, wait_for)
        return process, tmp_path / "stderr"

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize("number", ["SIGINT", "SIGHUP"])
def test_a_signal_to_all_processes_of_a_terminal_ends_it_cleanly(serve, number):
    process, shown = serve()
    children = psutil.Process(process.pid).children()
    # as a terminal: to the process group, to which its children belong unless they left it
    os.killpg(process.pid, getattr(signal, number))
    assert process.wait(20) == 0
    wait_until(lambda: all(map(has_ended, children)), what="the end of the board and the name server")
    lines = shown.read_text().splitlines()
    assert not [line for line in lines if "Traceback" in line or "Error" in line]
    # PyRPL's warnings are shown plainly, and once
    assert "no pyrpl instance" in lines
    assert len(set(lines)) == len(lines)
    assert not [line for line in lines if "INFO" in line]
    # the log has everything
    log = settings.log_path("virtual").read_text()
    assert "INFO pyrpl_remote.daemon.service: board virtual: the daemon ends" in log
    assert discover() == []


def test_it_ends_cleanly_also_if_its_board_has_died(serve):
    process, shown = serve()
    for board in psutil.Process(process.pid).children():
        if "virtual-board" in board.cmdline():
            board.kill()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert "Traceback" not in shown.read_text()
    assert discover() == []


def test_ctrl_c_during_the_start_ends_it_cleanly(serve):
    process, shown = serve(wait_for="", PYRPL_REMOTE_PROGRESS="1")
    wait_until(lambda: "importing PyRPL" in shown.read_text(), 90, "the step of the start")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 130
    assert "Traceback" not in shown.read_text()
    assert "interrupted" in shown.read_text()
    for name_server in our_processes():  # it waits for a board for a minute
        name_server.terminate()
