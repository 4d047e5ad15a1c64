"""Carries out requests: a verb of protocol.py with its arguments, for a caller.

Only this file calls the dispatcher's functions in the Qt thread, and encodes their results as plain data.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from Pyro5 import errors as pyro_errors

from ...errors import PyrplRemoteError
from ...protocol import VERBS
from ...wire import Arrays
from ..adapter.files.files import Files
from ..caller import Caller
from ..dispatcher import Dispatcher
from ..jobs.jobs import Jobs
from ..qt.thread import QtThread, log_failure
from ..records import Cause, with_caused
from ..values import Values
from .daemon_verbs import DaemonVerbs
from .deferred import Deferred, Reply
from .failures import Failures, step_of
from .session_verbs import SessionVerbs

CHECK_SECONDS = 0.5
"""How often a thread that waits for an acquisition checks whether its client has left."""

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

    Attributes: `sessions` (the verbs of sessions), `metrics` (counts requests).
    """

    def __init__(
        self,
        qt: QtThread,
        values: Values,
        dispatcher: Dispatcher,
        files: Files,
        jobs: Jobs,
        sessions: SessionVerbs,
        daemon: DaemonVerbs,
        failures: Failures,
    ):
        self.sessions = sessions
        self.metrics = failures.metrics
        self._note = self.metrics.in_qt_thread.note
        self._qt = qt
        self._values = values
        self._dispatcher = dispatcher
        self._failures = failures
        self._cause = sessions.cause
        self._marked = sessions.mark_restructured
        owners = sessions, daemon, dispatcher, jobs
        self._functions: dict[str, Callable[..., Any]] = {
            verb: _function(verb, owners, files) for verb in VERBS
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
            return Reply(with_caused(cause, self._failures.plain(step_of(verb, args), error)), [])
        self._note(verb, perf_counter() - begin)
        return Reply(with_caused(cause, self._marked(caller, plain)), arrays)

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
            return with_caused(cause, self._failures.plain(step_of(verb, args), error))
        finally:
            self.metrics.note_elsewhere(verb, perf_counter() - begin)
        return with_caused(cause, self._marked(caller, plain))

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
            return Reply(with_caused(cause, self._failures.plain(step, error)), [])
        return Reply(with_caused(cause, self._marked(caller, plain)), arrays)


def _function(verb: str, owners: Sequence[object], files: Files) -> Callable[..., Any]:
    """The function that carries out a verb; it takes the caller and the verb's arguments."""
    for owner in owners:
        if hasattr(owner, verb):
            function: Callable[..., Any] = getattr(owner, verb)
            return function
    of_files: Callable[..., Any] = getattr(files, verb)
    return lambda caller, *args: of_files(*args)
