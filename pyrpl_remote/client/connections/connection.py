"""Sends the requests of one session to its daemon, on the connections of channels.py.

If the daemon does not answer, it decides whether a request is sent again, or which error is raised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from Pyro5 import errors as pyro_errors

from ...error_data import rebuild
from ...errors import BoardGone, DaemonSilent, NotTransferable, OutcomeUnknown, PyrplRemoteError
from ...protocol import VERBS, Greeting, Refused
from ...transport.channel import is_silence
from ...wire import Arrays
from .channels import Channels
from .records import log_again
from .refusal import error_of
from .silence import silent_error

Reply = tuple[Any, Sequence[memoryview | bytes]]
"""Plain data, and the arrays that travelled beside it (see wire.py)."""


class Connections(Channels):
    """Sends requests to one board's daemon, from any thread."""

    def __init__(
        self,
        board: str,
        uri: str,
        greeting: Greeting,
        restructured: Callable[[], None] = lambda: None,
        on: str = "",
    ):
        """`greeting` describes this client to the daemon at the beginning of each connection.

        An observer's connections are ordinary ones. `restructured()` is called when a reply says that modules
        were added, removed or replaced. `on`: the paired host of the daemon, "" for this machine.
        """
        super().__init__(board, uri, greeting, on)
        self._restructured = restructured
        self.deliver: Callable[[int, Any], None] = lambda number, event: None
        """Called with the number of a subscription and an event that came with a reply."""
        self.come_back: Callable[[int, BoardGone], None] | None = None
        """Called with the generation, and the error, of a request that no daemon served: it finds one, or
        raises."""
        self.came_back: Callable[[], None] = lambda: None
        """Called after the first answer since a request was not answered."""
        self._numbers = count(1)
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
        if self.gone or self._silence is not None:
            self.gone = False
            self.came_back()
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

    def interrupt(self, silence: DaemonSilent) -> None:
        """End the waits of all threads for a daemon that does not answer."""
        self._silence = silence
        for channel in self._all:
            if channel.busy:
                channel.close()

    def answered(self) -> None:
        """The daemon answers again."""
        self._silence = None

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
        return silent_error(self._board, self._of_thread.__dict__.get("uri", self.uri), what, self._on)

    def _gone(self, error: Exception) -> BoardGone:
        self.gone = True
        if self._on:
            return BoardGone(
                f"board {self._board!r} on {self._on} no longer answers ({error})",
                "its daemon has ended, or the host or the network is down: `pyrpl-remote peers` tests it",
            )
        return BoardGone(
            f"the daemon of board {self._board!r} no longer answers ({error})",
            f"it has crashed or was killed: `pyrpl-remote logs {self._board}` shows why",
        )


def _step(verb: str, args: tuple[Any, ...]) -> str:
    return VERBS[verb].step.format(*args)
