"""The first message of a Pyro5 connection: read, and passed on with the gate's introduction."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, replace
from typing import Any

from Pyro5 import errors as pyro_errors

from ..introduction import INTRODUCTION, Introduction
from ..protocol import Code, Welcome
from ..transport import pyro_internals as pyro
from ..transport.secret import own_secret, signed

GREETING_BYTES = 64 * 2**10
"""The longest first message."""

MAX_ID = 200
"""The longest name of an object, in characters."""


@dataclass(frozen=True)
class FirstMessage:
    """The first message of a connection: the object that it asks for, and the client's greeting."""

    header: pyro.Header
    object_id: str
    greeting: Any

    def introduced(self, introduction: Introduction, location: str) -> bytes:
        """The message for the daemon at `location` (host:port): with the introduction around the greeting.

        The introduction is signed with the user's secret, unless there is none.
        """
        secret = own_secret()
        if secret is not None:
            place = (INTRODUCTION, location, self.object_id)
            said = signed(secret, *place, introduction.signed_data(self.greeting))
            proof = {name: said[name] for name in ("nonce", "time", "proof")}
            introduction = replace(introduction, **proof)
        return self._message(
            pyro.CONNECT, {"handshake": introduction.around(self.greeting), "object": self.object_id}
        )

    def refusal(self, text: str) -> bytes:
        """The answer that refuses the connection: `text` says why. Our client gets it as a welcome."""
        if isinstance(self.greeting, dict) and "protocol" in self.greeting:
            welcome = Welcome(code=Code.DENIED.value, detail=text[:200]).to_data()
            meta: dict[str, list[str]] = {"methods": [], "oneway": [], "attrs": []}
            return self._message(pyro.ACCEPTED, {"handshake": welcome, "meta": meta})
        return self._message(pyro.REFUSED, f"pyrpl_remote: {text}")

    def _message(self, kind: int, data: Any) -> bytes:
        return pyro.message(kind, self.header, pyro.serializer_of(self.header).dumps(data))


def receive_first(sock: socket.socket, before: bytes, deadline: float) -> FirstMessage:
    """Receive the first message; `before` has come already, `deadline` is of time.monotonic().

    Raises Pyro5's ProtocolError if it is none that a gate passes on, TimeoutError, OSError.
    """
    data = bytearray(before)
    _receive_until(sock, data, pyro.HEADER_BYTES, deadline)
    pyro.require_pyro(bytes(data[: pyro.HEADER_BYTES]))
    header = pyro.header_of(bytes(data[: pyro.HEADER_BYTES]))
    size = header.annotations_size + header.data_size
    if header.type != pyro.CONNECT or size > GREETING_BYTES:
        raise pyro_errors.ProtocolError(
            f"a connection begins with a greeting of at most {GREETING_BYTES} bytes"
        )
    if header.serializer_id not in pyro.SPOKEN or pyro.special_flag(header):
        raise pyro_errors.ProtocolError("the greeting must be plain, in msgpack or serpent")
    _receive_until(sock, data, pyro.HEADER_BYTES + size, deadline)
    if len(data) > pyro.HEADER_BYTES + size:
        raise pyro_errors.ProtocolError("a client waits for the answer to its greeting")
    header.add_payload(bytes(data[pyro.HEADER_BYTES :]))
    try:
        content = pyro.serializer_of(header).loads_plain(header.data)
        object_id, greeting = content["object"], content["handshake"]
        pyro.pack(greeting)  # what cannot be packed cannot be signed
    except Exception as error:  # boundary: any bytes may come
        raise pyro_errors.ProtocolError(f"the greeting cannot be read: {type(error).__name__}") from error
    if type(object_id) is not str or len(object_id) > MAX_ID:
        raise pyro_errors.ProtocolError("the greeting names no object")
    return FirstMessage(header, object_id, greeting)


def _receive_until(sock: socket.socket, data: bytearray, size: int, deadline: float) -> None:
    while len(data) < size:
        sock.settimeout(max(0.001, deadline - time.monotonic()))
        arrived = sock.recv(min(65536, GREETING_BYTES + pyro.HEADER_BYTES - len(data) + 1))
        if not arrived:
            raise pyro_errors.ConnectionClosedError("closed before its greeting")
        data += arrived
