"""Ends the daemon at signals such as Ctrl-C. Qt's event loop must be woken to run Python code for them."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop()` at SIGINT and SIGTERM within the block; to be used in the main thread.

    At SIGHUP too, which a terminal sends when it is closed, unless it is ignored, as under nohup.
    """
    from ..qt.notifier import notify_readable

    waking, woken = socket.socketpair()
    waking.setblocking(False)
    previous = signal.set_wakeup_fd(waking.fileno())
    # Python runs its signal handlers before it calls this; only the byte must be read
    notifier = notify_readable(woken, lambda *_: woken.recv(64))
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    also = [] if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN else [hangup]
    for number in (signal.SIGINT, signal.SIGTERM, *also):
        signal.signal(number, lambda *_: stop())
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(previous)
        waking.close()
        woken.close()
