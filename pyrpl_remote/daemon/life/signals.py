"""SIGINT and SIGTERM end the daemon, although Qt's event loop runs no Python code while it sleeps."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop()` at SIGINT and SIGTERM while the block runs; to be used in the main thread."""
    from ..qt.notifier import notify_readable

    waking, woken = socket.socketpair()
    waking.setblocking(False)
    previous = signal.set_wakeup_fd(waking.fileno())
    # reading the byte is all there is to do: Python runs the handlers on its way here
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
