"""Whether this process can show windows. If it cannot, Qt ends it, unless it draws `offscreen`."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable


def has_screen() -> bool:
    """Whether Qt finds a screen to show windows on, or was told by QT_QPA_PLATFORM which one to take."""
    return bool(os.environ.get("QT_QPA_PLATFORM")) or _OF_SYSTEM.get(sys.platform, _always)()


def _on_linux() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _on_macos() -> bool:
    """Whether this process belongs to a login at the screen, unlike one over ssh."""
    services = ctypes.CDLL("/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices")
    # CGSession.h: NULL for a process without access to the window server
    session = services.CGSessionCopyCurrentDictionary
    session.restype = ctypes.c_void_p
    return session() is not None


def _always() -> bool:
    return True


_OF_SYSTEM: dict[str, Callable[[], bool]] = {"linux": _on_linux, "darwin": _on_macos}
