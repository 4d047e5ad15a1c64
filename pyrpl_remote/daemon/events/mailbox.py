"""`Mailbox`: the events, results and log records of one session that are not sent with a reply.

These are the events of its subscriptions, the results of the calls that it began, and the log records that
its requests caused after they were answered.

The Qt thread puts them in, and never waits; the worker thread of the session's stream takes them out. A
subscription keeps a limited amount and counts what it drops, so that a slow client does not affect others.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from ...errors import SessionError
from ..records import MAX_RECORDS, Record, more

KEPT_BYTES = 8 * 2**20
"""The limit for changes that a client has not fetched, for each subscription: some ten thousand changes."""

SESSION_KEPT_BYTES = 64 * 2**20
"""The same for all subscriptions of a session together: they share it equally."""

MAX_SUBSCRIPTIONS = 1000
"""How many subscriptions a session may have."""

RESULT_BYTES = 256 * 2**20
MAX_RESULTS = 2000
"""How many results, and bytes of them, may wait for a session to fetch them before it begins other calls."""

KEPT_STATES = 1000
"""How many events of link and lock a subscription keeps until they are fetched; the oldest are dropped."""

CHANGE_BYTES = 600
"""The memory of a change with a small value."""


class ChangeSubscription:
    """A subscription to changes: keeps all until they are fetched, but drops the oldest above KEPT_BYTES."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._kept: deque[tuple[int, dict[str, Any], int]] = deque()
        self._bytes = 0
        self._lost = 0
        self.most_bytes = KEPT_BYTES

    def covers(self, path: str) -> bool:
        """Whether the module at `path` is the one that was subscribed to, or inside it."""
        inside = path.removeprefix(self.path)
        return not self.path or path == self.path or (inside != path and inside[0] in ".[")

    def offer(self, order: int, event: dict[str, Any]) -> None:
        """Keep `event`, which has the number `order` among all items."""
        size = CHANGE_BYTES + _size(event["value"])
        self._kept.append((order, event, size))
        self._bytes += size
        while self._bytes > self.most_bytes and len(self._kept) > 1:
            self._bytes -= self._kept.popleft()[2]
            self._lost += 1

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """Take out all changes with their orders; `lost` of each is how many were dropped before it."""
        taken = [(order, {**event, "lost": 0}) for order, event, _ in self._kept]
        if taken:
            taken[0][1]["lost"] = self._lost
        self._kept.clear()
        self._bytes = self._lost = 0
        return taken

    def has_events(self) -> bool:
        """Whether there is something to take."""
        return bool(self._kept)

    def backlog(self) -> int:
        """How many events there are to take."""
        return len(self._kept)


class CurveSubscription:
    """A subscription to curves: keeps only the newest frame."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._kept: tuple[int, dict[str, Any]] | None = None
        self._number = 0
        self._skipped = 0

    def covers(self, path: str) -> bool:
        """Whether the module at `path` is the one that was subscribed to."""
        return path == self.path

    def offer(self, order: int, event: dict[str, Any]) -> None:
        """Keep the frame `event` in place of the previous one."""
        self._skipped += self._kept is not None
        self._number += 1
        self._kept = order, {**event, "number": self._number}

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """Take out the newest frame, if there is one, with its order; `skipped` is how many it replaced."""
        if self._kept is None:
            return []
        order, event = self._kept
        taken = [(order, {**event, "skipped": self._skipped})]
        self._kept, self._skipped = None, 0
        return taken

    def has_events(self) -> bool:
        """Whether there is something to take."""
        return self._kept is not None

    def backlog(self) -> int:
        """How many events there are to take."""
        return int(self.has_events())


class BoardSubscription:
    """A subscription to rare events of the whole board: keeps all until they are fetched."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._kept: deque[tuple[int, dict[str, Any]]] = deque(maxlen=KEPT_STATES)

    def covers(self, path: str) -> bool:
        """The events are the whole board's."""
        return True

    def offer(self, order: int, event: dict[str, Any]) -> None:
        """Keep `event`, which has the number `order` among all items."""
        self._kept.append((order, event))

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """Take out all events with their orders."""
        taken = list(self._kept)
        self._kept.clear()
        return taken

    def has_events(self) -> bool:
        """Whether there is something to take."""
        return bool(self._kept)

    def backlog(self) -> int:
        """How many events there are to take."""
        return len(self._kept)


class LinkSubscription(BoardSubscription):
    """A subscription to the state of the link to the board."""


class LockSubscription(BoardSubscription):
    """A subscription to the events of the watched lock."""


Subscription = ChangeSubscription | CurveSubscription | LinkSubscription | LockSubscription


