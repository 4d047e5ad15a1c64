"""A Pyro5 daemon that limits what connections may send, before and after their greeting.

Before its greeting is accepted, a connection has GREETING_SECONDS, may send 64 kB, and nothing of it is
decoded but the plain fields of the greeting. After it, messages with Pyro5's special flags, and those in
other serializers, are refused: some take any amount of memory, some start threads, and some cannot be
served in the Qt thread.
"""

from __future__ import annotations

import contextlib
import socket
import time
from functools import partial
from typing import Any

import Pyro5.api
from Pyro5 import errors as pyro_errors

from ..settings import GREETING_SECONDS
from . import pyro_internals as pyro
from .admission import Admission
from .plain_serializers import plain_data
from .refusals import Refusals

GREETING_BYTES = 64 * 2**10
"""The longest greeting."""

SERPENT_BYTES = 256 * 2**10
"""The longest request in serpent: while it is decoded, nothing else runs, and 4 MB take 5 s."""

LOOKING_BYTES = 256 * 2**10
"""The longest request of a client that may only look: it sends no arrays."""

MAX_ID = 200
"""The longest name of an object, in characters."""


class RefusedMessage(pyro_errors.ProtocolError):
    """A message that is well-formed, but not accepted; `header` is its header."""

    def __init__(self, text: str, header: pyro.Header) -> None:
        super().__init__(text)
        self.header = header


class NothingSaid(pyro_errors.ConnectionClosedError):
    """A connection that was closed without a byte: the name server looks in this way whether we live."""


class GuardedDaemon(Pyro5.api.Daemon):
    """A Pyro5 daemon with limits. Attributes: `admission` (counts connections), `refusals` (logs them)."""

    def __init__(self, host: str, port: int, admission: Admission, refusals: Refusals) -> None:
        super().__init__(host=host, port=port)
        self.admission = admission
        self.refusals = refusals
        pyro.guard_accepting(self, admission.admit)

    def _handshake(self, conn: Any, denied_reason: str | None = None) -> bool:
        """Answer the greeting of a new connection, in its own thread; returns whether it may go on.

        Pyro5 calls this. The client is told why not, where it spoke Pyro5's protocol.
        """
        deadline = time.monotonic() + GREETING_SECONDS
        header = None
        joined = accepted = False
        # this thread may have served another connection, whose client is not the one that is logged
        Pyro5.api.current_context.client = conn
        try:
            header = _header_of_greeting(conn, deadline, self.admission)
            object_id, greeting = _greeting(conn, header, deadline)
            if object_id not in self.objectsById:
                raise pyro_errors.DaemonError("unknown object")
            conn.object_id = object_id
            metadata = self.objectsById["Pyro.Daemon"].get_metadata(object_id)
            if not self.admission.greeted(conn):
                raise pyro_errors.ConnectionClosedError("there are too many connections")
            joined = True
            # last: whoever joins a session must be told so, or leave it
            answer = {"handshake": self.validateHandshake(conn, greeting), "meta": metadata}
            _send(conn, header, pyro.ACCEPTED, pyro.serializer_of(header).dumps(answer), deadline)
            conn.sock.settimeout(None)
            if getattr(conn, "buffered", None) is None:
                pyro.check_received(conn, partial(_require_ordinary, getattr(conn, "longest", None)))
            accepted = True
        except NothingSaid:
            pass
        except pyro_errors.ConnectionClosedError as error:
            self.refusals.note(conn, error)
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            self.refusals.note(conn, error)
            if header is not None:
                _refuse(conn, header, error, deadline)
        finally:
            if not accepted:
                if joined:
                    self._clientDisconnect(conn)
                self.admission.left(conn)
        return accepted

    def handleRequest(self, conn: Any) -> None:
        """Serve the next request of a connection in Pyro5's way."""
        try:
            super().handleRequest(conn)
        except RefusedMessage as error:
            self.refuse_message(conn, error)

    def refuse_message(self, conn: Any, error: RefusedMessage) -> None:
        """Tell the client why its message is refused, and raise ConnectionClosedError, which ends it."""
        self.refusals.note(conn, error)
        conn.sock.settimeout(GREETING_SECONDS)
        size = error.header.annotations_size + error.header.data_size
        if size <= GREETING_BYTES:  # the answer could be lost if the connection ended with unread bytes
            conn.recv(size)
        error.header.serializer_id = pyro.spoken(error.header.serializer_id)
        pyro.reply_error(self, conn, error.header, pyro_errors.ProtocolError(str(error)))
        raise pyro_errors.ConnectionClosedError(str(error))

    def clientDisconnect(self, conn: Any) -> None:
        """Forget a closed connection."""
        self.admission.left(conn)


