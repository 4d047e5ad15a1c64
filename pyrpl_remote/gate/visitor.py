"""One connection to a gate, from its first byte on: who it is, what it asks for, where it leads.

Our client asks in lines of JSON: `boards`, `start`, `logs`, and `open`, after which the connection leads to a
daemon. Any other Pyro5 client with the key of a paired host begins with Pyro5's greeting.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import Pyro5.api

from .._version import __version__
from ..error_data import describe
from ..errors import AccessDenied, NameServerError, PyrplRemoteError
from ..introduction import Introduction
from ..names import directory
from ..protocol import Role
from ..settings import LOGIN_SECONDS
from ..transport.lan.json_lines import MAX_REQUEST, BadLine, Lines, send_line
from . import face, host
from .greeting import receive_first
from .relay import relay

IDLE_SECONDS = 30.0
"""How long a connection on which nothing was opened may wait between two requests."""

CONNECT_SECONDS = 5.0
"""How long a daemon of this host may take to accept a connection."""


class Refused(Exception):
    """The visitor is refused; the text is for both sides."""


@dataclass(frozen=True)
class Visitor:
    """Who is at the other end: the paired host's name and role, and the gate's address that it uses."""

    name: str
    role: Role
    via: str

    @property
    def introduction(self) -> Introduction:
        """What a daemon is told."""
        return Introduction(self.name, self.role.value, self.via)

    def require(self, needed: Role, what: str) -> None:
        """Raise AccessDenied unless the visitor's role suffices."""
        if self.role < needed:
            raise AccessDenied(
                f"{self.name} may not {what}: its role is {self.role.name.lower()}",
                f"ask the host's owner for the role {needed.name.lower()}",
            )


def serve_requests(
    sock: socket.socket,
    visitor: Visitor,
    host_name: str,
    let_in: Callable[[], None],
    say: Callable[[str], None],
) -> None:
    """Serve our client. `let_in()` is called when it leads to a daemon; `say(text)` logs a refusal.

    Raises OSError, TimeoutError, BadLine.
    """
    send_line(sock, {"gate": host_name, "role": visitor.role.name.lower(), "release": __version__})
    lines = Lines(sock, MAX_REQUEST)
    while True:
        request = lines.receive(IDLE_SECONDS)
        if request is None:
            return
        sock.settimeout(IDLE_SECONDS)
        try:
            if request.get("ask") == "open":
                if _open(sock, lines.rest, request, visitor, let_in, say):
                    return
            else:
                for answer in _answers(request, visitor, host_name):
                    send_line(sock, answer)
        except PyrplRemoteError as error:
            say(f"{visitor.name}: {error.message}")
            send_line(sock, {"error": describe(error)})


def _answers(request: dict[str, Any], visitor: Visitor, host_name: str) -> Any:
    """The answers to a request, one after the other. Raises PyrplRemoteError, BadLine."""
    kind = request.get("ask")
    if kind == "boards":
        yield {"served": host.served(), "startable": host.startable()}
    elif kind == "start":
        visitor.require(Role.OPERATOR, "start a board's daemon")
        yield from host.start(_text(request, "board"), host_name)
    elif kind == "logs":
        lines, follow = request.get("lines"), request.get("follow")
        if type(lines) is not int or type(follow) is not bool or lines < 1:
            raise BadLine("a request for a log has a number of lines, and whether to follow it")
        yield from host.log(_text(request, "board"), lines, follow, host_name)
    else:
        raise BadLine(f"a gate has no request {kind!r:.80}")


def _text(request: dict[str, Any], name: str) -> str:
    value = request.get(name)
    if type(value) is not str or not 0 < len(value) <= 300:
        raise BadLine(f"a request has the text {name!r}")
    return value


def _open(
    sock: socket.socket,
    rest: bytes,
    request: dict[str, Any],
    visitor: Visitor,
    let_in: Callable[[], None],
    say: Callable[[str], None],
) -> bool:
    """Lead the connection to the daemon that the client knows; returns False if it has ended."""
    object_id, location = _text(request, "object"), _text(request, "location")
    inside = _daemon_at(object_id, location)
    if inside is None:
        by, reason = _why_not(object_id)
        if not reason:
            reason = f"has no object {object_id!r:.80} for other hosts"
            say(f"{visitor.name} asked for {object_id!r:.80} at {location!r:.80}: this host {reason}")
            reason = f"that host {reason}"
        send_line(sock, {"opened": False, "reason": reason, "stopped": by})
        return False
    with inside:
        send_line(sock, {"opened": True})
        first = receive_first(sock, rest, time.monotonic() + LOGIN_SECONDS)
        if first.object_id != object_id:
            text = f"this connection leads to {object_id}, not to {first.object_id}"
            say(f"{visitor.name}: {text}")
            sock.sendall(first.refusal(text))
            return True
        _lead(sock, inside, first.introduced(visitor.introduction, location), let_in)
    return True


def _why_not(object_id: str) -> tuple[str, str]:
    """Who has stopped the daemon of a board, if anybody has, and why it is not served any more.

    Both are empty for what is no board of this host.
    """
    name = object_id.removeprefix(directory.PREFIX)
    if name == object_id:
        return "", ""
    if by := host.stopped_by(name):
        return by, f"the daemon was stopped by {by} on that host"
    known = name in host.startable() or any(entry["name"] == name for entry in host.served())
    return "", "the daemon has ended on that host" if known else ""


def _daemon_at(object_id: str, location: str) -> socket.socket | None:
    """A connection to the daemon of a board of this host, None if it does not serve there."""
    if not (object_id.startswith(directory.PREFIX) and host.serves(f"PYRO:{object_id}@{location}")):
        return None
    try:
        sock = _connect(location)
    except OSError:
        return None
    if not host.is_own(location):  # the daemon has ended since it was found, and another user has its port
        sock.close()
        return None
    return sock


def serve_bare(sock: socket.socket, visitor: Visitor, face_location: str, let_in: Callable[[], None]) -> None:
    """Serve any other Pyro5 client: a connection to a board or a module, or to the name server's face.

    Raises Refused after it has told the client, OSError, Pyro5's ProtocolError.
    """
    first = receive_first(sock, b"", time.monotonic() + LOGIN_SECONDS)
    if first.object_id == face.NAME_SERVER:
        location = face_location
    else:
        try:
            found = face.registered().get(first.object_id)
        except NameServerError:
            found = None
        if found is None:
            text = f"this host has no object {first.object_id!r} for other hosts"
            sock.sendall(first.refusal(text))
            raise Refused(f"{visitor.name}: {text}")
        location = str(Pyro5.api.URI(found[0]).location)
    try:
        inside = _connect(location)
    except OSError as error:
        sock.sendall(first.refusal(f"the daemon does not answer: {error}"))
        raise
    with inside:
        _lead(sock, inside, first.introduced(visitor.introduction, location), let_in)


def refuse_bare(sock: socket.socket, text: str) -> None:
    """Tell a Pyro5 client that it is refused. Raises OSError, Pyro5's ProtocolError."""
    sock.sendall(receive_first(sock, b"", time.monotonic() + LOGIN_SECONDS).refusal(text))


def _connect(location: str) -> socket.socket:
    address, _, port = location.rpartition(":")
    sock = socket.create_connection((address, int(port)), CONNECT_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _lead(sock: socket.socket, inside: socket.socket, first: bytes, let_in: Callable[[], None]) -> None:
    inside.sendall(first)
    let_in()
    relay(sock, inside)
