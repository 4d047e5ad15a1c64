"""What waits for each session: events of its subscriptions, and results of calls that it began.

The Qt thread puts them in and never waits; the thread of the session's stream takes them out. A listener
keeps a bounded amount and counts what it had to drop, so a client that is slow or stuck costs nobody
anything.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Hashable
from typing import Any

from ...errors import SessionError

KEPT_BYTES = 8 * 2**20
"""How much a listener keeps of changes that its client has not fetched: some ten thousand of them."""

CHANGE_BYTES = 600
"""What a change of a small value takes in memory."""


class ChangeListener:
    """Keeps every change until it is fetched, the newest ones if there are too many."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._kept: deque[tuple[int, dict[str, Any], int]] = deque()
        self._bytes = 0
        self._lost = 0

    def covers(self, path: str) -> bool:
        """Whether the module at `path` is the one that was subscribed to, or inside it."""
        inside = path.removeprefix(self.path)
        return not self.path or path == self.path or (inside != path and inside[0] in ".[")

    def offer(self, order: int, event: dict[str, Any]) -> None:
        """Keep `event`."""
        size = CHANGE_BYTES + _size(event["value"])
        self._kept.append((order, event, size))
        self._bytes += size
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.popleft()[2]
            self._lost += 1

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """All that is kept; `lost` of each says how many were dropped before it."""
        taken = [(order, {**event, "lost": 0}) for order, event, _ in self._kept]
        if taken:
            taken[0][1]["lost"] = self._lost
        self._kept.clear()
        self._bytes = self._lost = 0
        return taken

    def has_news(self) -> bool:
        """Whether there is something to take."""
        return bool(self._kept)


class CurveListener:
    """Keeps the newest frame of an acquisition only."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._kept: tuple[int, dict[str, Any]] | None = None
        self._number = 0
        self._skipped = 0

    def covers(self, path: str) -> bool:
        """Whether the module at `path` is the one that was subscribed to."""
        return path == self.path

    def offer(self, order: int, event: dict[str, Any]) -> None:
        """Keep the frame `event` in place of the one before it."""
        self._skipped += self._kept is not None
        self._number += 1
        self._kept = order, {**event, "number": self._number}

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """The newest frame; `skipped` says how many it replaced."""
        if self._kept is None:
            return []
        order, event = self._kept
        taken = [(order, {**event, "skipped": self._skipped})]
        self._kept, self._skipped = None, 0
        return taken

    def has_news(self) -> bool:
        """Whether there is something to take."""
        return self._kept is not None


Listener = ChangeListener | CurveListener


class Mailbox:
    """What one session has yet to receive: events and results, by the numbers that it gave them.

    May be used from any thread.
    """

    def __init__(self, number: int):
        """`number` tells this mailbox from others that its session may have had."""
        self.number = number
        self._condition = threading.Condition()
        self._listeners: dict[int, Listener] = {}
        self._results: list[tuple[int, list[Any]]] = []
        self._woken = False
        self._sent = 0
        self._batch: list[list[Any]] = []

    def add(self, number: int, listener: Listener) -> None:
        """Let `listener` receive events from now on; a second time with the same number does nothing."""
        with self._condition:
            self._listeners.setdefault(number, listener)

    def remove(self, number: int) -> None:
        """Remove a listener. A waiting `take` returns, so that its client can stop waiting."""
        with self._condition:
            self._listeners.pop(number, None)
        self.wake()

    def wake(self) -> None:
        """Let a waiting `take` return."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def listeners(self) -> list[Listener]:
        """All listeners."""
        with self._condition:
            return list(self._listeners.values())

    def put(self, kind: type[Listener], path: str, order: int, event: dict[str, Any]) -> None:
        """Offer an event of the module at `path` to the listeners of its kind; `order` counts all items."""
        with self._condition:
            for listener in self._listeners.values():
                if isinstance(listener, kind) and listener.covers(path):
                    listener.offer(order, event)
                    self._condition.notify_all()

    def put_result(self, number: int, order: int, result: Any) -> None:
        """Keep the result of the call of this number."""
        with self._condition:
            self._results.append((order, ["result", number, result]))
            self._condition.notify_all()

    def take(self, received: int, room: bool, seconds: float) -> tuple[int, list[list[Any]]]:
        """The batch's number, and its items in order: ["event" or "result", number, content].

        Waits up to `seconds` if there is nothing. `received` is the number of the batch that was received
        last, 0 for the first: if the batch after it was lost on its way, it is returned again. Without `room`
        for events only results are taken.
        """
        with self._condition:
            if received == self._sent:
                self._batch = []
                self._condition.wait_for(
                    lambda: received != self._sent or self._woken or self._has_news(room), seconds
                )
                self._woken = False
            # else: the reply was lost, or was sent to a connection that had been cut meanwhile
            if received == self._sent and self._has_news(room):
                news, self._results = self._results, []
                if room:
                    news += [
                        (order, ["event", number, event])
                        for number, listener in self._listeners.items()
                        for order, event in listener.take()
                    ]
                self._batch = [item for _, item in sorted(news, key=lambda one: one[0])]
                self._sent += 1
            return self._sent, self._batch

    def _has_news(self, room: bool) -> bool:
        if self._results:
            return True
        return room and any(listener.has_news() for listener in self._listeners.values())


