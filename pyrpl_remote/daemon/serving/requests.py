"""Carries out the requests of our clients: a verb of protocol.py with its arguments, for a caller.

This is the one place that takes the dispatcher's functions to the Qt thread, and makes plain data of what
they return.
"""

from __future__ import annotations

import concurrent.futures
import traceback
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from Pyro5 import errors as pyro_errors

from ... import schema, settings
from ...errors import PyrplRemoteError, describe
from ...protocol import VERBS
from ...wire import Arrays
from ..adapter.files import Files
from ..caller import Caller
from ..dispatcher import Dispatcher
from ..events.mailbox import Mailboxes
from ..events.signals import Events
from ..qt.thread import QtThread, log_failure
from ..values import Plain, Values
from .calls import Calls
from .clients import Clients
from .deferred import Deferred

LOOK_SECONDS = 0.5
"""How often a thread that waits for an acquisition looks whether its client is still there."""

Beside = Sequence[memoryview | bytes]


@dataclass(frozen=True)
class Reply:
    """Plain data, and the arrays that travel beside it."""

    plain: Any
    arrays: Arrays


def _stays() -> bool:
    return False


@dataclass(frozen=True)
class _Pending:
    """A call under way: its future, and one of its result as plain data."""

    future: Future[Any]
    encoded: Future[Any]