class Mailbox:
    """The events and results that one session has not fetched, by the numbers that its client chose.

    May be used from any thread.
    """

    def __init__(self, number: int):
        """`number` distinguishes this mailbox from earlier ones of the same session."""
        self.number = number
        self._condition = threading.Condition()
        self._subscriptions: dict[int, Subscription] = {}
        self._results: list[tuple[int, list[Any]]] = []
        self._records = 0
        self._result_bytes = 0
        self._woken = False
        self._sent = 0
        self._batch: list[list[Any]] = []

    def add(self, number: int, subscription: Subscription) -> bool:
        """Add a subscription, unless there is one with this number; returns whether there is."""
        with self._condition:
            if len(self._subscriptions) >= MAX_SUBSCRIPTIONS and number not in self._subscriptions:
                raise SessionError(
                    f"this program has {MAX_SUBSCRIPTIONS} subscriptions to events", "end some: off()"
                )
            kept = self._subscriptions.setdefault(number, subscription) is not subscription
            changes = [one for one in self._subscriptions.values() if isinstance(one, ChangeSubscription)]
            for one in changes:
                one.most_bytes = min(KEPT_BYTES, SESSION_KEPT_BYTES // len(changes))
            return kept

    def require_room(self) -> None:
        """Raise SessionError if too many results wait to be fetched."""
        with self._condition:
            if len(self._results) > MAX_RESULTS or self._result_bytes > RESULT_BYTES:
                raise SessionError(
                    "this program does not fetch the results of its calls",
                    "its connection for events is blocked",
                )

    def remove(self, number: int) -> None:
        """Remove a subscription, and let a waiting `take` return."""
        with self._condition:
            self._subscriptions.pop(number, None)
        self.wake()

    def wake(self) -> None:
        """Let a waiting `take` return, even without items."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def put_break(self, order: int, reason: str) -> None:
        """Keep the news that the session was ended, and its calls given up, for `reason`."""
        with self._condition:
            self._results.append((order, ["break", 0, reason]))

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions."""
        with self._condition:
            return list(self._subscriptions.values())

    def backlog(self) -> int:
        """How many items there are to take."""
        with self._condition:
            events = sum(subscription.backlog() for subscription in self._subscriptions.values())
            return len(self._results) + events

    def put(self, kind: type[Subscription], path: str, order: int, event: dict[str, Any]) -> None:
        """Put an event of the module at `path` into the subscriptions of its kind.

        `order` is the event's number among all items.
        """
        with self._condition:
            for subscription in self._subscriptions.values():
                if isinstance(subscription, kind) and subscription.covers(path):
                    subscription.offer(order, event)
                    self._condition.notify_all()

    def put_result(self, number: int, order: int, result: Any) -> None:
        """Keep the result of the call of this number."""
        with self._condition:
            self._results.append((order, ["result", number, result]))
            self._result_bytes += _size(result)
            self._condition.notify_all()

    def put_record(self, order: int, record: Record) -> None:
        """Keep a log record; above MAX_RECORDS that are not fetched, one record stands for all others."""
        with self._condition:
            self._records += 1
            if self._records <= MAX_RECORDS:
                self._results.append((order, ["record", 0, record]))
            elif self._records == MAX_RECORDS + 1:
                self._results.append((order, ["record", 0, more("some")]))
            self._condition.notify_all()

    def take(self, received: int, with_events: bool, seconds: float) -> tuple[int, list[list[Any]]]:
        """Take out a batch; returns its number and its items in order.

        An item is [kind, number, content]: an "event" of the subscription of this number, the "result" of the
        call of this number, a log "record", or a "break" (see put_break), which have the number 0.
        Waits up to `seconds` for an item. `received` is the number of the batch that the client received
        last, 0 at first: if the next batch was lost with its connection, it is returned again. Without
        `with_events` no events are taken.
        """
        with self._condition:
            if received == self._sent:
                self._batch = []
                self._condition.wait_for(
                    lambda: received != self._sent or self._woken or self._has_items(with_events), seconds
                )
                self._woken = False
            # else: the client did not receive the last batch, because its connection broke
            if received == self._sent and self._has_items(with_events):
                items, self._results, self._records, self._result_bytes = self._results, [], 0, 0
                if with_events:
                    items += [
                        (order, ["event", number, event])
                        for number, subscription in self._subscriptions.items()
                        for order, event in subscription.take()
                    ]
                self._batch = [item for _, item in sorted(items, key=lambda one: one[0])]
                self._sent += 1
            return self._sent, self._batch

    def _has_items(self, with_events: bool) -> bool:
        if self._results:
            return True
        return with_events and any(subscription.has_events() for subscription in self._subscriptions.values())


def _size(plain: Any) -> int:
    """Roughly how many bytes a plain value takes (see wire.py)."""
    if isinstance(plain, (bytes, str)):
        return len(plain)
    if isinstance(plain, list):
        return sum(map(_size, plain)) + 8 * len(plain)
    if isinstance(plain, dict):
        return sum(_size(key) + _size(item) for key, item in plain.items()) + 100
    return 24
