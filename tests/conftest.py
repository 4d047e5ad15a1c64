"""What all tests share: fixtures, and the proof that nothing is left running."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest

from .environment import FOLDER
from .processes import our_processes, python_command, reports

pytest_plugins = ["tests.boards"]


def pytest_addoption(parser):
    parser.addoption(
        "--vectors", metavar="DIR", help="folder of recorded gateware programs to compare the FPGA model with"
    )


def pytest_sessionfinish(session, exitstatus):
    session.config.exit_status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """End at once: PyMoDAQ's Qt objects are torn down in any order at Python's end, which has crashed after the last test."""
    if hasattr(config, "exit_status"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.exit_status)


END_SECONDS = 20.0
"""How long processes may take to end after the last test of a module."""


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind():
    """After the tests of a module no process of ours runs, but for those that ran before it."""
    before = {process.pid for process in our_processes()}
    yield
    deadline = time.monotonic() + END_SECONDS
    while left := [process for process in our_processes() if process.pid not in before]:
        if time.monotonic() > deadline:
            what = [(process.pid, process.cmdline()) for process in left]
            for process in left:
                process.kill()
            pytest.fail(f"left running: {what}")
        time.sleep(0.05)


@pytest.fixture(scope="module", autouse=True)
def own_pyrpl_folder(nothing_left_behind, tmp_path_factory):
    """The tests of a module begin with PyRPL's defaults, not with what the board of another module was left at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYRPL_USER_DIR", str(tmp_path_factory.mktemp("pyrpl")))
        yield


@pytest.fixture(scope="session")
def run_python():
    """Run lines of Python in a process of its own; what they `report(name=value)` comes back as a dict."""

    def run(lines: str, timeout: float = 60.0, **environment: str) -> dict:
        done = subprocess.run(
            python_command(lines),
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stderr
        return reports(done.stdout)

    return run


@pytest.fixture(scope="session")
def command():
    """Run `pyrpl-remote` with arguments; gives the finished process with its output."""

    def run(*arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess:
        whole = [sys.executable, "-m", "pyrpl_remote", *arguments]
        return subprocess.run(whole, capture_output=True, text=True, timeout=timeout)

    return run


@pytest.fixture(scope="module")
def p():
    """A virtual board, shared by the tests of a module."""
    from pyrpl_remote import connect

    with connect("virtual") as p:
        yield p
