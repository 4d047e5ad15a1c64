"""A client's connection to a board's daemon on another host, through that host's gate.

It has the interface of Channel (channel.py). Both ways of a daemon, requests served in its Qt thread and
Pyro5's ordinary way, are spoken with plain messages: Pyro5's own client cannot connect through TLS to one
host only.
"""

from __future__ import annotations

import math
import socket
from typing import Any

import Pyro5.api
from Pyro5 import errors as pyro_errors

from ... import settings
from ...errors import HostUnreachable
from ...protocol import Greeting, Refused, Welcome
from ...stop_note import stopped_error
from ...wire import Arrays
from .. import pyro_internals as pyro
from ..messages import require_short, result_of
from . import tls
from .gate_connection import GateConnection, dial
from .gate_messages import GateMessages


class GateChannel:
    """One connection to the board's object. It belongs to the thread that makes it.

    Attributes as for Channel: `is_open`, `busy`, `uri`, `generation`, `owner`.
    """

    generation = 0

    owner = ""

    def __init__(
        self, uri: str, greeting: Greeting, limited: bool, host: str, most_seconds: float = math.inf
    ):
        """As Channel; `uri` is valid on the host of the name, or ssh:// address, `host`."""
        self.uri = uri
        self._host = host
        self._greeting = greeting
        self._limited = limited
        self._silence = min(settings.SILENCE_SECONDS, most_seconds)
        self._parts = Pyro5.api.URI(uri)
        self._sequence = 0
        self._sock: socket.socket | None = None
        self._messages: GateMessages | None = None
        self._direct = False
        self.is_open = self.busy = False

    @property
    def fast(self) -> bool:
        """Whether the daemon serves its requests in the Qt thread; False until it is open."""
        return self._direct

    def open(self) -> None:
        """Connect, unless it is connected.

        Raises protocol.Refused if the daemon refuses, DaemonStopped if somebody has stopped it, AccessDenied
        if the gate does, Pyro5's CommunicationError if one of them does not answer.
        """
        if self.is_open:
            return
        self.busy = True
        try:
            welcome = self._open()
        except HostUnreachable as error:
            raise pyro_errors.CommunicationError(error.message) from error
        finally:
            self.busy = False
        if welcome.code:
            self._release()
            raise Refused(welcome)
        self._direct = welcome.direct
        self.is_open = True

    def ask(self, verb: str, args: tuple[Any, ...], arrays: Arrays) -> tuple[Any, list[memoryview]]:
        """Send a request; returns the reply. As Channel.ask."""
        self.busy = True
        try:
            return self._ask(verb, args, arrays)
        finally:
            self.busy = False

    def close(self) -> None:
        """Close the connection; from any thread."""
        sock = self._sock
        if sock is not None:
            tls.shut_down(sock)

    def forget(self) -> None:
        """To be called in a forked child: close its copy of the parent's socket."""
        if self._sock is not None:
            self._sock.close()  # without a word to the other side

    def __del__(self) -> None:
        if self._sock is not None:
            self._sock.close()

    def _open(self) -> Welcome:
        gate = dial(self._host)
        try:
            board = self._parts.object
            location = f"{self._parts.host}:{self._parts.port}"
            answer = gate.ask("open", object=board, location=location)
            if answer.get("stopped"):
                raise stopped_error(board.removeprefix("pyrpl."), str(answer["stopped"]))
            if not answer.get("opened"):
                raise pyro_errors.ConnectionClosedError(str(answer.get("reason", "the gate did not say why")))
            messages = GateMessages(gate.sock)
            gate.sock.settimeout(self._silence)
            data = pyro.pack({"handshake": self._greeting.to_data(), "object": board})
            messages.send_parts(pyro.plain_message(pyro.CONNECT, 0, data, []))
            reply = messages.receive_message()
            welcome = _welcome(reply)
        except BaseException:
            gate.close()
            raise
        self._take(gate, messages)
        return welcome

    def _take(self, gate: GateConnection, messages: GateMessages) -> None:
        self._sock, self._messages = gate.sock, messages
        if not self._limited:
            gate.sock.settimeout(None)

    def _ask(self, verb: str, args: tuple[Any, ...], arrays: Arrays) -> tuple[Any, list[memoryview]]:
        messages = self._messages
        if messages is None:
            raise pyro_errors.ConnectionClosedError("the connection is closed")
        self._sequence = (self._sequence + 1) & 0xFFFF
        data = pyro.pack((self._parts.object, verb, args, {}))
        if self._direct:
            require_short(data)
        parts = pyro.plain_message(pyro.REQUEST, self._sequence, data, arrays)
        try:
            reply = messages.ask(parts, self._sequence)
        except BaseException:
            # also of a signal handler, as in Channel
            self._release()
            raise
        return result_of(reply), pyro.arrays_of(reply) if self._direct else []

    def _release(self) -> None:
        self.is_open = False
        sock, self._sock, self._messages = self._sock, None, None
        if sock is not None:
            tls.shut_down(sock)
            sock.close()


def _welcome(reply: pyro.Header) -> Welcome:
    """The daemon's welcome in its answer. Raises Pyro5's CommunicationError if it has none."""
    if reply.type != pyro.ACCEPTED:
        text = (
            pyro.MSGPACK.loads(reply.data)
            if reply.type == pyro.REFUSED
            else f"a message of type {reply.type}"
        )
        raise pyro_errors.CommunicationError(f"the connection was refused: {text}")
    return Welcome.from_data(pyro.unpack(reply.data)["handshake"])
