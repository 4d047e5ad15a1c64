"""Start a board's daemon as a separate process, report its progress, and raise an error if it fails."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import subprocess
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from ... import settings
from ...error_data import rebuild
from ...errors import DaemonFailed
from ...machine.detached import reap, start_detached
from ...names.directory import Entry, entry_from_data
from ..connections.records import log_start_again
from . import start_step
from .locate import ServedByAnother

log = logging.getLogger(__name__)

HEAP_VARIABLES = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "67108864"}
"""Environment variables of glibc, in bytes. By default glibc returns large buffers to the system and maps
them again for each curve; a daemon keeps them. A user's own setting has priority; other C libraries ignore
them."""

LOG_LINES = 8
"""How many of the last lines of the output, or of the log, an error shows."""


def launch(
    name: str,
    config: str | None,
    source: str | None,
    parameters: dict[str, Any],
    grace: float,
    progress: Callable[[str], None],
    said: list[Callable[[], None]],
    set_aside: str = "",
    take_over: bool = False,
    gateware: str = settings.SAY,
    restore: str | None = None,
) -> Entry:
    """Start the daemon of board `name`; returns its entry once it serves.

    `progress` is called with each step that it reports. Functions that log its warnings, and PyRPL's, are
    appended to `said`: the line that shows the steps must be cleared first. Raises the StartError that it
    reports, ServedByAnother if it finds that another daemon serves the board, or DaemonFailed if it ends or
    reports nothing for settings.START_SILENCE_SECONDS.
    """
    request = {
        "name": name,
        "config": config,
        "source": source,
        "parameters": parameters,
        "set_aside": set_aside,
        "take_over": take_over,
        "gateware": gateware,
        "restore": restore,
        "grace": grace,
    }
    process = start_detached(
        "pyrpl_remote.daemon",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # until the daemon has opened its log
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env={**HEAP_VARIABLES, **os.environ},
    )
    # through the pipe: parameters may contain a password, and process lists show arguments
    assert process.stdin is not None
    with contextlib.suppress(OSError), process.stdin:  # it has ended already, and says why
        json.dump(request, process.stdin)
    with start_step.noted(f"start-{name}", progress) as report:
        return _follow(process, name, report, said)


def _follow(
    process: subprocess.Popen[str],
    name: str,
    progress: Callable[[str], None],
    said: list[Callable[[], None]],
) -> Entry:
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    other_lines: list[str] = []
    while True:
        try:
            line = lines.get(timeout=settings.START_SILENCE_SECONDS)
        except queue.Empty:
            process.kill()
            process.wait()
            raise _failed(
                name, f"reported nothing for {settings.START_SILENCE_SECONDS:g} s and was ended", other_lines
            ) from None
        if line is None:
            raise _failed(name, f"ended with exit code {process.wait()}", other_lines)
        try:
            report = json.loads(line)
        except json.JSONDecodeError:
            other_lines.append(line.rstrip())
            continue
        if "progress" in report:
            progress(report["progress"])
        elif "records" in report:
            said.append(partial(log_start_again, report["records"]))
        elif "warning" in report:
            said.append(partial(log.warning, "board %s: %s", name, report["warning"]))
        elif "error" in report:
            process.wait()
            error = rebuild(report["error"])
            raise type(error)(
                error.message, f"{error.remedy}\n     (the daemon's log is {settings.log_path(name)})"
            )
        elif "ready" in report:
            reap(process)
            return entry_from_data(report["ready"])
        elif "served" in report:
            process.wait()
            raise ServedByAnother(entry_from_data(report["served"]))


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put(None)


def _failed(name: str, how: str, other_lines: list[str]) -> DaemonFailed:
    log = settings.log_path(name)
    last = other_lines or (
        log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    )
    tail = "\n".join(f"     {line}" for line in last[-LOG_LINES:])
    return DaemonFailed(
        f"the daemon of board {name!r} {how} before it was ready", f"its log is {log}, and ends with\n{tail}"
    )
