"""What a request causes beside its result: log records and signals, for the client that sent the request.

PyRPL tells its users through its loggers what it did otherwise than they asked ("gain capped to 2.0e+03"). A
`Cause` stands for one request. It is the current cause while the request is carried out, and in the asyncio
tasks that the request started, for as long as they run: a new task takes over the current cause.
adapter/modules/warned.py adds the records to it, events/emissions.py the signals to which its client has
connected.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar

MAX_RECORDS = 20
"""The most records that one reply carries, or that a session's mailbox keeps until they are fetched."""

MAX_EVENTS = 1000
"""The most signals that one reply carries; the others come with the session's stream."""

MAX_TEXT = 1000
"""The longest text of a record, in characters; a longer one is cut."""

Record = list[Any]
"""A record as plain data: [name of its logger in the client, level, text, time in s since the epoch]."""

Event = list[Any]
"""A signal as plain data: [number of the subscription, content]."""

Result = TypeVar("Result")


class Cause:
    """A request that may cause records and signals. Attribute: `session` (the id of its client's session).

    What comes before the reply travels with it (see `with_caused`). Later records are passed to
    `later(session, record)`: an acquisition may go on after its request was answered. All come in the Qt
    thread, but another thread may send the reply. No lock is needed: each is taken out of a deque once.
    """

    # defaults in the class, because each request makes a Cause, and hardly any causes a record
    answered = False
    """Whether the reply was made."""
    held = False
    """Whether the records wait for the result of a call that was begun, which comes after the reply."""
    _records: deque[Record] | None = None
    _events: deque[Event] | None = None
    _lost = 0

    def __init__(self, session: Hashable, later: Callable[[Hashable, Record], None]) -> None:
        self.session = session
        self._later = later

    def add(self, record: Record) -> None:
        """Keep a record for the reply, or pass it on if the request was answered."""
        if self._records is None:
            self._records = deque()
        if len(self._records) < MAX_RECORDS:
            self._records.append(record)
        else:
            self._lost += 1
        if self.answered:
            for kept in _taken(self._records):
                self._later(self.session, kept)

    def add_event(self, event: Event) -> bool:
        """Keep a signal for the reply; returns False if the request was answered, or caused too many."""
        if self._events is None:
            self._events = deque()
        if self.answered or self.held or len(self._events) >= MAX_EVENTS:
            return False
        self._events.append(event)
        if self.answered and self._events:  # the reply was made meanwhile
            self._events.pop()
            return False
        return True

    def take(self) -> list[list[Any]] | None:
        """The records and the signals for the reply, which is about to be sent; None if there are none."""
        self.answered = True
        if self._records is None and self._events is None:
            return None
        records = _taken(self._records)
        if self._lost:
            records.append(more(self._lost))
        return [records, _taken(self._events)]


def _taken(items: deque[list[Any]] | None) -> list[list[Any]]:
    """All items, which are removed."""
    taken: list[list[Any]] = []
    while items:
        taken.append(items.popleft())
    return taken


_current: ContextVar[Cause | None] = ContextVar("current cause", default=None)


def current_cause() -> Cause | None:
    """The cause of what this thread does now, None if no client's request caused it."""
    return _current.get()


def run_for(cause: Cause | None, work: Callable[[], Result]) -> Result:
    """Run `work()` as caused by `cause`; returns its result."""
    before = _current.set(cause)
    try:
        return work()
    finally:
        _current.reset(before)


def with_this_cause(work: Callable[[], Result]) -> Callable[[], Result]:
    """A function that runs `work()` later, as caused by what is the cause now."""
    return partial(run_for, _current.get(), work)


def with_caused(cause: Cause | None, plain: Any) -> Any:
    """The plain data of a reply, together with the records and signals that its request caused until now."""
    caused = None if cause is None or cause.held else cause.take()
    return plain if caused is None else {"!caused": [plain, *caused]}


def hold() -> Cause | None:
    """Let the records of the current cause wait for `released`; returns the cause."""
    cause = _current.get()
    if cause is not None:
        cause.held = True
    return cause


def released(cause: Cause | None) -> list[Record]:
    """The records of a cause that was held, for the result of its call."""
    caused = None if cause is None else cause.take()
    return [] if caused is None else caused[0]


def more(count: int | str) -> Record:
    """The record that stands for others that were left out; `count` is how many, or "some"."""
    text = f"{count} more warnings were left out; the daemon's log has them all (`pyrpl-remote logs`)"
    return ["pyrpl", logging.WARNING, text, time.time()]
