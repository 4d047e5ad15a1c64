"""The connections of one session to its daemon: at most two for each thread that uses the session.

Requests to the board use a direct connection, which the daemon serves in its Qt thread. The other requests
use an ordinary connection, and are answered even while the Qt thread is busy. Each connection is opened at
its first request.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from Pyro5 import errors as pyro_errors

from ..errors import (
    BoardGone,
    DaemonSilent,
    NotTransferable,
    OutcomeUnknown,
    PyrplRemoteError,
    SessionClosed,
    rebuild,
)
from ..protocol import VERBS, Greeting, Refused
from ..transport.channel import Channel, is_silence, may_be_fast
from ..wire import Arrays
from .living import Living
from .records import log_again
from .refusal import error_of
from .silence import silent_error

Reply = tuple[Any, Sequence[memoryview | bytes]]
"""Plain data, and the arrays that travelled beside it (see wire.py)."""


KINDS = ("direct", "ordinary")
"""The kinds of connections that a thread has."""


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
        self.come_back: Callable[[int, BoardGone], None] | None = None
        """Called with the generation, and the error, of a request that no daemon served: it finds one, or
        raises."""
        self.most_seconds = math.inf
        """As for Channel: the limit of a reply, where it is shorter than that of others."""
        self.generation = 0
        """Counts how often the daemon was lost or replaced: a connection of an earlier one is not used."""
        self._board = board
        self.uri = uri
        self._greeting = greeting
        self._fast = self._may_be_fast()
        self._of_thread = threading.local()
        self._all: Living[Channel] = Living()
        self._numbers = count(1)
        self._closed = False
        self.gone = False
        """Whether the daemon did not answer the last request."""
        self._silence: DaemonSilent | None = None

    def open(self) -> None:
        """Open this thread's connection for requests to the board.

        Raises protocol.Refused if the daemon refuses, Pyro5's CommunicationError if there is none,
        DaemonSilent if it does not answer.
        """
        channel = self._channel("get")
        try:
            self._open(channel)
        except pyro_errors.CommunicationError as error:
            if is_silence(error):
                raise self._silent("a new connection") from error
            raise
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

        If the daemon does not answer, a session looks for another one, once. Raises the error in the reply,
        BoardGone if no daemon answers, DaemonSilent if it runs, but does not answer, OutcomeUnknown if the
        connection broke before the reply to a verb that may have changed something, NotTransferable if the
        request or its reply is too long for a message.
        """
        generation = self.generation
        try:
            return self._exchange(verb, args, arrays)
        except BoardGone as gone:
            if self.come_back is None or not VERBS[verb].revives or self._of_thread.__dict__.get("present"):
                raise
            self.come_back(generation, gone)
        return self._exchange(verb, args, arrays)

    def _exchange(self, verb: str, args: tuple[Any, ...], arrays: Arrays) -> Reply:
        """As `exchange`, with the present daemon only."""
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
            silence = self._silence if sent else None
            if is_silence(error):
                silence = self._silent(_step(verb, args) if sent else "a new connection")
            if silence is not None and (VERBS[verb].repeatable or not sent):
                raise silence from error
            if VERBS[verb].repeatable and was_open:
                return self._exchange(verb, args, arrays)  # once more, on a new connection
            if sent and not VERBS[verb].repeatable:
                raise OutcomeUnknown(
                    f"board {self._board!r}: the connection broke before {_step(verb, args)} was answered "
                    f"({error if silence is None else silence.message})",
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

    @contextlib.contextmanager
    def present(self) -> Iterator[None]:
        """Within the block, this thread's requests are for the present daemon: none looks for another."""
        before = self._of_thread.__dict__.get("present", False)
        self._of_thread.present = True
        try:
            yield
        finally:
            self._of_thread.present = before

    def lose(self) -> None:
        """The daemon no longer answers: open new connections from now on."""
        self.gone = True
        self.reopen()

    def reopen(self) -> None:
        """Open new connections from now on: those of before are known to be closed."""
        self.generation += 1

    @contextlib.contextmanager
    def moving(self, uri: str) -> Iterator[None]:
        """Within the block, this thread's requests go to the daemon at `uri`; after it, those of all."""
        own = self._of_thread.__dict__
        before = list(self._all)
        self._fast = self._may_be_fast()
        self._drop_own()
        own["uri"] = uri
        try:
            yield
        except BaseException:
            for channel in self._drop_own():
                channel.close()
            raise
        finally:
            del own["uri"]
        if uri != self.uri:
            for channel in before:
                channel.close()
        self.uri = uri
        self.generation += 1
        for kind in KINDS:
            if kind in own:
                own[kind].generation = self.generation

    def interrupt(self, silence: DaemonSilent) -> None:
        """End the waits of all threads for a daemon that does not answer."""
        self._silence = silence
        for channel in self._all:
            if channel.busy:
                channel.close()

    def answered(self) -> None:
        """The daemon answers again."""
        self._silence = None

    def limit_this_thread(self) -> None:
        """This thread sends only requests that the daemon answers soon: it must do so."""
        self._of_thread.limited = True

    def channel_of(self, verb: str) -> Channel | None:
        """The connection on which this thread sent its last request with `verb`."""
        return self._of_thread.__dict__.get(self._kind(verb))

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
        kind = self._kind(verb)
        channel: Channel | None = getattr(self._of_thread, kind, None)
        if channel is not None and channel.generation != self.generation:
            channel = None
        if channel is not None and not channel.busy:
            return channel
        # before its address: one that is made while the daemon is replaced must count as an earlier one
        generation = self.generation
        # an ordinary connection serves calls, which may take long, only where there is no direct one
        soon = self._fast or self._greeting.session is None or self._of_thread.__dict__.get("limited", False)
        made = Channel(
            self._of_thread.__dict__.get("uri", self.uri),
            dataclasses.replace(self._greeting, direct=kind == "direct"),
            limited=kind == "ordinary" and soon,
            most_seconds=self.most_seconds,
        )
        made.generation = generation
        if channel is None:
            setattr(self._of_thread, kind, made)
        # else: for this request only, which came in the middle of another one of this thread
        self._all.add(made)
        return made

    def _drop_own(self) -> list[Channel]:
        """Use this thread's connections no longer; returns them."""
        own = self._of_thread.__dict__
        return [own.pop(kind) for kind in KINDS if kind in own]

    def _kind(self, verb: str) -> str:
        return "direct" if self._fast and VERBS[verb].direct else "ordinary"

    def _may_be_fast(self) -> bool:
        return self._greeting.session is not None and may_be_fast()

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

    def _silent(self, what: str) -> DaemonSilent:
        return silent_error(self._board, self._of_thread.__dict__.get("uri", self.uri), what)

    def _gone(self, error: Exception) -> BoardGone:
        self.gone = True
        return BoardGone(
            f"the daemon of board {self._board!r} no longer answers ({error})",
            f"it has crashed or was killed: `pyrpl-remote logs {self._board}` shows why",
        )


def _step(verb: str, args: tuple[Any, ...]) -> str:
    return VERBS[verb].step.format(*args)
