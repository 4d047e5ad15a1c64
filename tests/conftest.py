"""What all tests share: a user's environment of their own, and the proof that nothing is left running.

Daemons, boards, name servers and clients are real processes. They inherit the environment that is set here: folders
of this run only, a free port for the name server, no screen.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable


def free_port() -> int:
    """A TCP port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_environment() -> str:
    """Give this process and its children a user's environment of their own, and the folder it lies in.

    Python processes that a test starts with multiprocessing import this file again: they keep what they inherited.
    """
    if "PYRPL_REMOTE_TESTS" not in os.environ:
        folder = os.environ["PYRPL_REMOTE_TESTS"] = tempfile.mkdtemp(prefix="pyrpl-remote-tests-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for name in [name for name in os.environ if name.startswith("REDPITAYA_")]:
            del os.environ[name]
        os.environ.update(
            PYRPL_REMOTE_DIR=os.path.join(folder, "state"),
            PYRPL_REMOTE_GRACE="1",
            PYRPL_USER_DIR=folder,
            PYRO_NS_HOST="localhost",
            PYRO_NS_PORT=str(free_port()),
            QT_QPA_PLATFORM="offscreen",
        )
    return os.environ["PYRPL_REMOTE_TESTS"]


# before anything imports Pyro5, PyRPL or PyMoDAQ, which read it at import
FOLDER = own_environment()

import psutil  # noqa: E402
import pytest  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--vectors", metavar="DIR", help="folder of recorded gateware programs to compare the FPGA model with")


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


def wait_until(condition: Callable[[], object], timeout: float = 20.0, what: str = "the condition") -> object:
    """Wait until `condition()` is true, and return its value."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        time.sleep(0.02)
    return value


def our_processes() -> list[psutil.Process]:
    """Every running process that inherited the environment of this test run, without this one.

    Nor multiprocessing's resource tracker, which Python keeps for as long as this process lives.
    """
    ours = []
    for process in psutil.process_iter():
        try:
            inherited = process.environ().get("PYRPL_REMOTE_DIR") == os.environ["PYRPL_REMOTE_DIR"]
            tracker = any("multiprocessing.resource_tracker" in word for word in process.cmdline())
            alive = process.status() != psutil.STATUS_ZOMBIE
            if inherited and alive and not tracker and process.pid != os.getpid():
                ours.append(process)
        except psutil.Error:
            continue
    return ours


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
        done = subprocess.run(python_command(lines), env={**os.environ, **environment}, capture_output=True, text=True, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return reports(done.stdout)

    return run


def python_command(lines: str) -> list[str]:
    """The command that runs `lines`, in which `report(name=value)` is known."""
    preamble = "import json\ndef report(**values):\n    print('report: ' + json.dumps(values), flush=True)\n"
    return [sys.executable, "-c", preamble + textwrap.dedent(lines)]


def reports(output: str) -> dict:
    """What `report` printed, in one dict."""
    found = {}
    for line in output.splitlines():
        if line.startswith("report: "):
            found.update(json.loads(line.removeprefix("report: ")))
    return found


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
