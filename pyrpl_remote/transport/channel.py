"""A client's connection to a board's daemon, for one thread, in the fast or in Pyro5's ordinary way."""

from __future__ import annotations

import math
import socket
from typing import Any

import Pyro5.api
from Pyro5 import errors as pyro_errors

from .. import settings
from ..protocol import Code, Greeting, Refused, Welcome
from ..wire import Arrays
from . import pyro_internals as pyro
from .buffered import Buffered
from .messages import require_short, result_of
from .secret import is_proof, own_secret, signed

SERIALIZER = "msgpack"
"""Pyro5's name of our client's serializer. The daemon uses the serializer of each client's request."""


def may_be_fast() -> bool:
    """Whether the settings allow the fast way, and it was tested with the installed Pyro5."""
    return settings.fast_transport() and pyro.is_tested()


class Channel:
    """One Pyro5 connection to the board's object. It belongs to the thread that makes it.

    Attributes: `is_open` (whether it has a connection, as far as is known), `busy` (whether it is connecting,
    or waits for a reply: a signal handler or a `__del__` that runs meanwhile needs another channel), `uri`,
    `generation` (of the daemon that it connects to; for its owner's use), `owner` (once it is open, the user
    whose daemon it is, "" for this user).
    """

    generation = 0

    def __init__(self, uri: str, greeting: Greeting, limited: bool = False, most_seconds: float = math.inf):
        """`uri`: of the board's object; `greeting.direct` asks for the fast way; the daemon may grant it.

        `limited`: each reply must come within settings.SILENCE_SECONDS, or within `most_seconds`, if that is
        less. The answer to the greeting must come within settings.GREETING_SECONDS.
        """
        self.uri = uri
        self._limited = limited
        self._most_seconds = most_seconds
        self._proxy = _Proxy(uri)
        self._proxy._pyroSerializer = SERIALIZER
        self._greeting = greeting
        # of the last connection: the field `session` says whose it is
        self._proxy._pyroHandshake = greeting.to_data()
        place = Pyro5.api.URI(uri)
        self._object_id, self._address = place.object, str(place.location)
        self._place = place.host, place.port
        self.owner = ""
        self._sequence = 0
        self.is_open = self.busy = False

    @property
    def fast(self) -> bool:
        """Whether the daemon serves its requests in the Qt thread; False until it is open."""
        return self._proxy.buffered is not None

    def open(self) -> None:
        """Connect, unless it is connected.

        Raises protocol.Refused if the daemon refuses, or if another user's program answers in its place,
        Pyro5's CommunicationError if it does not answer (see `is_silence`).
        """
        self.busy = True
        secret = own_secret()
        try:
            if secret is not None:
                said = signed(secret, "greeting", self._address, self._object_id, self._greeting.to_data())
                self._proxy._pyroHandshake = said
            self._proxy._pyroTimeout = min(
                settings.GREETING_SECONDS, settings.SILENCE_SECONDS, self._most_seconds
            )
            self._bind()
            silence = min(settings.SILENCE_SECONDS, self._most_seconds)
            self._proxy._pyroTimeout = silence if self._limited else None
        finally:
            self.busy = False
        welcome = self._proxy.welcome
        if welcome.code:
            self._proxy._pyroRelease()
            raise Refused(welcome)
        if not self._is_proved(secret, welcome):
            self.owner = self._other_owner(welcome)
        self.is_open = True

    def ask(self, verb: str, args: tuple[Any, ...], arrays: Arrays) -> tuple[Any, list[memoryview]]:
        """Send a request; returns the reply's plain data, and the arrays that travelled beside it.

        The channel must be open. `arrays` travel beside the request, in the fast way only. Raises Pyro5's
        CommunicationError: either the connection broke and is closed, or it is still open and only this
        message could not be sent. Also raises an exception that Pyro5 sent as the reply.
        """
        self.busy = True
        try:
            buffered = self._proxy.buffered
            if buffered is None:
                return self._ask_ordinary(verb, args, arrays), []
            return self._ask_fast(buffered, verb, args, arrays)
        finally:
            self.busy = False

    def _is_proved(self, secret: bytes | None, welcome: Welcome) -> bool:
        """Whether the daemon knows this user's secret."""
        data = {**welcome.to_data(), "nonce": self._proxy._pyroHandshake["nonce"]}
        return secret is not None and is_proof(
            welcome.proof, secret, "welcome", self._address, self._object_id, data
        )

    def _other_owner(self, welcome: Welcome) -> str:
        """The user whose daemon it is, as the system says; "" for this user's own.

        Raises Refused if the system does not tell, or if the daemon does not share its board with this user.
        """
        from ..machine import (
            users,  # not at the top: only other users' daemons need psutil, which takes a while
        )

        user = users.user_at(pyro.connection_of(self._proxy).sock)
        if user == users.this_user():
            return ""
        if user is not None and welcome.owner:
            return users.name_of(user)
        self._proxy._pyroRelease()
        raise self._distrusted("unknown to the system" if user is None else users.name_of(user))

    def _distrusted(self, user: str) -> Refused:
        """The error for a program of another user that is no daemon which shares its board."""
        return Refused(
            Welcome(
                code=Code.DENIED.value,
                detail=f"a program of user {user} answers at {self._address}, "
                "and did not prove that it is the board's daemon",
                remedy="no request was sent to it. If that user has the board: its owner shares it by "
                "`pyrpl-remote share BOARD --user NAME`; else end that program",
            )
        )

    def _bind(self) -> None:
        """Connect and greet. Raises Refused if another user's program hangs up, or answers nonsense."""
        try:
            self._proxy._pyroBind()
        except pyro_errors.CommunicationError as error:
            if not is_silence(error):
                from ..machine import users  # as above

                user = users.listener(*self._place)
                if user is not None and user != users.this_user():
                    raise self._distrusted(users.name_of(user)) from error
            raise

    def _ask_fast(
        self, buffered: Buffered, verb: str, args: tuple[Any, ...], arrays: Arrays
    ) -> tuple[Any, list[memoryview]]:
        self._sequence = (self._sequence + 1) & 0xFFFF
        data = pyro.pack((self._object_id, verb, args, {}))
        require_short(data)
        parts = pyro.plain_message(pyro.REQUEST, self._sequence, data, arrays)
        try:
            reply = buffered.ask(parts, self._sequence)
        except BaseException:
            # also of a signal handler: what is still to be sent must not be taken from the next request, nor
            # what is still to come for its reply
            self._proxy._pyroRelease()
            self.is_open = False
            raise
        return result_of(reply), pyro.arrays_of(reply)

    def close(self) -> None:
        """Close the connection; from any thread."""
        connection = pyro.connection_of(self._proxy)
        if connection is not None:
            connection.close()

    def forget(self) -> None:
        """To be called in a forked child: close its copy of the parent's socket."""
        pyro.close_copy(self._proxy)

    def _ask_ordinary(self, verb: str, args: tuple[Any, ...], arrays: Arrays) -> Any:
        if arrays:
            raise pyro_errors.ProtocolError("arrays travel beside a request in the fast way only")
        try:
            return getattr(self._proxy, verb)(*args)
        except Exception as error:
            # Pyro5 has released it after its own errors; those that the daemon sent have a traceback
            if not isinstance(error, pyro_errors.CommunicationError) and not hasattr(error, "_pyroTraceback"):
                self._proxy._pyroRelease()
            raise
        finally:
            self.is_open = pyro.connection_of(self._proxy) is not None


def is_silence(error: pyro_errors.CommunicationError) -> bool:
    """Whether `error` says that nothing came in time, while the connection is open."""
    return isinstance(error, pyro_errors.TimeoutError) or isinstance(error.__cause__, TimeoutError)


class _Proxy(Pyro5.api.Proxy):
    """A proxy of the board's object that keeps the daemon's welcome, and its Buffered in the fast way."""

    def __init__(self, uri: str):
        # Pyro5's proxies would send other attributes to the daemon
        object.__setattr__(self, "welcome", Welcome())
        object.__setattr__(self, "buffered", None)
        super().__init__(uri)

    def _pyroValidateHandshake(self, response: object) -> None:
        welcome = Welcome.from_data(response)
        connection = pyro.connection_of(self)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        object.__setattr__(self, "welcome", welcome)
        object.__setattr__(self, "buffered", Buffered(connection) if welcome.direct else None)