class Requests:
    """Verbs by their names; `reply` serves the Qt thread, `wait` any other."""

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
        status: Callable[[], schema.BoardStatus],
        stop: Callable[[], None],
    ):
        self._board = board
        self._qt = qt
        self._values = values
        self._dispatcher = dispatcher
        self._events = events
        self._mailboxes = mailboxes
        self._clients = clients
        self._status = status
        self._stop = stop
        self._calls = Calls(dispatcher.abandon)
        self._described: dict[Hashable, int] = {}  # the generation that each session knows
        self._functions: dict[str, Callable[..., Any]] = {
            verb: _function(verb, self, dispatcher, files) for verb in VERBS
        }

    def reply(
        self, caller: Caller, verb: str, args: Sequence[Any], beside: Beside
    ) -> Reply | Deferred[Reply]:
        """Carry out a request in the Qt thread. Errors are part of the reply."""
        arrays: Arrays = []
        try:
            result = self._qt.run(partial(self._carry_out, caller, verb, args, beside), caller.label)
            if isinstance(result, Future):
                # not the arguments: they may be large, and are not needed for long
                return Deferred(result, partial(self._finished, caller, self._step(verb, args)))
            plain = self._values.encode(result, arrays)
        except Exception as error:  # noqa: BLE001  boundary: it travels to the client
            return Reply(self._error(self._step(verb, args), error), [])
        return Reply(self._with_news(caller, plain), arrays)

    def wait(
        self, caller: Caller, verb: str, args: Sequence[Any], has_left: Callable[[], bool] = _stays
    ) -> Any:
        """Carry out a request from any other thread, and wait for its result: plain data, errors included.

        `has_left` as for `wait_for`.
        """
        try:
            if VERBS[verb].direct:
                plain = self.wait_for(caller, partial(self._carry_out, caller, verb, args, ()), has_left)
            else:
                caller.require(verb)
                plain = self._functions[verb](caller, *args).data
        except pyro_errors.ConnectionClosedError:
            raise  # nobody receives an answer
        except Exception as error:  # noqa: BLE001  boundary: it travels to the client
            return self._error(self._step(verb, args), error)
        return self._with_news(caller, plain)

    def wait_for(self, caller: Caller, work: Callable[[], Any], has_left: Callable[[], bool] = _stays) -> Any:
        """Run `work()` in the Qt thread, from any other one.

        Waits for its result, which is returned as plain data. Raises what it raises. `has_left()` says
        whether the client has left meanwhile: then nobody waits for an acquisition any more, and it is
        stopped.
        """
        result = self._qt.post(lambda: self._encoded(work()), caller.label).result()
        if not isinstance(result, _Pending):
            return result
        while not concurrent.futures.wait([result.encoded], LOOK_SECONDS).done:
            if has_left():
                self._qt.post(lambda: self._dispatcher.abandon(result.future)).add_done_callback(log_failure)
                raise pyro_errors.ConnectionClosedError("the client has left")
        return result.encoded.result()

    def session_ended(self, session: Hashable) -> None:
        """A session has ended; from any thread."""
        self._described.pop(session, None)
        self._mailboxes.leave(session)
        self._events.update_soon()
        self._qt.post(lambda: self._calls.leave(session)).add_done_callback(log_failure)

    # verbs that are not the dispatcher's or the files'

    def describe(self, caller: Caller) -> Plain:
        """All modules and their types (schema.Description)."""
        self._described[caller.session] = self._dispatcher.generation
        return self._dispatcher.describe(caller)

    def call(
        self, caller: Caller, path: str, name: str, args: list[Any], kwargs: dict[str, Any], number: int
    ) -> Any:
        """Call a method of a module; under `number` the client may give it up, from another connection."""
        result = self._dispatcher.call(caller, path, name, args, kwargs)
        if isinstance(result, Future):
            self._calls.keep(caller.session, number, result)
        return result

    def begin(
        self, caller: Caller, path: str, name: str, args: list[Any], kwargs: dict[str, Any], number: int
    ) -> None:
        """Begin to call a method; its result comes on the session's stream, under `number`."""
        self._mailboxes.of(caller.session)  # where the result waits, also if it is there before the stream
        result = self._dispatcher.call(caller, path, name, args, kwargs)
        if not isinstance(result, Future):
            value, result = result, Future()
            result.set_result(value)
        step = self._step("call", (path, name))
        self._calls.keep(caller.session, number, result, partial(self._put_result, caller, number, step))

    def abandon(self, caller: Caller, number: int) -> None:
        """The result of a call is no longer wanted; an acquisition is stopped when this is answered."""
        self._calls.abandon(caller.session, number)

    def subscribe(self, caller: Caller, number: int, kind: str, path: str) -> None:
        """Subscribe to a module, under a number that the client chooses; `kind` is "change" or "curve"."""
        self._events.subscribe(caller.session, number, kind, path)

    def unsubscribe(self, caller: Caller, number: int) -> Plain:
        """End a subscription."""
        self._events.unsubscribe(caller.session, number)
        return Plain(None)

    def stream(self, caller: Caller, mailbox: int, received: int, room: bool) -> Plain:
        """What there is for a session, see Mailboxes.take.

        `room`: the client has room for events. Waits for them if there is nothing yet; without room it does
        not wait.
        """
        self._clients.heard(caller.session)
        seconds = settings.STREAM_SECONDS if room else 0.0
        return Plain(self._mailboxes.take(caller.session, mailbox, received, room, seconds))

    def heartbeat(self, caller: Caller, modules: list[str] | None = None) -> Plain:
        """A sign of life; `modules`: those that its proxies hold, if they changed."""
        self._clients.heard(caller.session, modules)
        return Plain(None)

    def status(self, caller: Caller) -> Plain:
        """The board, its link, its daemon and its clients."""
        return Plain(schema.to_data(self._status()))

    def stop(self, caller: Caller) -> Plain:
        """End the daemon; the board stays as it is."""
        self._stop()
        return Plain(None)

    def _carry_out(self, caller: Caller, verb: str, args: Sequence[Any], beside: Beside) -> Any:
        caller.require(verb)
        row = VERBS[verb]
        if not row.direct:
            raise PyrplRemoteError(
                f"{verb!r} may wait: no direct connection serves it", "ask on an ordinary connection"
            )
        if row.values:
            args = self._values.decode(list(args), beside)
        return self._functions[verb](caller, *args)

    def _encoded(self, result: Any) -> Any:
        """A result as plain data, or a call under way.

        In the Qt thread, where the result does not change meanwhile.
        """
        if not isinstance(result, Future):
            return self._values.encode(result)
        pending = _Pending(result, Future())
        encode = self._values.encode

        def hand_on(done: Future[Any]) -> None:
            try:
                pending.encoded.set_result(encode(done.result()))
            except Exception as error:  # noqa: BLE001  boundary: it travels to the client
                pending.encoded.set_exception(error)

        result.add_done_callback(hand_on)
        return pending

    def _finished(self, caller: Caller, step: str, done: Future[Any]) -> Reply:
        """The deferred reply with the result of a call."""
        arrays: Arrays = []
        try:
            plain = self._values.encode(done.result(), arrays)
        except Exception as error:  # noqa: BLE001  boundary: it travels to the client
            return Reply(self._error(step, error), [])
        return Reply(self._with_news(caller, plain), arrays)

    def _put_result(self, caller: Caller, number: int, step: str, done: Future[Any]) -> None:
        try:
            plain = self._values.encode(done.result())
        except Exception as error:  # noqa: BLE001  boundary: it travels to the client
            plain = self._error(step, error)
        self._mailboxes.put_result(caller.session, number, plain)

    def _error(self, step: str, error: Exception) -> dict[str, Any]:
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return {"!error": describe(error, f"board {self._board!r}, {step}", trace)}

    def _step(self, verb: str, args: Sequence[Any]) -> str:
        try:
            return VERBS[verb].step.format(*args)
        except IndexError:  # arguments are missing
            return verb

    def _with_news(self, caller: Caller, plain: Any) -> Any:
        generation = self._dispatcher.generation
        # whichever client changed it: this one must ask for the description again
        known = self._described.get(caller.session, generation)
        return plain if known == generation else {"!restructured": plain}


def _function(verb: str, requests: Requests, dispatcher: Dispatcher, files: Files) -> Callable[..., Any]:
    """What carries out a verb: it takes the caller and the verb's arguments."""
    for owner in (requests, dispatcher):
        if hasattr(owner, verb):
            function: Callable[..., Any] = getattr(owner, verb)
            return function
    of_files: Callable[..., Any] = getattr(files, verb)
    return lambda caller, *args: of_files(*args)
