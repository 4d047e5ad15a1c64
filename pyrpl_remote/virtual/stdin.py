"""Waits for the end of the standard input, which whoever starts a virtual board holds open."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections.abc import Callable

LOOK_SECONDS = 0.1
"""How often to look on Windows whether it has ended."""


def wait_for_end() -> None:
    """Return when the standard input has ended. What comes from it is dropped."""
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        handle = msvcrt.get_osfhandle(0)
        with contextlib.suppress(OSError):  # it is no pipe
            look_until_end(lambda: _winapi.PeekNamedPipe(handle, 0)[0])
            return
    # by file descriptor: a thread that waits in sys.stdin.read() would keep the process from exiting
    while os.read(0, 4096):
        pass


def wait_for_close() -> None:
    """Return when the other end of the standard input, a pipe, was closed. Nothing is read."""
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        handle = msvcrt.get_osfhandle(0)
        with contextlib.suppress(OSError):
            while True:
                _winapi.PeekNamedPipe(handle, 0)
                time.sleep(LOOK_SECONDS)
    else:
        closed = select.poll()
        closed.register(0, 0)  # the end is reported unasked
        closed.poll()


def look_until_end(waiting: Callable[[], int], descriptor: int = 0) -> None:
    """Return when `waiting()`, how many bytes wait, raises BrokenPipeError: the other end was closed.

    To look and not to read: while a thread of Windows waits to read from a pipe, whatever asks for the pipe's
    state waits too, as the libraries of numpy and numba do when they are loaded
    (https://github.com/numpy/numpy/issues/24290).
    """
    with contextlib.suppress(BrokenPipeError):
        while True:
            if count := waiting():
                os.read(descriptor, count)
            else:
                time.sleep(LOOK_SECONDS)
