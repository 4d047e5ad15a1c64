"""Start processes that outlive the one that starts them: a board's daemon, and the name server."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

from .. import clean_path


def start_detached(module: str, **streams: Any) -> subprocess.Popen[Any]:
    """Run `module` of this package so that it outlives this process and its terminal; returns the process.

    `streams` are arguments of Popen: stdin, stdout, stderr, text, env.
    """
    if sys.platform == "win32":
        streams["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    else:
        streams["start_new_session"] = True
    return subprocess.Popen(clean_path.command(module), **streams)


def reap(process: subprocess.Popen[Any]) -> None:
    """Wait for the end of `process` in the background, so that it does not become a zombie."""
    threading.Thread(target=process.wait, name=f"pyrpl_remote pid {process.pid}", daemon=True).start()
