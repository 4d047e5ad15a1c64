"""The verbs that concern a client's session: its calls, subscriptions, stream and heartbeats."""

from __future__ import annotations

from collections.abc import Hashable
from concurrent.futures import Future
from functools import partial
from typing import Any

from ... import settings
from ..caller import Caller
from ..dispatcher import Dispatcher
from ..events.mailboxes import Mailboxes
from ..events.signals import Events
from ..qt.thread import QtThread, log_failure
from ..records import Cause, hold, released
from ..values import Plain, Values
from .calls import Calls, require_number
from .clients import Clients, require_paths
from .failures import Failures, step_of


class SessionVerbs:
    """Carries out the verbs of a session, and frees what it held when it ends.

    Verbs are called in the Qt thread, those that return Plain in any thread, and so is what is no verb.
    """

    def __init__(
        self,
        qt: QtThread,
        values: Values,
        dispatcher: Dispatcher,
        events: Events,
        mailboxes: Mailboxes,
        clients: Clients,
        failures: Failures,
    ):
        self._qt = qt
        self._values = values
        self._dispatcher = dispatcher
        self._events = events
        self._mailboxes = mailboxes
        self._clients = clients
        self._failures = failures
        self._calls = Calls(dispatcher.abandon, dispatcher.release)
        # the generation of the description that each session has
        self._described: dict[Hashable, int] = {}

    def describe(self, caller: Caller) -> Plain:
        """All modules and their types (schema.Description)."""
        self._described[caller.session] = self._dispatcher.generation
        return self._dispatcher.describe(caller)

    def call(
        self, caller: Caller, path: str, name: str, args: list[Any], kwargs: dict[str, Any], number: int
    ) -> Any:
        """Call a method of a module. The client may give it up by `number`, on another connection."""
        self._calls.require_free(caller.session, number)
        result = self._dispatcher.call(caller, path, name, args, kwargs)
        if isinstance(result, Future):
            self._calls.keep(caller.session, number, result)
        return result

    def begin(
        self, caller: Caller, path: str, name: str, args: list[Any], kwargs: dict[str, Any], number: int
    ) -> None:
        """Begin to call a method; its result is sent on the session's stream with `number`."""
        self._calls.require_free(caller.session, number)
        # made now: the result may be there before the first request of the stream
        self._mailboxes.of(caller.session).require_room()
        result = self._dispatcher.call(caller, path, name, args, kwargs, replaceable=True)
        if not isinstance(result, Future):
            value, result = result, Future()
            result.set_result(value)
        put = partial(self._put_result, caller, number, step_of("call", (path, name)), hold())
        self._calls.keep(caller.session, number, result, put)

    def abandon(self, caller: Caller, number: int) -> None:
        """Give up a call; its acquisition has been stopped when the reply to this is sent."""
        self._calls.abandon(caller.session, number)

    def release(self, caller: Caller, number: int) -> Plain:
        """The client dropped the future of a call that it began: no other client waits for it any more."""
        require_number(number)
        self._qt.post(lambda: self._calls.release(caller.session, number)).add_done_callback(log_failure)
        return Plain(None)

    def subscribe(self, caller: Caller, number: int, kind: str, path: str, name: str = "") -> bool:
        """Subscribe to a module, under a `number` that the client chose; see Events.subscribe."""
        require_number(number)
        return self._events.subscribe(caller.session, number, kind, path, name)

    def unsubscribe(self, caller: Caller, number: int) -> Plain:
        """End a subscription."""
        require_number(number)
        self._events.unsubscribe(caller.session, number)
        return Plain(None)

    def stream(self, caller: Caller, mailbox: int, received: int, with_events: bool) -> Plain:
        """Take out a session's results, and its events if `with_events`; see Mailboxes.take.

        `with_events`: also wait up to STREAM_SECONDS for an event or a result. This is a heartbeat too.
        """
        for one in (mailbox, received):
            require_number(one)
        self._clients.record_heartbeat(caller.session)
        seconds = settings.STREAM_SECONDS if with_events else 0.0
        taken = self._mailboxes.take(caller.session, mailbox, received, with_events, seconds)
        self._clients.record_heartbeat(caller.session)  # only from now on is the client's next request due
        return Plain(taken)

    def heartbeat(self, caller: Caller, modules: list[str] | None = None) -> Plain:
        """A heartbeat; `modules`: the paths that the client's proxies hold, None if unchanged."""
        if modules is not None:
            require_paths(modules)
        self._clients.record_heartbeat(caller.session, modules)
        return Plain(None)

    # what is no verb

    def mark_restructured(self, caller: Caller, plain: Any) -> Any:
        """The reply `plain`, marked if modules were replaced since the client got the description.

        Then it must request that again, whichever client changed the modules.
        """
        generation = self._dispatcher.generation
        known = self._described.get(caller.session, generation)
        return plain if known == generation else {"!restructured": plain}

    def cause(self, caller: Caller, verb: str) -> Cause | None:
        """What gets the log records and signals that a request causes; None if its client fetches none."""
        # only for our own client, which has a session with an id and fetches a stream; it describes by itself
        known = type(caller.session) is str and self._mailboxes.find(caller.session) is not None
        return Cause(caller.session, self._mailboxes.put_record) if known and verb != "describe" else None

    def ended(self, session: Hashable) -> None:
        """Free what a session that has ended held: mailbox, subscriptions, calls, reserved modules.

        From any thread.
        """
        self._described.pop(session, None)
        self._mailboxes.leave(session)
        self._events.update_soon()
        self._qt.post(lambda: self._calls.leave(session)).add_done_callback(log_failure)
        if not self._clients.ending:  # the end of a daemon leaves the FPGA as it is
            leave = self._dispatcher.reserved.leave
            self._qt.post(lambda: leave(session)).add_done_callback(log_failure)

    def connection_closed(self, session: Hashable) -> None:
        """A session lost one of its connections: let its stream reply now, which fails if the client died."""
        mailbox = self._mailboxes.find(session)
        if mailbox is not None:
            mailbox.wake()

    def _put_result(
        self, caller: Caller, number: int, step: str, cause: Cause | None, done: Future[Any]
    ) -> None:
        try:
            plain = self._values.encode(done.result())
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            plain = self._failures.plain(step, error)
        for record in released(cause):
            self._mailboxes.put_record(caller.session, record)
        self._mailboxes.put_result(caller.session, number, plain)
