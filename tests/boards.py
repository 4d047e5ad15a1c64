"""Starts virtual boards as processes, and PyRPL in separate processes that connect to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from pyrpl_remote.virtual.control import BoardControl

from .processes import python_command, reports


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
        """The board's process as psutil sees it."""
        return psutil.Process(self.process.pid)


START_SECONDS = 120.0
"""How long a board may take to start; the first one compiles the FPGA's model."""


@contextmanager
def running_board(*options: str):
    """A board with these options of the command line; it ends with the block."""
    command = [
        sys.executable,
        "-m",
        "pyrpl_remote",
        "virtual-board",
        "--json",
        "--control",
        "--exit-with-stdin",
    ]
    command += ["--ssh-port", "0", "--monitor-port", "0", *options]
    # a plant of a test; libraries have packages called `tests` too
    path = os.pathsep.join([str(Path(__file__).parent / "virtual"), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        limit = threading.Timer(START_SECONDS, process.kill)
        limit.start()
        line = process.stdout.readline()
        limit.cancel()
        assert line, f"the board has not started within {START_SECONDS} s: exit code {process.wait(30)}"
        ports = json.loads(line)
        with BoardControl(ports["control"]) as control:
            yield RunningBoard(process, ports["host"], ports["ssh_port"], ports["monitor_port"], control)


@pytest.fixture
def launch_board():
    """A function that starts boards with options of the command line; they end with the test."""
    with ExitStack() as boards:
        yield lambda *options: boards.enter_context(running_board(*options))


@pytest.fixture(scope="module")
def board() -> Iterator[RunningBoard]:
    """One board for the tests of a file."""
    with running_board() as board:
        yield board


@pytest.fixture
def run_pyrpl(tmp_path):
    """Run lines of Python in a process with a started `p = Pyrpl(...)` on a board, and the board's `control`.

    Returns the values of `report(name=value)` as a dict, with PyRPL's log as `log`. In the lines,
    `start(**changes)` starts another Pyrpl on the same board, and `wait_until(condition)` waits with a limit.
    """

    def run(board: RunningBoard, lines: str, timeout: float = 120, **parameters) -> dict:
        where = {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port}
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "PYRPL_USER_DIR": str(tmp_path),
            "PYRPL_PARAMETERS": json.dumps({**where, "gui": False, "reloadfpga": False, **parameters}),
            "BOARD_CONTROL": board.control.address,
        }
        done = subprocess.run(
            python_command(_PREAMBLE + textwrap.dedent(lines)),
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stderr
        return {"log": done.stderr, **reports(done.stdout)}

    return run


_PREAMBLE = """
import os, time
import numpy as np
from pyrpl import Pyrpl
from pyrpl_remote.virtual.control import BoardControl
from tests.processes import wait_until

def start(**changes):
    return Pyrpl(config="test", **{**json.loads(os.environ["PYRPL_PARAMETERS"]), **changes})

control = BoardControl(os.environ["BOARD_CONTROL"])
p = start()
"""