class Mailboxes:
    """The mailboxes of all sessions. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_session: dict[Hashable, Mailbox] = {}
        self._numbers = itertools.count(1)
        self._order = itertools.count()

    def of(self, session: Hashable) -> Mailbox:
        """A session's mailbox, made when it is first needed."""
        with self._lock:
            if session not in self._of_session:
                self._of_session[session] = Mailbox(next(self._numbers))
            return self._of_session[session]

    def find(self, session: Hashable) -> Mailbox | None:
        """A session's mailbox, if it has one."""
        return self._of_session.get(session)

    def leave(self, session: Hashable) -> None:
        """The session ended."""
        with self._lock:
            mailbox = self._of_session.pop(session, None)
        if mailbox is not None:
            mailbox.wake()

    def listeners(self) -> list[Listener]:
        """All listeners of all sessions."""
        return [listener for mailbox in self._all() for listener in mailbox.listeners()]

    def put(self, kind: type[Listener], path: str, event: dict[str, Any]) -> None:
        """Offer an event to all listeners of its kind."""
        order = next(self._order)
        for mailbox in self._all():
            mailbox.put(kind, path, order, event)

    def put_result(self, session: Hashable, number: int, result: Any) -> None:
        """Keep the result of a session's call."""
        mailbox = self.find(session)
        if mailbox is not None:  # else it has left, and nobody waits
            mailbox.put_result(number, next(self._order), result)

    def take(self, session: Hashable, mailbox: int, received: int, room: bool, seconds: float) -> list[Any]:
        """[mailbox, batch, items]: what there is for a session, see Mailbox.take.

        `mailbox` is the number that the reply before had, 0 at first. Raises SessionError if that mailbox is
        gone: then the session had lost all its connections, and with them its subscriptions and calls.
        """
        own = self.of(session)
        if mailbox not in (0, own.number):
            raise SessionError(
                "all connections were lost, and the daemon ended the subscriptions and calls",
                "begin them again",
            )
        batch, items = own.take(received, room, seconds)
        return [own.number, batch, items]

    def _all(self) -> list[Mailbox]:
        with self._lock:
            return list(self._of_session.values())


def _size(plain: Any) -> int:
    """About how many bytes a plain value takes (see wire.py)."""
    if isinstance(plain, (bytes, str)):
        return len(plain)
    if isinstance(plain, list):
        return sum(map(_size, plain)) + 8 * len(plain)
    if isinstance(plain, dict):
        return sum(_size(key) + _size(item) for key, item in plain.items()) + 100
    return 24
