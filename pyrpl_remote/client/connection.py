"""Connections of one session to its daemon, two for each calling thread, as Pyro5's proxies belong to a thread.

One carries what waits in the daemon, the other, for what concerns the board, is served there without a thread in between
(daemon/quick.py).
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from itertools import count
from typing import Any

import Pyro5.api
from Pyro5 import errors as pyro_errors

from ..errors import BoardGone, OutcomeUnknown, SessionClosed, rebuild
from ..transport.buffered import ReadAhead
from ..wire import SERIALIZER

REPEATABLE = {
    *("get", "get_many", "describe", "options", "status", "heartbeat", "recall"),
    *("subscribe", "unsubscribe", "events"),
}
"""Verbs that may be sent again on a new connection: they change nothing, or nothing more the second time."""


QUICK = {
    "get",
    "set",
    "get_many",
    "set_many",
    "options",
    "edit",
    "recall",
    "store",
    "call",
    "begin",
    "collect",
}
"""Verbs that the daemon's hardware thread answers itself."""


class _Proxy(Pyro5.api.Proxy):
    """A proxy of the board's object whose connection reads ahead."""

    def _pyroValidateHandshake(self, response):
        ReadAhead(self._pyroConnection)


class Connections:
    """Carries verbs to one board's daemon, from any thread."""

    def __init__(self, board: str, uri: str, hello: dict, restructured: Callable[[], None] = lambda: None):
        """`hello` is what the daemon learns about this client when a connection is made.

        `restructured()` is called when an answer says that modules have come, gone or been replaced.
        """
        self._restructured = restructured
        self._board = board
        self._uri = uri
        self._hello = hello
        self._of_thread = threading.local()
        # by identity: Pyro5's proxies are equal to each other where their URIs are
        self._all: weakref.WeakValueDictionary[int, Pyro5.api.Proxy] = weakref.WeakValueDictionary()
        self._numbers = count(1)
        self._closed = False
        self.gone = False
        """Whether the daemon did not answer when it was last asked."""

    def open(self) -> None:
        """Connect this thread. Raises Pyro5's CommunicationError if the daemon refuses or does not answer."""
        self._proxy()._pyroBind()

    def ask(self, verb: str, *args: Any) -> Any:
        """The daemon's answer, as plain data.

        Raises what the daemon reports, BoardGone if it does not answer, OutcomeUnknown if the connection broke
        before it answered a verb that may have changed something.
        """
        proxy = self._proxy(verb in QUICK)
        connected = proxy._pyroConnection is not None
        try:
            answer = proxy._pyroInvoke(verb, args, {})
        except pyro_errors.CommunicationError as error:
            if verb in REPEATABLE and connected:
                return self.ask(verb, *args)  # on a new connection: this one was closed
            if connected:
                raise OutcomeUnknown(
                    f"board {self._board!r}: the connection broke before {_step(verb, args)} was answered ({error})",
                    "it may or may not have happened: read the value back before you go on",
                ) from error
            raise self._gone(error) from error
        self.gone = False
        if type(answer) is dict and "!error" in answer:
            raise rebuild(answer["!error"])
        if type(answer) is dict and "!restructured" in answer:
            self._restructured()
            return answer["!restructured"]
        return answer

    def call(self, path: str, name: str, args: list, kwargs: dict) -> Any:
        """Call a method and wait for its answer, interruptibly."""
        number = next(self._numbers)
        try:
            return self.ask("call", path, name, args, kwargs, number)
        except KeyboardInterrupt:
            self.abandon(number)
            raise

    def begin(self, path: str, name: str, args: list, kwargs: dict) -> int:
        """Begin to call a method; gives the number under which `collect` waits for its answer."""
        number = next(self._numbers)
        self.ask("begin", path, name, args, kwargs, number)
        return number

    def collect(self, number: int) -> Any:
        """Wait for the answer of a call that was begun."""
        return self.ask("collect", number)

    def abandon(self, number: int) -> None:
        """Tell the daemon that the answer of a call is no longer wanted: it stops what is under way."""
        if not self._closed:
            self.ask("abandon", number)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._closed = True
        for proxy in list(self._all.values()):
            connection = proxy._pyroConnection
            if connection is not None:
                connection.close()

    def forget(self) -> None:
        """After a fork, in the child: close this process's copies of the sockets, which are the parent's."""
        self._closed = True
        for proxy in list(self._all.values()):
            if proxy._pyroConnection is not None:
                # not the connection's close(): it would shut the socket down for the parent too
                proxy._pyroConnection.keep_open = True
                proxy._pyroConnection.sock.close()

    def _proxy(self, quick: bool = False) -> Pyro5.api.Proxy:
        if self._closed:
            raise SessionClosed(f"the session with board {self._board!r} is closed", "call connect() again")
        kind = "quick" if quick else "patient"
        proxy = getattr(self._of_thread, kind, None)
        if proxy is None:
            proxy = _Proxy(self._uri)
            proxy._pyroSerializer = SERIALIZER
            proxy._pyroHandshake = {**self._hello, "quick": quick}
            setattr(self._of_thread, kind, proxy)
            self._all[id(proxy)] = proxy
        return proxy

    def _gone(self, error: Exception) -> BoardGone:
        self.gone = True
        return BoardGone(
            f"the daemon of board {self._board!r} no longer answers ({error})",
            "it was stopped or has crashed: `pyrpl-remote logs` shows why; connect() again starts a new one",
        )


def _step(verb: str, args: tuple) -> str:
    return f"{verb} {'.'.join(map(str, args[:2]))}"
