"""The connections of one session to its daemon, two for each thread that uses it at most.

Requests that concern the board go to a connection that the daemon's Qt thread may serve; the others, which
are answered while that thread is busy too, to an ordinary one. Each is made when it is needed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from Pyro5 import errors as pyro_errors

from ..errors import BoardGone, NotTransferable, OutcomeUnknown, PyrplRemoteError, SessionClosed, rebuild
from ..protocol import VERBS, Greeting, Refused
from ..transport.channel import Channel, may_be_fast
from ..wire import Arrays
from .living import Living
from .refusal import error_of

Reply = tuple[Any, Sequence[memoryview | bytes]]
"""Plain data, and the arrays that came beside it (see wire.py)."""


class Connections:
    """Carries verbs to one board's daemon, from any thread."""

    def __init__(
        self, board: str, uri: str, greeting: Greeting, restructured: Callable[[], None] = lambda: None
    ):
        """`greeting` is what the daemon learns about this client when a connection is made.

        An observer's connections are ordinary ones. `restructured()` is called when a reply says that modules
        have come, gone or been replaced.
        """
        self._restructured = restructured
        self._board = board
        self._uri = uri
        self._greeting = greeting
        self._fast = greeting.session is not None and may_be_fast()
        self._of_thread = threading.local()
        self._all: Living[Channel] = Living()
        self._numbers = count(1)
        self._closed = False
        self.gone = False
        """Whether the daemon did not answer when it was last asked."""

    def open(self) -> None:
        """Connect this thread, for requests that concern the board.

        Raises protocol.Refused if the daemon refuses, Pyro5's CommunicationError if it does not answer.
        """
        channel = self._channel("get")
        self._open(channel)
        if self._fast and not channel.fast:
            self._fast = False
            self._of_thread.ordinary = channel

    def new_arrays(self) -> Arrays | None:
        """A list for the arrays that travel beside one request, None where they travel inside it."""
        return [] if self._fast else None

    def number(self) -> int:
        """A number that no other call or subscription of this session has."""
        return next(self._numbers)

    def ask(self, verb: str, *args: Any) -> Any:
        """The reply to a verb, as plain data; for verbs without arrays. Raises as `exchange` does."""
        return self.exchange(verb, args, [])[0]

    def exchange(self, verb: str, args: tuple[Any, ...], arrays: Arrays) -> Reply:
        """The daemon's reply to a verb whose `arrays` travel beside it.

        Raises what the daemon reports, BoardGone if it does not answer, OutcomeUnknown if the connection
        broke before it answered a verb that may have changed something, NotTransferable if the request or
        its reply is too long for a message.
        """
        channel = self._channel(verb)
        was_open, sent = channel.is_open, False
        try:
            if not was_open:
                self._open(channel)
            sent = True
            answer, beside = channel.ask(verb, args, arrays)
        except Refused as refused:
            self.gone = self.gone or refused.ending
            raise error_of(self._board, refused) from refused
        except pyro_errors.CommunicationError as error:
            if channel.is_open:
                raise NotTransferable(
                    f"board {self._board!r}: {_step(verb, args)} failed: its message cannot travel ({error})",
                    "send, or ask for, less at once",
                ) from error
            if VERBS[verb].repeatable and was_open:
                return self.exchange(verb, args, arrays)  # on a new connection: this one was closed
            if sent and not VERBS[verb].repeatable:
                raise OutcomeUnknown(
                    f"board {self._board!r}: the connection broke before {_step(verb, args)} was answered "
                    f"({error})",
                    "it may or may not have happened: read the value back before you go on",
                ) from error
            raise self._gone(error) from error
        self.gone = False
        if type(answer) is dict and "!error" in answer:
            raise rebuild(answer["!error"])
        if type(answer) is dict and "!restructured" in answer:
            self._restructured()
            answer = answer["!restructured"]
        return answer, beside

    def call(self, path: str, name: str, args: list[Any], kwargs: dict[str, Any], arrays: Arrays) -> Reply:
        """Call a method and wait for its result; an interrupt stops what was begun."""
        number = self.number()
        try:
            return self.exchange("call", (path, name, args, kwargs, number), arrays)
        except KeyboardInterrupt:
            self.interrupted(number)
            raise

    def interrupted(self, number: int) -> None:
        """Give up the call of this number, where an interrupt is about to be raised."""
        with contextlib.suppress(PyrplRemoteError):  # the daemon is gone, and with it what was begun
            self.abandon(number)

    def abandon(self, number: int) -> None:
        """Give up the call of this number: the daemon stops what is under way."""
        if not self._closed:
            self.ask("abandon", number)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._closed = True
        for channel in self._all:
            channel.close()

    def forget(self) -> None:
        """After a fork, in the child: close this process's copies of the sockets, which are the parent's."""
        self._closed = True
        for channel in self._all:
            channel.forget()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _open(self, channel: Channel) -> None:
        channel.open()
        if self._closed:  # close() came meanwhile, and found it without a connection
            channel.close()
            raise self._session_closed()

    def _session_closed(self) -> SessionClosed:
        return SessionClosed(f"the session with board {self._board!r} is closed", "call connect() again")

    def _channel(self, verb: str) -> Channel:
        if self._closed:
            raise self._session_closed()
        direct = self._fast and VERBS[verb].direct
        kind = "direct" if direct else "ordinary"
        channel: Channel | None = getattr(self._of_thread, kind, None)
        if channel is None:
            greeting = dataclasses.replace(self._greeting, direct=direct)
            channel = Channel(self._uri, greeting)
            setattr(self._of_thread, kind, channel)
            self._all.add(channel)
        return channel

    def _gone(self, error: Exception) -> BoardGone:
        self.gone = True
        return BoardGone(
            f"the daemon of board {self._board!r} no longer answers ({error})",
            "it was stopped or has crashed: `pyrpl-remote logs` shows why; connect() again starts a new one",
        )


def _step(verb: str, args: tuple[Any, ...]) -> str:
    return VERBS[verb].step.format(*args)
