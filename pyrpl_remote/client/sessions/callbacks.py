"""The callback thread of a session: it calls the user's functions for events and for completed futures.

It is not the thread that receives events and results: a callback may take long, and may wait for a result
that has not arrived yet.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

log = logging.getLogger("pyrpl_remote")

IDLE_SECONDS = 1.0
"""The thread ends after this time without work; the next callback starts another one."""


class Callbacks:
    """Calls functions one after the other, in the order in which they were posted."""

    def __init__(self, board: str):
        self._name = f"pyrpl_remote callbacks of {board}"
        self._changed = threading.Condition()
        self._waiting: deque[Callable[[], object]] = deque()
        self._thread: threading.Thread | None = None
        self._calling = False

    def post(self, function: Callable[[], object]) -> None:
        """Call `function` soon. It reports its own exceptions; one that ends a thread is logged here."""
        with self._changed:
            self._waiting.append(function)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until all posted functions have returned; False if that takes longer than `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._calling, seconds)

    def forget(self) -> None:
        """After a fork, in the child: the thread, and what it was to call, are the parent's."""
        self._changed = threading.Condition()
        self._waiting.clear()
        self._thread = None
        self._calling = False

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._waiting, IDLE_SECONDS):
                    self._thread = None
                    return
                function = self._waiting.popleft()
                self._calling = True
            try:
                function()
            except BaseException:  # boundary: SystemExit, which would end the callbacks of all others
                log.exception("%s: a callback ended with an exception; others go on", self._name)
            del function  # it may hold a board
            with self._changed:
                self._calling = False
                self._changed.notify_all()
