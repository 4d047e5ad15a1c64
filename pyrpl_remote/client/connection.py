"""The connections of one session to its daemon: at most two for each thread that uses the session.

Requests to the board use a direct connection, which the daemon serves in its Qt thread. The other requests
use an ordinary connection, and are answered even while the Qt thread is busy. Each connection is opened at
its first request.
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
from .records import log_again
from .refusal import error_of

Reply = tuple[Any, Sequence[memoryview | bytes]]
"""Plain data, and the arrays that travelled beside it (see wire.py)."""


class Connections:
    """Sends requests to one board's daemon, from any thread."""

    def __init__(
        self, board: str, uri: str, greeting: Greeting, restructured: Callable[[], None] = lambda: None
    ):
        """`greeting` describes this client to the daemon at the beginning of each connection.

        An observer's connections are ordinary ones. `restructured()` is called when a reply says that modules
        were added, removed or replaced.
        """
        self._restructured = restructured
        self.deliver: Callable[[int, Any], None] = lambda number, event: None
        """Called with the number of a subscription and an event that came with a reply."""
        self._board = board
        self._uri = uri
        self._greeting = greeting
        self._fast = greeting.session is not None and may_be_fast()
        self._of_thread = threading.local()
        self._all: Living[Channel] = Living()
        self._numbers = count(1)
        self._closed = False
        self.gone = False
        """Whether the daemon did not answer the last request."""

    def open(self) -> None:
        """Open this thread's connection for requests to the board.

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
        """A new number for a call or a subscription, unique in this session."""
        return next(self._numbers)

    def ask(self, verb: str, *args: Any) -> Any:
        """Send a request without arrays; returns the reply's plain data. Raises as `exchange` does."""
        return self.exchange(verb, args, [])[0]

    def exchange(self, verb: str, args: tuple[Any, ...], arrays: Arrays) -> Reply:
        """Send a request, with `arrays` beside it; returns the reply.

        Raises the error in the reply, BoardGone if the daemon does not answer, OutcomeUnknown if the
        connection broke before the reply to a verb that may have changed something, NotTransferable if the
        request or its reply is too long for a message.
        """
        channel = self._channel(verb)
        was_open, sent = channel.is_open, False
        try:
            if not was_open:
                self._open(channel)
            sent = True
            plain, beside = channel.ask(verb, args, arrays)
        except Refused as refused:
            self.gone = self.gone or refused.ending
            raise error_of(self._board, refused) from refused
        except pyro_errors.CommunicationError as error:
            if channel.is_open:
                raise NotTransferable(
                    f"board {self._board!r}: {_step(verb, args)} failed: cannot send its message ({error})",
                    "send or request less data at once",
                ) from error
            if VERBS[verb].repeatable and was_open:
                return self.exchange(verb, args, arrays)  # once more, on a new connection
            if sent and not VERBS[verb].repeatable:
                raise OutcomeUnknown(
                    f"board {self._board!r}: the connection broke before {_step(verb, args)} was answered "
                    f"({error})",
                    "it may or may not have happened: read the value back before you go on",
                ) from error
            raise self._gone(error) from error
        self.gone = False
        return (self._content(plain) if type(plain) is dict else plain), beside

    def call(self, path: str, name: str, args: list[Any], kwargs: dict[str, Any], arrays: Arrays) -> Reply:
        """Call a method and wait for its result. Ctrl-C gives up the call, which stops an acquisition."""
        number = self.number()
        try:
            return self.exchange("call", (path, name, args, kwargs, number), arrays)
        except KeyboardInterrupt:
            self.give_up(number)
            raise

    def give_up(self, number: int) -> None:
        """Give up the call of this number: the daemon stops what is under way. Raises nothing."""
        # When the session is closed or the daemon gone, so is the call.
        with contextlib.suppress(PyrplRemoteError):
            self.ask("abandon", number)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._closed = True
        for channel in self._all:
            channel.close()

    def forget(self) -> None:
        """To be called in a forked child: close its copies of the parent's sockets."""
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
        if channel is not None and not channel.busy:
            return channel
        made = Channel(self._uri, dataclasses.replace(self._greeting, direct=direct))
        if channel is None:
            setattr(self._of_thread, kind, made)
        # else: for this request only, which came in the middle of another one of this thread
        self._all.add(made)
        return made

    def _content(self, plain: dict[str, Any]) -> Any:
        """The plain data of a reply without the daemon's remarks, which are heeded here."""
        if "!caused" in plain:
            content, records, events = plain["!caused"]
            log_again(records)
            for number, event in events:
                self.deliver(number, event)
            return self._content(content) if type(content) is dict else content
        if "!error" in plain:
            raise rebuild(plain["!error"])
        if "!restructured" in plain:
            self._restructured()
            return plain["!restructured"]
        return plain

    def _gone(self, error: Exception) -> BoardGone:
        self.gone = True
        return BoardGone(
            f"the daemon of board {self._board!r} no longer answers ({error})",
            "it was stopped or has crashed: `pyrpl-remote logs` shows why; connect() again starts a new one",
        )


def _step(verb: str, args: tuple[Any, ...]) -> str:
    return VERBS[verb].step.format(*args)
