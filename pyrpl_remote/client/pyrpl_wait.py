"""PyRPL's own `wait`, for programs that use PyRPL's event loop beside the proxies."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any


def pyrpl_wait() -> Callable[[Any], Any] | None:
    """PyRPL's `wait`, if this thread has coroutines in PyRPL's event loop, which must run during a wait.

    A program starts them with PyRPL's `ensure_future`. In PyRPL itself, `single()` and the like run them.
    """
    async_utils = sys.modules.get("pyrpl.async_utils")
    if async_utils is None or threading.current_thread() is not threading.main_thread():
        return None
    import asyncio  # not at the top: it takes a fifth of our import time; a program with PyRPL has it

    loop = async_utils.LOOP
    if asyncio.current_task(loop) is not None or not asyncio.all_tasks(loop):
        return None  # inside a coroutine, PyRPL's own wait fails
    wait: Callable[[Any], Any] = async_utils.wait
    return wait
