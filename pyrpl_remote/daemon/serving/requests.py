"""Carries out requests: a verb of protocol.py with its arguments, for a caller.

Only this file calls the dispatcher's functions in the Qt thread, and encodes their results as plain data.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from Pyro5 import errors as pyro_errors

from ... import board_status, schema, settings
from ...errors import AccessDenied, PyrplRemoteError
from ...protocol import VERBS
from ...transport.refusals import Refusals
from ...wire import Arrays
from ..adapter.files.files import Files
from ..caller import Caller
from ..dispatcher import Dispatcher
from ..events.mailboxes import Mailboxes
from ..events.signals import Events
from ..jobs.jobs import Jobs
from ..jobs.locks.history_file import LOCK_EVENTS
from ..jobs.locks.history_file import read as read_history
from ..life.metrics import Metrics
from ..qt.thread import QtThread, log_failure
from ..records import Cause, hold, released, with_caused
from ..values import Plain, Values
from .calls import Calls, require_number
from .clients import Clients, require_paths
from .deferred import Deferred, Reply
from .failures import plain_error, step_of

CHECK_SECONDS = 0.5
"""How often a thread that waits for an acquisition checks whether its client has left."""

LOGGED_A_MINUTE = 60
"""How many requests that a client may not send are logged each minute."""

Beside = Sequence[memoryview | bytes]
"""The bytes of the arrays that travelled beside a request."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class _Pending:
    """A call that has not finished: its future, and the future of its result as plain data."""

    future: Future[Any]
    encoded: Future[Any]


