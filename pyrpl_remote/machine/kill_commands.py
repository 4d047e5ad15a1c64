"""The commands by which a user ends a process, or lets it go on, for remedies."""

from __future__ import annotations

import sys


def end(pid: int) -> str:
    """The command that ends a process; on Windows it is one of PowerShell."""
    return f"Stop-Process -Id {pid}" if sys.platform == "win32" else f"kill {pid}"


def go_on_or_end(pid: int | None) -> str:
    """What to do about a process that may be suspended, to follow a sentence; "" if it is not known."""
    if pid is None:
        return ""
    if sys.platform == "win32":
        return f": `{end(pid)}` in PowerShell ends it, the Resource Monitor can let it go on"
    return f": `kill -CONT {pid}` lets it go on, `kill -KILL {pid}` ends it"
