"""Ends the daemon at signals such as Ctrl-C. Qt's event loop must be woken to run Python code for them."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator


def end_signals() -> list[signal.Signals]:
    """The signals that end a daemon.

    SIGHUP, which a terminal sends when it is closed, is one of them unless it is ignored, as under nohup; on
    Windows SIGBREAK, which Ctrl-Break, a console that is closed, and the end of a login cause.
    """
    closed = [getattr(signal, name) for name in ("SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    also = [number for number in closed if signal.getsignal(number) is not signal.SIG_IGN]
    return [signal.SIGINT, signal.SIGTERM, *also]


def name_of(number: int) -> str:
    """The signal of this number, in words: who has sent it is not known."""
    return f"the signal {signal.Signals(number).name}"


@contextlib.contextmanager
def stopped_by_signals(stop: Callable[[str], None]) -> Iterator[None]:
    """Call `stop(by)` at each of the `end_signals` within the block; to be used in the main thread.

    `by` names the signal.
    """
    from ..qt.notifier import notify_readable

    waking, woken = socket.socketpair()
    waking.setblocking(False)
    woken.setblocking(False)
    previous = signal.set_wakeup_fd(waking.fileno())
    # Python runs its signal handlers before it calls this; only the byte must be read
    notifier = notify_readable(woken, lambda *_: _empty(woken))
    for number in end_signals():
        signal.signal(number, lambda received, _: stop(name_of(received)))
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(previous)
        waking.close()
        woken.close()


def _empty(sock: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):  # on Windows Qt may notify of a byte that was read already
        sock.recv(64)
