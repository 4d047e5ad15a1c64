"""What waits for one session: its listeners, and what each of them has yet to be told.

The hardware thread puts events in and never waits; the session's own Pyro thread takes them out. A listener keeps
a bounded amount and counts what it had to drop, so a client that is slow or stuck costs nobody anything.
"""

from __future__ import annotations

import threading
from collections import deque

KEPT_BYTES = 8 * 2**20
"""How much a listener keeps of changes that its client has not fetched: some ten thousand of them."""

CHANGE_BYTES = 600
"""What a change of a small value takes in memory."""


class ChangeListener:
    """Keeps every change until it is fetched, the newest ones if they are too many."""

    def __init__(self, path: str):
        self.path = path
        self._kept: deque[tuple[int, dict, int]] = deque()
        self._bytes = 0
        self._lost = 0

    def hears(self, path: str) -> bool:
        """Whether the module at `path` is the one listened to, or inside it."""
        inside = path.removeprefix(self.path)
        return not self.path or path == self.path or (inside != path and inside[0] in ".[")

    def offer(self, order: int, event: dict) -> None:
        """Keep `event`."""
        size = CHANGE_BYTES + _size(event["value"])
        self._kept.append((order, event, size))
        self._bytes += size
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.popleft()[2]
            self._lost += 1

    def take(self) -> list[tuple[int, dict]]:
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

    def __init__(self, path: str):
        self.path = path
        self._kept: tuple[int, dict] | None = None
        self._number = 0
        self._skipped = 0

    def hears(self, path: str) -> bool:
        """Whether the module at `path` is the one listened to."""
        return path == self.path

    def offer(self, order: int, event: dict) -> None:
        """Keep the frame `event` in place of the one before it."""
        self._skipped += self._kept is not None
        self._number += 1
        self._kept = order, {**event, "number": self._number}

    def take(self) -> list[tuple[int, dict]]:
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
    """The listeners of one session by the numbers that its client gave them. May be used from any thread."""

    def __init__(self):
        self._condition = threading.Condition()
        self._listeners: dict[int, Listener] = {}
        self._woken = False
        self._sent = 0
        self._batch: list[list] = []

    def add(self, number: int, listener: Listener) -> None:
        """Let `listener` hear from now on; a second time with the same number does nothing."""
        with self._condition:
            self._listeners.setdefault(number, listener)

    def remove(self, number: int) -> None:
        """Forget a listener. A waiting `take` returns, so that its client can end the waiting."""
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

    def put(self, kind: type[Listener], path: str, order: int, event: dict) -> None:
        """Offer an event of the module at `path` to the listeners of its kind; `order` counts all events."""
        with self._condition:
            for listener in self._listeners.values():
                if isinstance(listener, kind) and listener.hears(path):
                    listener.offer(order, event)
                    self._condition.notify_all()

    def take(self, received: int, seconds: float) -> list:
        """[number, [[listener's number, event], ...]]: what the listeners were to be told, in order.

        Waits up to `seconds` if there is nothing. `received` is the number that the answer before had, 0 for the first: if
        that answer was lost on its way, it is given again.
        """
        with self._condition:
            if received == self._sent:
                self._batch = []
                self._condition.wait_for(
                    lambda: received != self._sent or self._woken or self._has_news(), seconds
                )
                self._woken = False
            # else: the answer was lost, or was given to a connection that had been cut meanwhile
            if received == self._sent and self._has_news():
                news = [
                    (o, number, e) for number, listener in self._listeners.items() for o, e in listener.take()
                ]
                self._batch = [[number, event] for _, number, event in sorted(news, key=lambda item: item[0])]
                self._sent += 1
            return [self._sent, self._batch]

    def _has_news(self) -> bool:
        return any(listener.has_news() for listener in self._listeners.values())


def _size(plain) -> int:
    """About how many bytes a plain value takes (see wire.py)."""
    if isinstance(plain, (bytes, str)):
        return len(plain)
    if isinstance(plain, list):
        return sum(map(_size, plain)) + 8 * len(plain)
    if isinstance(plain, dict):
        return sum(_size(key) + _size(item) for key, item in plain.items()) + 100
    return 24
