"""PyRPL's own event loop and its `wait`, for a client that uses PyRPL's functions in its own process.

In a notebook PyRPL's `wait(future)` blocks in Qt's event loop. Python notices Ctrl-C only when it runs code:
for a future of ours that would be when the result comes, which may be never. So a timer runs while a future
is waited for there, and a signal handler ends the wait.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio

TICK_SECONDS = 0.1
"""How soon Ctrl-C is noticed."""


def pyrpl_loop() -> asyncio.AbstractEventLoop | None:
    """PyRPL's own asyncio event loop, if the caller is a task in it.

    In a notebook PyRPL's loop runs inside the kernel's, and asyncio reports the kernel's as the running loop.
    """
    async_utils = _async_utils()
    if async_utils is None or threading.current_thread() is not threading.main_thread():
        return None
    import asyncio  # not at the top: it takes a fifth of our import time; a program with PyRPL has it

    loop: asyncio.AbstractEventLoop = async_utils.LOOP
    return loop if asyncio.current_task(loop) is not None else None


def pyrpl_wait() -> Callable[[Any], Any] | None:
    """PyRPL's `wait`, if this thread has coroutines in PyRPL's event loop, which must run during a wait.

    A program starts them with PyRPL's `ensure_future`. In PyRPL itself, `single()` and the like run them.
    """
    async_utils = _async_utils()
    if async_utils is None or threading.current_thread() is not threading.main_thread():
        return None
    import asyncio

    loop = async_utils.LOOP
    if asyncio.current_task(loop) is not None or not asyncio.all_tasks(loop):
        return None  # inside a coroutine, PyRPL's own wait fails
    wait: Callable[[Any], Any] = async_utils.wait
    return wait


class Awaited(Protocol):
    """A future of ours, as far as this file uses it."""

    @property
    def awaited(self) -> bool:
        """Whether callbacks in an event loop wait for it."""


def heed_ctrl_c(future: Awaited, loop: asyncio.AbstractEventLoop) -> None:
    """Let Ctrl-C end PyRPL's `wait` in a notebook, for as long as callbacks in `loop` wait for `future`."""
    async_utils = _async_utils()
    # elsewhere than in a notebook, `wait` runs Python code all the time
    if async_utils is None or loop is not async_utils.LOOP or not async_utils.INTERACTIVE:
        return

    def tick() -> None:
        if not future.awaited:
            return
        # a kernel sets this handler for each cell, and ignores Ctrl-C between them
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupt)
        loop.call_later(TICK_SECONDS, tick)

    tick()


def _async_utils() -> Any:
    return sys.modules.get("pyrpl.async_utils")


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Handle Ctrl-C: end what PyRPL's `wait` waits for, or do what Python's own handler does."""
    wait, outer = _async_utils().wait.__code__, frame
    while outer is not None and outer.f_code is not wait:
        outer = outer.f_back
    waited_for = None if outer is None else outer.f_locals["future"]
    if waited_for is None or waited_for.done():
        signal.default_int_handler(number, frame)
    elif hasattr(waited_for, "interrupt"):
        waited_for.interrupt()
    else:
        waited_for.cancel()  # a task, which may wait for several of ours: `wait` raises CancelledError
