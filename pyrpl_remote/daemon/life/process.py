"""The daemon's process as the system sees it, and the versions of what it runs with."""

from __future__ import annotations

import functools
import platform
import time
from importlib import metadata
from typing import Any

import psutil

from ..._version import __version__

DISTRIBUTIONS = ("pyrpl", "Pyro5", "PyQt6", "PySide6", "PyQt5", "PySide2", "numpy")
"""The libraries whose versions the status has, as far as they are installed."""


def usage() -> dict[str, Any]:
    """Memory, processor time, threads and descriptors: fields of board_status.DaemonStatus."""
    process = psutil.Process()
    with process.oneshot():
        return {
            "memory": process.memory_info().rss,
            "cpu_seconds": time.process_time(),
            "threads": process.num_threads(),
            "descriptors": process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
        }


@functools.cache
def versions() -> dict[str, str]:
    """The versions of this package, of Python, the system and the libraries, by name."""
    found = {"pyrpl_remote": __version__, "python": platform.python_version(), "system": platform.platform()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
