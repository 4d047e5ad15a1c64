"""The calls that have not finished, by session and by the number that the client chose."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

from ...errors import PyrplRemoteError

MAX_CALLS = 1000
"""How many unfinished calls a session may have, and how many it may give up before they begin."""

Done = Callable[[Future[Any]], None]
"""A function that is called with the future of a finished call."""


class Calls:
    """Keeps the future of each call until it is done or given up. May be used from any thread."""

    def __init__(
        self,
        stop: Callable[[Future[Any]], None],
        release: Callable[[Future[Any]], None] = lambda future: None,
    ):
        """`stop(future)` ends the call with this future; `release(future)` lets it go on for nobody.

        Both are called in the Qt thread.
        """
        self._stop = stop
        self._release = release
        self._lock = threading.Lock()
        self._under_way: dict[tuple[Hashable, int], Future[Any]] = {}
        # calls given up before they began: `abandon` came on another connection, and overtook the call
        self._unwanted: dict[tuple[Hashable, int], None] = {}
        # calls that go on, but whose results nobody waits for
        self._released: set[tuple[Hashable, int]] = set()

    def require_free(self, session: Hashable, number: Any) -> None:
        """Raise an error unless a call of this number may begin: nobody could give it up otherwise."""
        require_number(number)
        with self._lock:
            if (session, number) in self._under_way:
                raise ValueError(f"there is a call of the number {number} already")
            if sum(key[0] == session for key in self._under_way) >= MAX_CALLS:
                raise PyrplRemoteError(
                    f"this program has {MAX_CALLS} calls that have not finished",
                    "wait for some of their results",
                )

    def keep(
        self, session: Hashable, number: int, future: Future[Any], done: Done = lambda future: None
    ) -> None:
        """Add a call that has begun. `done(future)` is called when it is done, unless it is given up.

        To be called in the Qt thread.
        """
        key = session, number
        with self._lock:
            unwanted = key in self._unwanted
            self._unwanted.pop(key, None)
            if not unwanted:
                self._under_way[key] = future
        if unwanted:
            self._stop(future)
        else:
            future.add_done_callback(lambda future: self._finished(key, done, future))

    def abandon(self, session: Hashable, number: int) -> None:
        """Give up a call: stop it now, or as soon as it begins. In the Qt thread."""
        require_number(number)
        with self._lock:
            future = self._under_way.pop((session, number), None)
            self._released.discard((session, number))
            if future is None:
                self._unwanted[session, number] = None
                # the oldest: their calls never came
                for key in [key for key in self._unwanted if key[0] == session][:-MAX_CALLS]:
                    del self._unwanted[key]
        if future is not None:
            self._stop(future)

    def release(self, session: Hashable, number: int) -> None:
        """Let a call go on without sending its result, for which nobody waits. In the Qt thread."""
        require_number(number)
        with self._lock:
            future = self._under_way.get((session, number))
            if future is not None:
                self._released.add((session, number))
        if future is not None:
            self._release(future)

    def leave(self, session: Hashable) -> None:
        """Give up all calls of a session that has ended. In the Qt thread."""
        with self._lock:
            self._unwanted = {key: None for key in self._unwanted if key[0] != session}
            self._released = {key for key in self._released if key[0] != session}
            futures = [self._under_way.pop(key) for key in list(self._under_way) if key[0] == session]
        for future in futures:
            self._stop(future)

    def _finished(self, key: tuple[Hashable, int], done: Done, future: Future[Any]) -> None:
        with self._lock:
            wanted = self._under_way.pop(key, None) is not None and key not in self._released
            self._released.discard(key)
        if wanted:
            done(future)


def require_number(number: Any) -> None:
    """Raise TypeError unless `number` is one that a client may choose for a call or a subscription."""
    if type(number) is not int or not 0 <= number < 2**63:
        raise TypeError(f"the number of a call is an int, not {number!r:.80}")