def _header_of_greeting(conn: Any, deadline: float, admission: Admission) -> pyro.Header:
    first = _exactly(conn.sock, 6, deadline, nothing_said=True)
    admission.heard(conn)
    pyro.require_pyro(first)
    header = pyro.header_of(first + _exactly(conn.sock, pyro.HEADER_BYTES - 6, deadline))
    if header.type != pyro.CONNECT:
        raise pyro_errors.ProtocolError("a connection begins with a greeting")
    if header.annotations_size + header.data_size > GREETING_BYTES:
        raise pyro_errors.ProtocolError(f"a greeting has at most {GREETING_BYTES} bytes")
    _require_plain(header)
    return header


def _greeting(conn: Any, header: pyro.Header, deadline: float) -> tuple[str, Any]:
    """The object's name, and what the client says of itself."""
    header.add_payload(_exactly(conn.sock, header.annotations_size + header.data_size, deadline))
    data = plain_data(header.serializer_id, header.data)
    if type(data) is not dict or data.keys() != {"handshake", "object"}:
        raise pyro_errors.ProtocolError("a greeting has the fields handshake and object")
    object_id = data["object"]
    if type(object_id) is not str or len(object_id) > MAX_ID:
        raise pyro_errors.ProtocolError(f"the name of an object is a text of at most {MAX_ID} characters")
    return object_id, data["handshake"]


def _require_plain(header: pyro.Header) -> None:
    if header.serializer_id not in pyro.SPOKEN:
        raise RefusedMessage("the serializers are msgpack and serpent", header)
    if name := pyro.special_flag(header):
        raise RefusedMessage(
            f"messages with Pyro5's flag {name} are not accepted: send plain requests", header
        )


def _require_ordinary(longest: int | None, header: pyro.Header) -> None:
    """Raise RefusedMessage unless a message after the greeting is accepted. `longest`: its bytes at most."""
    if header.type == pyro.PING:
        if header.annotations_size + header.data_size > GREETING_BYTES:
            raise pyro_errors.ProtocolError("a ping is short")
        return
    _require_plain(header)
    if header.annotations_size > GREETING_BYTES:
        raise RefusedMessage(f"annotations have at most {GREETING_BYTES} bytes", header)
    if longest is not None and header.data_size > longest:
        raise RefusedMessage(f"who may only look sends at most {longest} bytes at once", header)
    if pyro.is_serpent(header) and header.data_size > SERPENT_BYTES:
        raise RefusedMessage(
            f"a request in serpent has at most {SERPENT_BYTES} bytes: use the serializer msgpack", header
        )


def _exactly(sock: socket.socket, size: int, deadline: float, nothing_said: bool = False) -> bytes:
    """The next `size` bytes. Raises ConnectionClosedError at the end, or at the deadline.

    `nothing_said`: these are the first ones; without any it is NothingSaid.
    """
    data = bytearray()
    while len(data) < size:
        left = deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
            piece = sock.recv(size - len(data))
        except TimeoutError:
            raise pyro_errors.ConnectionClosedError(
                f"no greeting came within {GREETING_SECONDS:g} s"
            ) from None
        except OSError as error:
            raise pyro_errors.ConnectionClosedError(f"lost before its greeting: {error}") from error
        if not piece:
            if not data and nothing_said:
                raise NothingSaid("closed without a byte")
            raise pyro_errors.ConnectionClosedError("closed before its greeting")
        data += piece
    return bytes(data)


def _send(conn: Any, header: pyro.Header, kind: int, data: bytes, deadline: float) -> None:
    conn.sock.settimeout(max(0.01, deadline - time.monotonic()))
    message = pyro.message(kind, header, data)
    try:
        conn.sock.sendall(message)
    except OSError as error:
        raise pyro_errors.ConnectionClosedError(f"it does not receive its answer: {error}") from error


def _refuse(conn: Any, header: pyro.Header, error: Exception, deadline: float) -> None:
    header.serializer_id = pyro.spoken(header.serializer_id)
    text = pyro.serializer_of(header).dumps(str(error)[:1000])
    with contextlib.suppress(pyro_errors.ConnectionClosedError):  # it has left
        _send(conn, header, pyro.REFUSED, text, deadline)
