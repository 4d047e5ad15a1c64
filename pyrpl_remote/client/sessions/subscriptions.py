"""`Subscriptions`: what a session is subscribed to, by number, and the way of its events to the callbacks.

A subscription outlives its daemon: `renew` makes it again in the next one.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ...errors import PyrplRemoteError, SessionClosed, SessionError
from ..connections.connection import Connections
from .callbacks import Callbacks
from .events import KINDS
from .subscribed import Decode, Subscribed

log = logging.getLogger("pyrpl_remote")


class Subscriptions:
    """All subscriptions of one session. Its methods may be called from any thread."""

    def __init__(self, board: str, connections: Connections, callbacks: Callbacks, wake: Callable[[], None]):
        """`callbacks` calls the users' functions; `wake()` lets the stream's thread request events."""
        self._board = board
        self._connections = connections
        self._callbacks = callbacks
        self._wake = wake
        self._by_number: dict[int, Subscribed] = {}
        # numbers of those whose ends are still to be reported to the daemon
        self._dropped: deque[int] = deque()
        self._reported = ""
        connections.deliver = self._deliver

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._by_number))

    def __contains__(self, number: int) -> bool:
        return number in self._by_number

    def make(
        self,
        token: object,
        kind: str,
        path: str,
        callback: Callable[[Any], object],
        decode: Callable[[], Decode | None],
        name: str = "",
    ) -> int:
        """Subscribe to the module at `path` (see subscribed.py); returns the subscription's number.

        `name` is that of a signal, if `kind` is "signal".
        No event after the return is missed. Raises the daemon's error.
        """
        number = self._connections.number()
        one = self._by_number[number] = Subscribed(token, kind, path, name, callback, decode)
        try:
            self._connections.ask("subscribe", number, kind, path, name)
            one.missed = one.before = 0  # another daemon may have been found on the way
        except BaseException:
            self._by_number.pop(number, None)
            self._dropped.append(number)  # an interrupt may have come after the daemon had subscribed
            raise
        self._wake()
        return number

    def end(self, number: int) -> None:
        """End a subscription, if it has not ended."""
        if self._by_number.pop(number, None) is not None:
            try:
                self._connections.ask("unsubscribe", number)
            except PyrplRemoteError as error:
                log.debug("board %r: the subscription ended with its daemon: %s", self._board, error)

    def drop(self, token: object) -> None:
        """End all subscriptions of the handle identified by `token`; `report_ends` reports that later.

        The garbage collector may call this at any point of a program, so it must neither wait nor use a
        connection.
        """
        for number, one in list(self._by_number.items()):
            if one.token is token:
                self._dropped.append(number)
                self._by_number.pop(number, None)

    def report_ends(self) -> None:
        """Report to the daemon which subscriptions have ended. Raises its error."""
        while self._dropped:
            self._connections.ask("unsubscribe", self._dropped[0])  # once more where it fails
            self._dropped.popleft()

    def renew(self) -> None:
        """Make all subscriptions again, in the present daemon. Raises SessionError.

        One that it refuses has ended, which is logged.
        """
        for number, one in list(self._by_number.items()):
            try:
                if not self._connections.ask("subscribe", number, one.kind, one.path, one.name):
                    one.made_again()
            except SessionError:
                raise
            except PyrplRemoteError as error:
                self._by_number.pop(number, None)
                log.error("board %r: a subscription ended: %s", self._board, error)
            if number not in self._by_number:  # it was closed meanwhile, or is refused
                self._dropped.append(number)
        self._reported = ""

    def report_wait(self, failure: Exception) -> None:
        """Log, once, why the subscriptions get nothing now."""
        count = len(self._by_number)
        if count and str(failure) != self._reported:
            self._reported = str(failure)
            log.warning("board %r: %d subscription(s) wait for a daemon: %s", self._board, count, failure)

    def tell_link(self, state: str, reason: str) -> None:
        """Call the callbacks for the link to the board: the way to it leads through the daemon."""
        event = {"state": state, "reason": reason, "since": time.time()}
        for number, one in list(self._by_number.items()):
            if one.kind == "link":
                self._callbacks.post(partial(self._deliver, number, event))

    def receive(self, number: int, content: dict[str, Any]) -> None:
        """Call the callback of a subscription with the event in `content`, unless it has ended."""
        one = self._by_number.get(number)
        if one is not None:
            self._callbacks.post(partial(self._deliver, number, one.counted(content)))

    def clear(self) -> None:
        """End all subscriptions: the session has ended, or is another process's."""
        self._by_number.clear()

    def _deliver(self, number: int, event: dict[str, Any]) -> None:
        one = self._by_number.get(number)
        decode = None if one is None else one.decode()
        if one is None or decode is None:
            return
        try:
            one.callback(KINDS[one.kind](**{key: decode(plain) for key, plain in event.items()}))
        except SessionClosed:
            if number in self:
                log.exception("board %r: a callback used a board that is closed", self._board)
        except Exception:  # boundary: user code
            log.exception(
                "board %r: the callback %r raised; its subscription goes on", self._board, one.callback
            )
