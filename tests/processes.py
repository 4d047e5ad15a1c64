"""The processes of a test run: run lines of Python, read their reports, list processes, wait."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import psutil


def wait_until(condition: Callable[[], object], timeout: float = 20.0, what: str = "the condition") -> Any:
    """Wait until `condition()` is true, and return its value. Fails after `timeout` s, naming `what`."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        time.sleep(0.02)
    return value


def wait_for_line(process: subprocess.Popen[str], words: str, timeout: float = 90.0) -> str:
    """Wait until `process` prints a line with `words`, and return it.

    What it prints before and after is read and dropped. Fails if the output ends, or after `timeout` seconds.
    """
    output = process.stdout
    assert output is not None, "the process was started without stdout=PIPE"
    found: Future[str] = Future()

    def read() -> None:
        # the `with` block of the process may close it meanwhile
        with contextlib.suppress(ValueError), output:
            for line in output:
                if words in line and not found.done():
                    found.set_result(line)
        if not found.done():
            found.set_exception(AssertionError(f"the process ended without a line with {words!r}"))

    threading.Thread(target=read, daemon=True).start()
    wait_until(found.done, timeout, f"a line with {words!r}")
    return found.result()


def our_processes() -> list[psutil.Process]:
    """All running processes that inherited the environment of this test run, except this process.

    multiprocessing's resource tracker is left out: Python runs it until this process ends.
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


def own_connections() -> list[Any]:
    """The TCP connections of this process."""
    return connections_of(os.getpid())


def connections_of(pid: int) -> list[Any]:
    """The TCP connections of a process of this user: macOS shows those of all processes to root only."""
    process = psutil.Process(pid)
    # psutil 6 has renamed it
    listed: list[Any] = (getattr(process, "net_connections", None) or process.connections)("tcp")
    return listed


def python_command(lines: str) -> list[str]:
    """The command that runs `lines`, in which the function `report(name=value)` is defined.

    With PyMoDAQ the process ends at once: a normal end destroys its Qt objects in any order, which can crash.
    """
    preamble = """
        import atexit, json, os, sys
        def end_at_once():
            if "pymodaq" in sys.modules:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(1 if hasattr(sys, "last_type") else 0)
        atexit.register(end_at_once)  # the last that is called
        def report(**values):
            # one write: forks of the process report too
            print("report: " + json.dumps(values) + "\\n", end="", flush=True)
    """
    return [sys.executable, "-c", textwrap.dedent(preamble) + textwrap.dedent(lines)]


def reports(output: str) -> dict:
    """Everything that `report` printed, in one dict."""
    found = {}
    for line in output.splitlines():
        if line.startswith("report: "):
            found.update(json.loads(line.removeprefix("report: ")))
    return found
