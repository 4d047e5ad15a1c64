"""The processes of a test run: lines of Python in one, what it reports, those that are there, waiting for them."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
from collections.abc import Callable

import psutil


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
