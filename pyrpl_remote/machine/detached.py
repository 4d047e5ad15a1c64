"""Start processes that outlive the one that starts them: a board's daemon, and the name server."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from .. import clean_path

NEW_GROUP, NO_WINDOW, BREAKAWAY = 0x00000200, 0x08000000, 0x01000000
"""Windows' flags for a new process (winbase.h): Ctrl-C does not reach it; it opens no window; it leaves the
job of the process that starts it, whose end ends all processes in it."""


def own_group() -> dict[str, Any]:
    """Arguments of Popen for a helper that Ctrl-C in this process's terminal must not end.

    It opens no window where this process has none, as a program with a Qt window on Windows.
    """
    if sys.platform == "win32":
        return {"creationflags": NEW_GROUP | NO_WINDOW}
    return {"start_new_session": True}


def start_detached(module: str, *arguments: str, **streams: Any) -> subprocess.Popen[Any]:
    """Run `module` of this package so that it outlives this process and its terminal; returns the process.

    `streams` are arguments of Popen: stdin, stdout, stderr, text, env.
    """
    command = clean_path.command(module, *arguments)
    if sys.platform == "win32":
        return outside_the_job(lambda flags: subprocess.Popen(command, creationflags=flags, **streams))
    return subprocess.Popen(command, start_new_session=True, **streams)


def outside_the_job(start: Callable[[int], subprocess.Popen[Any]]) -> subprocess.Popen[Any]:
    """Start a process on Windows outside the job of this one; `start(flags)` starts it.

    An editor, a terminal or ssh may have put this process into a job that ends with it. A job may refuse the
    flag: then the process ends with it, unless the job lets all of them leave by itself.
    """
    try:
        return start(NEW_GROUP | NO_WINDOW | BREAKAWAY)
    except PermissionError:
        return start(NEW_GROUP | NO_WINDOW)


def reap(process: subprocess.Popen[Any]) -> None:
    """Wait for the end of `process` in the background, so that it does not become a zombie."""
    threading.Thread(target=process.wait, name=f"pyrpl_remote pid {process.pid}", daemon=True).start()
