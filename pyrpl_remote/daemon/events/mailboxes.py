"""`Mailboxes`: the mailboxes of all sessions, also of those that may come back.

A session that lost its connections, or was silent for too long, has ended: its calls are given up. If it had
subscriptions, its mailbox is kept for a while: a client that comes back misses no event.
"""

from __future__ import annotations

import itertools
import logging
import random
import threading
import time
from collections.abc import Hashable
from typing import Any

from ...board_status import SavingStatus
from ...errors import SessionError
from ..records import MAX_TEXT, Record
from .mailbox import Mailbox, Subscription

KEPT_SECONDS = 120.0
"""How long the mailbox of a session that has ended is kept."""

KEPT_SESSIONS = 16
"""How many of them are kept at most; the oldest are dropped."""


class Mailboxes:
    """The mailboxes by session. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_session: dict[Hashable, Mailbox] = {}
        # those of sessions that have ended, and when
        self._left: dict[Hashable, tuple[float, Mailbox]] = {}
        # a client that asks for its mailbox in a daemon before this one must not find another one
        self._numbers = itertools.count(random.randrange(1, 2**48))
        self._order = itertools.count()

    def of(self, session: Hashable) -> Mailbox:
        """A session's mailbox, which is made at its first use."""
        with self._lock:
            if session not in self._of_session:
                _, left = self._left.pop(session, (0.0, None))
                self._of_session[session] = left or Mailbox(next(self._numbers))
            return self._of_session[session]

    def find(self, session: Hashable) -> Mailbox | None:
        """A session's mailbox, if it has one."""
        return self._of_session.get(session)

    def leave(self, session: Hashable) -> None:
        """A session has ended: remove its mailbox, or keep it for a while if it has subscriptions."""
        with self._lock:
            mailbox = self._of_session.pop(session, None)
            if mailbox is not None and mailbox.subscriptions():
                mailbox.put_break(
                    next(self._order), "the connections were lost, or nothing came from it for long"
                )
                self._left[session] = time.monotonic(), mailbox
                while len(self._left) > KEPT_SESSIONS:
                    del self._left[next(iter(self._left))]
        if mailbox is not None:
            mailbox.wake()

    def drop_left(self) -> bool:
        """Drop the mailboxes that were kept for KEPT_SECONDS; returns whether there were any."""
        limit = time.monotonic() - KEPT_SECONDS
        with self._lock:
            late = [session for session, (since, _) in self._left.items() if since < limit]
            for session in late:
                del self._left[session]
        return bool(late)

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions of all sessions."""
        return [subscription for mailbox in self._all() for subscription in mailbox.subscriptions()]

    def put(self, kind: type[Subscription], path: str, event: dict[str, Any]) -> None:
        """Put an event of the module at `path` into all subscriptions of its kind."""
        order = next(self._order)
        for mailbox in self._all():
            mailbox.put(kind, path, order, event)

    def put_result(self, session: Hashable, number: int, result: Any) -> None:
        """Keep the result of a session's call."""
        mailbox = self.find(session)
        if mailbox is not None:  # else the session has ended
            mailbox.put_result(number, next(self._order), result)

    def put_record(self, session: Hashable, record: Record) -> None:
        """Keep a log record that a request of a session caused after it was answered."""
        mailbox = self.find(session)
        if mailbox is not None:  # else the session has ended; the record is in the daemon's log
            mailbox.put_record(next(self._order), record)

    def saving_changed(self, status: SavingStatus) -> None:
        """Keep a log record for every session: whether the board's configuration can be saved."""
        text = (
            f"the board's settings cannot be saved: {status.reason}"
            if status.state == "failing"
            else "the board's settings are saved again"
        )
        record = ["pyrpl.memory", logging.WARNING, text[:MAX_TEXT], status.since]
        order = next(self._order)
        for mailbox in self._all():
            mailbox.put_record(order, record)

    def take(
        self, session: Hashable, mailbox: int, received: int, with_events: bool, seconds: float
    ) -> list[Any]:
        """Take out a session's items; returns [number of the mailbox, number of the batch, items].

        `mailbox` is the number in the previous reply, 0 at first; the rest as for Mailbox.take. Raises
        SessionError if that mailbox no longer exists: the session lost all its connections, which ended its
        subscriptions and calls.
        """
        own = self.of(session)
        if mailbox not in (0, own.number):
            raise SessionError(
                "all connections were lost, and the daemon ended the subscriptions and calls",
                "begin them again",
            )
        batch, items = own.take(received, with_events, seconds)
        return [own.number, batch, items]

    def _all(self) -> list[Mailbox]:
        with self._lock:
            return [*self._of_session.values(), *(mailbox for _, mailbox in self._left.values())]
