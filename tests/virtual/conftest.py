"""Virtual boards as processes, and PyRPL in processes of its own to talk to them."""
import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass

import psutil
import pytest

from pyrpl_remote.virtual.control import BoardControl

#: seconds a board may take to start, with the kernel's compilation in it
START_TIMEOUT = 90


@dataclass
class RunningBoard:
    """A board's process, its ports, and its control channel."""

    process: subprocess.Popen
    host: str
    ssh_port: int
    monitor_port: int
    control: BoardControl

    @property
    def usage(self) -> psutil.Process:
        return psutil.Process(self.process.pid)


@pytest.fixture(scope="session")
def launch_board():
    """Start boards with options of the command line; none of them outlives the session."""
    boards: list[RunningBoard] = []

    def launch(*options: str) -> RunningBoard:
        command = [sys.executable, "-m", "pyrpl_remote.virtual", "--json", "--control", "--exit-with-stdin"]
        process = subprocess.Popen(
            [*command, "--ssh-port", "0", "--monitor-port", "0", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        ports = json.loads(process.stdout.readline())
        board = RunningBoard(process, ports["host"], ports["ssh_port"], ports["monitor_port"], BoardControl(ports["control"]))
        boards.append(board)
        return board

    yield launch
    for board in boards:
        board.control.close()
        board.process.stdin.close()
        board.process.stdout.close()
    for board in boards:
        assert board.process.wait(timeout=10) is not None


@pytest.fixture(scope="module")
def board(launch_board) -> RunningBoard:
    """One board for the tests of a file."""
    return launch_board()


@pytest.fixture
def run_pyrpl(tmp_path):
    """Run lines of Python in a process of its own that has a started `p = Pyrpl(...)` on a board.

    The lines may `report(name=value)`; these come back as a dictionary, with `log`, PyRPL's log.
    """

    def run(board: RunningBoard, lines: str, timeout: float = 120, **parameters) -> dict:
        script = _PREAMBLE + textwrap.dedent(lines)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("REDPITAYA_")}
        environment.update(HOME=str(tmp_path), PYRPL_USER_DIR=str(tmp_path), QT_QPA_PLATFORM="offscreen")
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        environment["PYRPL_PARAMETERS"] = json.dumps({**where, "gui": False, "reloadfpga": False, **parameters})
        environment["BOARD_CONTROL"] = board.control.address
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=timeout, cwd=os.getcwd()
        )
        assert done.returncode == 0, done.stderr
        reports = [json.loads(line[len(_MARK) :]) for line in done.stdout.splitlines() if line.startswith(_MARK)]
        return {"log": done.stderr, **{name: value for report in reports for name, value in report.items()}}

    return run


_MARK = "report: "
_PREAMBLE = textwrap.dedent(
    """
    import json, os, time
    import numpy as np
    from pyrpl import Pyrpl
    from pyrpl_remote.virtual.control import BoardControl

    def report(**values):
        print("report: " + json.dumps(values), flush=True)

    def start(**changes):
        return Pyrpl(config="test", **{**json.loads(os.environ["PYRPL_PARAMETERS"]), **changes})

    control = BoardControl(os.environ["BOARD_CONTROL"])
    p = start()
    """
)


def wait_until(condition, timeout: float = 10.0, what: str = "condition"):
    """Wait for a condition and return its value."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {timeout} s for {what}"
        time.sleep(0.01)
    return value
