"""Watches the link to the board, and brings it back when it is lost. It has a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..qt.thread import QtThread, log_failure

if TYPE_CHECKING:
    from ..adapter.board.link import Link
    from ..adapter.board.recovery import Recovery

log = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
"""After how long without an access the board is asked whether it is still there."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
"""s between attempts to reconnect: doubled after each attempt up to the longest."""


class Supervisor:
    """Watches one link until `ending` is set."""

    def __init__(self, link: Link, recovery: Recovery, qt: QtThread, ending: threading.Event):
        self._link = link
        self._recovery = recovery
        self._qt = qt
        self._ending = ending
        self._at_work = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self, seconds: float) -> None:
        """After `ending` is set: wait up to `seconds` until the thread leaves the board alone."""
        # not for the end of the thread, which may wait for a loss until its next look
        if self._at_work.acquire(timeout=seconds):
            self._at_work.release()

    def _run(self) -> None:
        while not self._ending.is_set():
            lost = self._link.lost.wait(CHECK_SECONDS)
            with self._at_work:
                if self._ending.is_set():
                    return
                if lost:
                    self._bring_back()
                elif time.perf_counter() - self._link.last_access > CHECK_SECONDS:
                    self._in_qt_thread(self._link.check)

    def _bring_back(self) -> None:
        from ..adapter.board.recovery import NotBack  # not at the top: it imports PyRPL

        pause = FIRST_PAUSE
        while not self._ending.is_set():
            try:
                connection, report = self._recovery.attempt()
            except NotBack as error:
                self._link.failed(error.reason, error.state)
            except Exception as error:  # boundary: paramiko, socket and PyRPL raise their own kinds
                log.debug("an attempt to reconnect failed", exc_info=True)
                self._link.failed(str(error).strip().splitlines()[-1] if str(error).strip() else repr(error))
            else:
                self._in_qt_thread(partial(self._link.resume, connection, report))
                return
            self._ending.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _in_qt_thread(self, work: Callable[[], Any]) -> None:
        """Run `work()` there, and wait for its end, or for that of the daemon."""
        done = threading.Event()
        future = self._qt.post(work)
        future.add_done_callback(log_failure)
        future.add_done_callback(lambda _: done.set())
        while not done.wait(0.2) and not self._ending.is_set():
            pass
