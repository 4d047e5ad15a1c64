"""Ends the daemon at SIGINT and SIGTERM, for which Qt's event loop must be woken to run Python code."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop()` at SIGINT and SIGTERM within the block; to be used in the main thread."""
    from ..qt.notifier import notify_readable

    waking, woken = socket.socketpair()
    waking.setblocking(False)
    previous = signal.set_wakeup_fd(waking.fileno())
    # Python runs its signal handlers before it calls this; only the byte must be read
    notifier = notify_readable(woken, lambda *_: woken.recv(64))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(previous)
        waking.close()
        woken.close()
