"""Whether this process can reach a screen. If it cannot, Qt ends it, unless it draws `offscreen`."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping


def has_screen(environment: Mapping[str, str]) -> bool:
    """Whether a screen is there to show windows on; on Linux, `environment` has its name."""
    return _OF_SYSTEM.get(sys.platform, _always)(environment)


def _on_linux(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _on_macos(_: Mapping[str, str]) -> bool:
    """Whether this process belongs to a login at the screen, unlike one over ssh."""
    services = ctypes.CDLL("/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices")
    # CGSession.h: NULL for a process without access to the window server
    session = services.CGSessionCopyCurrentDictionary
    session.restype = ctypes.c_void_p
    return session() is not None


def _always(_: Mapping[str, str]) -> bool:
    return True


_OF_SYSTEM: dict[str, Callable[[Mapping[str, str]], bool]] = {"linux": _on_linux, "darwin": _on_macos}
