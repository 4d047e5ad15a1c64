"""Whether Qt can show windows here. Where it cannot, it aborts the process that makes its application.

So a process of its own tries it: `python -m pyrpl_remote.machine.qt_windows`. The panel asks before it
begins, the daemon before it imports PyRPL, and `doctor`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping

from .. import clean_path
from .extras import QT_BINDINGS
from .screen import has_screen

PLATFORM = "QT_QPA_PLATFORM"
"""The environment variable that names the kind of screen that Qt uses."""

WITHOUT_SCREEN = ("offscreen", "minimal", "vnc")
"""Kinds of it that need no screen."""

SECONDS = 30.0
"""How long Qt may take to begin."""

INSTALL_WINDOW_LIBRARIES = (
    "on Debian and Ubuntu: sudo apt-get install -y "
    "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0"
)
"""The remedy if Qt lacks system libraries for windows."""

LACKING = re.compile(r"(lib[\w.+-]+): cannot open shared object file")
"""The library in the system's message that one is missing."""

NO_SCREEN = {
    "linux": "there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set",
    "darwin": "there is no screen: this process belongs to no login at one",
}
"""What is said where there is no screen, by system."""

USE_DESKTOP = "start it in a session with a desktop, or over `ssh -X`"


def no_windows(environment: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """Why Qt cannot show windows, and the remedy; None if it can, or cannot be imported at all."""
    platform = environment.get(PLATFORM, "").partition(":")[0]
    if platform in WITHOUT_SCREEN:
        return None
    if not (platform or has_screen(environment)):
        return NO_SCREEN.get(sys.platform, "there is no screen"), USE_DESKTOP
    if sys.platform != "linux":
        return None
    displays = [
        f"{name}={environment[name]}" for name in ("DISPLAY", "WAYLAND_DISPLAY") if environment.get(name)
    ]
    where = ", ".join(displays) or f"{PLATFORM}={platform}"
    try:
        done = subprocess.run(
            clean_path.command("pyrpl_remote.machine.qt_windows"),
            env={**environment, "QT_DEBUG_PLUGINS": "1"},  # with it Qt names the library that it lacks
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"the screen {where} has not answered within {SECONDS:g} s", USE_DESKTOP
    if done.returncode >= 0:
        return None
    if f"could not connect to display {environment.get('DISPLAY', '')}" in done.stderr:
        return f"the screen {where} does not answer", USE_DESKTOP
    if lacking := LACKING.search(done.stderr):
        return f"Qt's windows need a library of the system: {lacking[1]}", INSTALL_WINDOW_LIBRARIES
    said = next(
        (line for line in done.stderr.splitlines() if "Could not" in line), f"it ended with {done.returncode}"
    )
    return f"Qt cannot use the screen {where}: {said}", USE_DESKTOP


def _begin() -> None:
    """Make Qt's application, as a program with windows does: Qt aborts the process if it cannot."""
    for binding in QT_BINDINGS:
        if importlib.util.find_spec(binding) is not None:
            importlib.import_module(f"{binding}.QtGui").QGuiApplication([""])
            return


if __name__ == "__main__":
    _begin()
