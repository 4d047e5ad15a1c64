"""Fixtures for all tests, and a check that no process is left running."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import Pyro5.api
import pytest

from .daemons import has_ended
from .environment import FOLDER
from .processes import our_processes, python_command, reports

pytest_plugins = ["tests.boards", "tests.stuck"]


def pytest_addoption(parser):
    parser.addoption(
        "--vectors", metavar="DIR", help="folder of recorded gateware programs to compare the FPGA model with"
    )
    parser.addoption(
        "--starts", type=int, default=2, help="how many starts of a daemon must leave the outputs as they are"
    )


def pytest_configure():
    # a shell starts what it runs in the background with Ctrl-C ignored, nohup with the end of the terminal
    # ignored, and so would all our processes
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)  # before workers start
def pytest_sessionstart(session):
    """Let one process compile the virtual FPGA where several files are to be run at a time."""
    if getattr(session.config.option, "numprocesses", None) and not hasattr(session.config, "workerinput"):
        from .boards import running_board  # pytest looks at its assertions before anybody imports it

        with running_board():
            pass


def pytest_sessionfinish(session, exitstatus):
    session.config.exit_status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """End the process at once: a normal end destroys PyMoDAQ's Qt objects in any order, which can crash."""
    if hasattr(config, "exit_status"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.exit_status)


UTF8 = {"PYTHONIOENCODING": "utf-8"}
"""For processes whose output is read: on Windows a pipe has few characters."""

END_SECONDS = 20.0
"""How long processes may take to end after the last test of a file."""


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind():
    """Check after the tests of a file that they have left no process running."""
    before = {process.pid for process in our_processes()}
    yield
    deadline = time.monotonic() + END_SECONDS
    while left := [process for process in our_processes() if process.pid not in before]:
        # to list all processes takes longer than to look at these
        while left := [process for process in left if not has_ended(process)]:
            if time.monotonic() > deadline:
                what = [(process.pid, process.cmdline()) for process in left]
                for process in left:
                    process.kill()
                pytest.fail(f"left running: {what}")
            time.sleep(0.05)


@pytest.fixture(scope="module", autouse=True)
def own_pyrpl_folder(nothing_left_behind, tmp_path_factory):
    """A new PyRPL folder for the tests of each file, so that they begin with PyRPL's defaults."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYRPL_USER_DIR", str(tmp_path_factory.mktemp("pyrpl")))
        yield


@pytest.fixture(scope="session")
def run_python():
    """A function that runs Python in a separate process; returns its `report(name=value)` as a dict."""

    def run(lines: str, timeout: float = 110.0, **environment: str) -> dict:
        done = subprocess.run(
            python_command(lines),
            env={**os.environ, **UTF8, **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
        )
        assert done.returncode == 0, done.stderr
        return reports(done.stdout)

    return run


@pytest.fixture(scope="session")
def command():
    """A function that runs `pyrpl-remote` with arguments; returns the finished process with its output."""

    def run(*arguments: str, timeout: float = 120.0, cwd: Path | None = None) -> subprocess.CompletedProcess:
        whole = [sys.executable, "-m", "pyrpl_remote", *arguments]
        env = {**os.environ, **UTF8}
        return subprocess.run(whole, capture_output=True, encoding="utf-8", timeout=timeout, cwd=cwd, env=env)

    return run


@pytest.fixture(scope="module")
def p():
    """The proxy of a virtual board, shared by the tests of a file."""
    from pyrpl_remote import connect

    with connect("virtual") as p:
        yield p


@pytest.fixture
def answering():
    """The URI of an object that answers, so that the name server keeps its names."""
    with Pyro5.api.Daemon(host="127.0.0.1", port=0) as daemon:
        thread = threading.Thread(target=daemon.requestLoop)
        thread.start()
        yield str(daemon.uriFor("Pyro.Daemon"))
        daemon.shutdown()
        thread.join()