class Requests:
    """Carries out verbs by name: `reply` in the Qt thread, `wait` in any other thread.

    Attribute: `metrics` (counts them).
    """

    def __init__(
        self,
        board: str,
        qt: QtThread,
        values: Values,
        dispatcher: Dispatcher,
        files: Files,
        events: Events,
        mailboxes: Mailboxes,
        clients: Clients,
        jobs: Jobs,
        status: Callable[[], board_status.BoardStatus],
        stop: Callable[[str], None],
        allow: Callable[[str], None],
    ):
        """`allow(state)` lets the daemon end this state of the link by force (see LinkStatus)."""
        self.metrics = Metrics()
        self._note = self.metrics.in_qt_thread.note
        self._board = board
        self._qt = qt
        self._values = values
        self._dispatcher = dispatcher
        self._events = events
        self._mailboxes = mailboxes
        self._clients = clients
        self._status = status
        self._stop = stop
        self._allow = allow
        self._refusals = Refusals(LOGGED_A_MINUTE)
        self._calls = Calls(dispatcher.abandon, dispatcher.release)
        # the generation of the description that each session has
        self._described: dict[Hashable, int] = {}
        self._functions: dict[str, Callable[..., Any]] = {
            verb: _function(verb, self, dispatcher, jobs, files) for verb in VERBS
        }

    def reply(
        self, caller: Caller, verb: str, args: Sequence[Any], beside: Beside
    ) -> Reply | Deferred[Reply]:
        """Carry out a request in the Qt thread; returns its reply. Errors are returned as replies."""
        begin = perf_counter()
        caller.sent.requests += 1
        arrays: Arrays = []
        cause = self._cause(caller, verb)
        try:
            result = self._qt.run(partial(self._carry_out, caller, verb, args, beside), caller.label, cause)
            if isinstance(result, Future):
                # not the arguments, which may be large: they are no longer needed
                finished = partial(self._finished, caller, step_of(verb, args), cause)
                return Deferred(result, partial(self._measured_reply, verb, begin, finished))
            plain = self._values.encode(result, arrays)
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            self._note(verb, perf_counter() - begin)
            return Reply(with_caused(cause, self._error(step_of(verb, args), error)), [])
        self._note(verb, perf_counter() - begin)
        return Reply(with_caused(cause, self._mark_restructured(caller, plain)), arrays)

    def wait(
        self, caller: Caller, verb: str, args: Sequence[Any], has_left: Callable[[], bool] = _never
    ) -> Any:
        """Carry out a request from any other thread; returns its reply as plain data. Errors are replies too.

        `has_left` is as for `wait_for`. Raises Pyro5's ConnectionClosedError if the client has left.
        """
        begin = perf_counter()
        caller.sent.requests += 1
        cause = self._cause(caller, verb)
        try:
            if VERBS[verb].direct:
                work = partial(self._carry_out, caller, verb, args, ())
                plain = self.wait_for(caller, work, has_left, cause)
            else:
                caller.require(verb)
                plain = self._functions[verb](caller, *args).data
        except pyro_errors.ConnectionClosedError:
            raise  # the client has left: no reply is needed
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            return with_caused(cause, self._error(step_of(verb, args), error))
        finally:
            self.metrics.note_elsewhere(verb, perf_counter() - begin)
        return with_caused(cause, self._mark_restructured(caller, plain))

    def wait_for(
        self,
        caller: Caller,
        work: Callable[[], Any],
        has_left: Callable[[], bool] = _never,
        cause: Cause | None = None,
    ) -> Any:
        """Run `work()` in the Qt thread, from any other thread; returns its result as plain data.

        Raises the error of `work()`. `has_left()` tells whether the client has left: then its acquisition is
        stopped, and Pyro5's ConnectionClosedError raised. `cause` gets the log records.
        """
        result = self._qt.post(lambda: self._encoded(work()), caller.label, cause).result()
        if not isinstance(result, _Pending):
            return result
        while not concurrent.futures.wait([result.encoded], CHECK_SECONDS).done:
            if has_left():
                self._qt.post(lambda: self._dispatcher.abandon(result.future)).add_done_callback(log_failure)
                raise pyro_errors.ConnectionClosedError("the client has left")
        return result.encoded.result()

    def session_ended(self, session: Hashable) -> None:
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

    # the verbs that neither the dispatcher nor the files carry out

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

    def status(self, caller: Caller) -> Plain:
        """The board, its link, its daemon and its clients."""
        return Plain(schema.to_data(self._status()))

    def lock_history(
        self, caller: Caller, since: float | None, until: float | None, limit: int = LOCK_EVENTS
    ) -> Plain:
        """The history of the lock, watched or not; see jobs/locks/history_file.py."""
        return Plain(read_history(settings.lock_history_path(self._board), since, until, limit))

    def take_over(self, caller: Caller) -> Plain:
        """Take the board from the program that uses it; the link's status says when that is done."""
        self._allow("taken")
        return Plain(None)

    def restore_gateware(self, caller: Caller) -> Plain:
        """Load PyRPL's gateware again; the link's status says when that is done."""
        self._allow("other gateware")
        return Plain(None)

    def stop(self, caller: Caller, unused: bool = False) -> Plain:
        """End the daemon; the FPGA keeps running unchanged.

        `unused`: only if clients have used it, and all have left; returns whether it ends.
        """
        if not unused:
            self._stop(caller.label)
            return Plain(None)
        ends = self._clients.all_left()
        if ends:
            self._stop("")
        return Plain(ends)

    def _carry_out(self, caller: Caller, verb: str, args: Sequence[Any], beside: Beside) -> Any:
        caller.require(verb)
        row = VERBS[verb]
        if not row.direct:
            raise PyrplRemoteError(
                f"{verb!r} may wait: no direct connection serves it", "ask on an ordinary connection"
            )
        if row.private and not caller.private:
            raise PyrplRemoteError(
                f"{verb!r} is for names that start with an underscore", "use connect(..., private=True)"
            )
        if row.values:
            args = self._values.decode(list(args), beside)
        return self._functions[verb](caller, *args)

    def _encoded(self, result: Any) -> Any:
        """A result as plain data, or a _Pending if it is a future.

        It is called in the Qt thread, so the result cannot change while it is encoded.
        """
        if not isinstance(result, Future):
            return self._values.encode(result)
        pending = _Pending(result, Future())
        encode = self._values.encode

        def encode_result(done: Future[Any]) -> None:
            try:
                pending.encoded.set_result(encode(done.result()))
            except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
                pending.encoded.set_exception(error)

        result.add_done_callback(encode_result)
        return pending

    def _cause(self, caller: Caller, verb: str) -> Cause | None:
        # only for our own client, which has a session with an id and fetches a stream; it describes by itself
        known = type(caller.session) is str and self._mailboxes.find(caller.session) is not None
        return Cause(caller.session, self._mailboxes.put_record) if known and verb != "describe" else None

    def _measured_reply(
        self, verb: str, begin: float, finished: Callable[[Future[Any]], Reply], done: Future[Any]
    ) -> Reply:
        reply = finished(done)
        self.metrics.note_elsewhere(verb, perf_counter() - begin)
        return reply

    def _finished(self, caller: Caller, step: str, cause: Cause | None, done: Future[Any]) -> Reply:
        """The deferred reply to a call whose future is done."""
        arrays: Arrays = []
        try:
            plain = self._values.encode(done.result(), arrays)
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            return Reply(with_caused(cause, self._error(step, error)), [])
        return Reply(with_caused(cause, self._mark_restructured(caller, plain)), arrays)

    def _put_result(
        self, caller: Caller, number: int, step: str, cause: Cause | None, done: Future[Any]
    ) -> None:
        try:
            plain = self._values.encode(done.result())
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            plain = self._error(step, error)
        for record in released(cause):
            self._mailboxes.put_record(caller.session, record)
        self._mailboxes.put_result(caller.session, number, plain)

    def _error(self, step: str, error: Exception) -> dict[str, Any]:
        self.metrics.failed(error)
        if isinstance(error, AccessDenied):
            self._refusals.say(f"{step} was refused: {error.message}")
        return plain_error(error, f"board {self._board!r}, {step}")

    def _mark_restructured(self, caller: Caller, plain: Any) -> Any:
        generation = self._dispatcher.generation
        # this client must request the description again, whichever client changed the modules
        known = self._described.get(caller.session, generation)
        return plain if known == generation else {"!restructured": plain}


def _function(
    verb: str, requests: Requests, dispatcher: Dispatcher, jobs: Jobs, files: Files
) -> Callable[..., Any]:
    """The function that carries out a verb; it takes the caller and the verb's arguments."""
    for owner in (requests, dispatcher, jobs):
        if hasattr(owner, verb):
            function: Callable[..., Any] = getattr(owner, verb)
            return function
    of_files: Callable[..., Any] = getattr(files, verb)
    return lambda caller, *args: of_files(*args)
