"""`JobBoard`: the board, as a job uses it. Its accesses are carried out as those of a client."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from ...board_status import UP, LinkStatus
from ...errors import ModuleBusy
from ...protocol import Role
from ...schema import ModuleType
from ...wire import decode
from ..caller import Caller
from ..events.mailbox import LockSubscription
from ..qt.thread import log_failure
from .kept import KeptJob
from .parts import Parts

Result = TypeVar("Result")

LOOK_SECONDS = 0.2
"""How often a thread that waits looks whether the daemon ends."""

START_SECONDS = 4.0
"""How long an access may wait for the Qt thread while the job is made: its client waits."""


class Reference(str):
    """What a job reads in place of a module, a branch of the configuration or a method: its path."""


class JobEnded(Exception):
    """The daemon ends: a job's access to the board was not carried out, or its result is not known."""


REFERENCES = dict.fromkeys(("!module", "!config", "!curve", "!method"), Reference)
"""The decoders for what exists in the daemon only (see wire.py)."""


@dataclass(frozen=True)
class JobEvent:
    """An event of the subscription of this number; `content` has what a client's subscription gets."""

    number: int
    content: dict[str, Any]


class JobBoard:
    """What a job may do with the board. For threads other than the Qt thread.

    Attributes: `name` (the board's), `id` (the job's), `by` (label of who started it), `since` (when, in s
    since the epoch), `role` (of who started it), `here` (that was a program of this machine), `resumed` (an
    earlier daemon has run this job already), `label` (of the job itself, for logs, events and errors),
    `ended_by` (label of who has ended the job for good, None if nobody has).

    All accesses raise what they raise for a client: BoardLinkLost while the board is lost, UnknownAttribute,
    PyRPL's own errors. They raise JobEnded when the daemon ends.
    """

    def __init__(self, parts: Parts, kept: KeptJob, role: Role, resumed: bool, here: bool = False) -> None:
        self.name = parts.board
        self.id = kept.id
        self.by = kept.by
        self.since = kept.since
        self.role = role
        self.here = here
        self.resumed = resumed
        self.ended_by: str | None = None
        self.label = f"{kept.kind} (job {kept.id}, started by {kept.by})"
        self._parts = parts
        self._session = ("job", kept.id)
        self._caller = Caller(self._session, self.label, role=role)
        self._numbers = 0
        self._received = 0
        self._limit = None if resumed else START_SECONDS

    def begin_to_run(self) -> None:
        """The job is made: its accesses may wait for as long as it takes."""
        self._limit = None

    def read(self, path: str, name: str) -> Any:
        """The value of an attribute of the module at `path`, such as "rp.pid0"."""
        return self.read_many(path, [name])[name]

    def read_many(self, path: str, names: list[str]) -> dict[str, Any]:
        """The values of several attributes of one module, by name; read one directly after the other."""
        found = self._get(lambda: self._parts.dispatcher.get_many(self._caller, path, names))
        return dict(zip(names, found))

    def sample(self, path: str, names: Sequence[str]) -> tuple[float, list[Any]]:
        """The values of several attributes of one module, and when they were read, in s since the epoch."""
        get_many = self._parts.dispatcher.get_many
        now, *values = self._get(lambda: [time.time(), *get_many(self._caller, path, list(names))])
        return now, values

    def read_and_count(self, path: str, name: str) -> tuple[Any, int]:
        """The value of an attribute, and how often PyRPL has written to the board to read it."""

        def work() -> list[Any]:
            dispatcher, caller = self._parts.dispatcher, self._caller
            before = dispatcher.access_counts(caller)[1]
            (value,) = dispatcher.get_many(caller, path, [name])
            return [value, dispatcher.access_counts(caller)[1] - before]

        value, written = self._get(work)
        return value, written

    def module_type(self, path: str) -> ModuleType:
        """The description of the module at `path`: its attributes with their kinds and units, its methods."""
        return self.qt(lambda: self._parts.dispatcher.module_type(path))

    @property
    def hostname(self) -> str:
        """The board's hostname."""
        return self._parts.hostname

    def write(self, path: str, name: str, value: Any) -> None:
        """Set an attribute."""
        self.qt(lambda: self._parts.dispatcher.set(self._caller, path, name, value))

    def begin(self, path: str, name: str, *args: Any, **kwargs: Any) -> Future[Any]:
        """Begin to call a method; returns the future of its result. `abandon` gives it up.

        The result is PyRPL's own: use a module or a branch of the configuration in the Qt thread only.
        """
        call = self._parts.dispatcher.call
        result = self.qt(lambda: call(self._caller, path, name, list(args), kwargs))
        if isinstance(result, Future):
            return result
        done: Future[Any] = Future()
        done.set_result(result)
        return done

    def begin_unless(
        self,
        look: Callable[[], Result | None],
        done: Callable[[Future[Any]], None],
        path: str,
        name: str,
    ) -> Future[Any] | Result:
        """Begin an acquisition if `look()`, just before in the Qt thread, returns None: else return that.

        `done(future)` is called in the Qt thread at its end.
        """
        call = self._parts.dispatcher.call

        def work() -> Future[Any] | Result:
            found = look()
            if found is not None:
                return found
            future: Future[Any] = call(self._caller, path, name, [], {})
            future.add_done_callback(done)
            return future

        return self.qt(work)

    def call(self, path: str, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method, and wait for its result, as for `begin`. An acquisition waits for its turn."""
        future = self.begin(path, name, *args, **kwargs)
        try:
            return self.result(future)
        except JobEnded:
            self._parts.qt.post(lambda: self._parts.dispatcher.abandon(future))
            raise

    def abandon(self, future: Future[Any]) -> None:
        """Give up a call: its acquisition is stopped."""
        self.qt(lambda: self._parts.dispatcher.abandon(future))

    def release(self, future: Future[Any]) -> None:
        """Let a call go on, for whose result nobody waits; returns at once."""
        self.post(lambda: self._parts.dispatcher.release(future))

    def result(self, future: Future[Result]) -> Result:
        """Wait for a future's result. Raises its error; JobEnded when the daemon ends."""
        since = time.monotonic()
        while not concurrent.futures.wait([future], LOOK_SECONDS).done:
            if self._parts.ending.is_set():
                raise JobEnded
            if self._limit is not None and time.monotonic() - since > self._limit and future.cancel():
                raise ModuleBusy(
                    f"board {self.name!r} has been busy for {self._limit:g} s; nothing was started",
                    "try again",
                )
        try:
            return future.result()
        except CancelledError as error:
            raise JobEnded from error

    def qt(self, work: Callable[[], Result]) -> Result:
        """Run `work()` in the Qt thread, where PyRPL may be used, and wait for its result."""
        return self.result(self._parts.qt.post(work, self.label))

    def post(self, work: Callable[[], object]) -> None:
        """Run `work()` in the Qt thread soon; an error is logged."""
        self._parts.qt.post(work, self.label).add_done_callback(log_failure)

    @property
    def pyrpl(self) -> Any:
        """The Pyrpl instance, for the Qt thread only."""
        return self._parts.pyrpl

    @property
    def fpga_kept(self) -> bool:
        """Whether the start of this daemon left the FPGA as it was, with all that it did."""
        return self._parts.fpga_kept

    def asking(self) -> str:
        """In the Qt thread: the label of the client whose request is carried out now, "" if it is none."""
        who = self._parts.qt.asking()
        return "" if who == self.label else who

    def holders(self) -> list[tuple[str, str]]:
        """Path and holder of each acquisition of others that runs, or waits for its turn; from any thread."""
        return [(path, who) for path, who in self._parts.dispatcher.holders() if who != self.label]

    def announce(self, event: dict[str, Any]) -> None:
        """Send an event of the lock to the clients that have subscribed to it (plain data)."""
        self._parts.mailboxes.put(LockSubscription, "", event)

    def subscribe(self, kind: str, path: str = "", name: str = "") -> int:
        """Subscribe to events, which `events` returns; returns the number of the subscription.

        `kind`, `path` and `name` are as for Events.subscribe (daemon/events/signals.py).
        """
        self._numbers += 1
        number = self._numbers
        self.qt(lambda: self._parts.events.subscribe(self._session, number, kind, path, name))
        return number

    def unsubscribe(self, number: int) -> None:
        """End a subscription."""
        self._parts.events.unsubscribe(self._session, number)

    def events(self, seconds: float) -> list[JobEvent]:
        """The events since the last call, in their order; waits up to `seconds` for the first.

        It returns at once when the job is to end. One thread at a time may call it.
        """
        mailbox = self._parts.mailboxes.of(self._session)
        self._received, items = mailbox.take(self._received, True, seconds)
        return [
            JobEvent(number, decode(content, REFERENCES))
            for kind, number, content in items
            if kind == "event"
        ]

    def wake(self) -> None:
        """Let a waiting `events` return; from any thread."""
        mailbox = self._parts.mailboxes.find(self._session)
        if mailbox is not None:
            mailbox.wake()

    @property
    def link(self) -> LinkStatus:
        """The state of the link to the board, with the reason for it and since when."""
        return self._parts.link.status()

    @property
    def is_up(self) -> bool:
        """Whether the link to the board works."""
        return self._parts.link.state == UP

    def wait_for_link(self, ending: threading.Event) -> bool:
        """Wait until the link to the board works, or `ending` is set; returns whether it works."""
        while not self.is_up and not ending.wait(LOOK_SECONDS):
            pass
        return self.is_up

    def close(self) -> None:
        """The job has ended: end its subscriptions, free what it has popped."""
        parts, session = self._parts, self._session
        mailbox = parts.mailboxes.find(session)
        if mailbox is not None:
            for number in range(1, self._numbers + 1):
                mailbox.remove(number)
            parts.mailboxes.leave(session)
            parts.events.update_soon()
        if not parts.ending.is_set():  # the end of a daemon leaves the FPGA as it is
            parts.qt.post(partial(parts.dispatcher.reserved.leave, session)).add_done_callback(log_failure)

    def _get(self, work: Callable[[], Any]) -> Any:
        """What `work()` returns in the Qt thread, as a client gets it: copies, and paths of modules."""
        plain = self.qt(lambda: self._parts.values.encode(work()))
        return decode(plain, REFERENCES)
