"""The Pyro5 daemon of one board: who connects and who leaves, and the short way of a quick request."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import Pyro5.api
from Pyro5 import core, protocol, serializers
from Pyro5 import errors as pyro_errors
from Pyro5.callcontext import current_context

from ...transport.buffered import ReadAhead
from .clients import DaemonEnding, Registry
from .deferred import Later

HOST = "127.0.0.1"
ENDING = "pyrpl_remote: this daemon is ending"
"""What a client is told that comes too late; it then starts a new daemon."""

BEGINNING = {"call", "begin"}
"""Verbs that may begin what goes on in Qt's loop."""


class BoardServer(Pyro5.api.Daemon):
    """Tells the registry who connects and who leaves, and lets the hardware thread serve quick connections."""

    def __init__(
        self,
        registry: Registry,
        session_ended: Callable[[object], None],
        serve_quick: Callable[[Any, Callable[[Any, protocol.ReceivingMessage], bool]], None],
    ):
        """`serve_quick(connection, answer)` calls `answer(connection, header)` for each request, see quick.py."""
        super().__init__(host=HOST, port=0)
        self._registry = registry
        self._session_ended = session_ended
        self._serve_quick = serve_quick
        self._verbs: dict[tuple[str, str], Callable] = {}
        # a machine that lost power closes no socket; accepted sockets inherit this on Linux and Windows
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def register_board(self, door: object, object_id: str) -> Pyro5.api.URI:
        """Register the board's object, whose methods are what may be asked on a quick connection."""
        uri = self.register(door, object_id)
        exposed = self.objectsById[core.DAEMON_NAME].get_metadata(object_id)
        self._verbs = {(object_id, verb): getattr(door, verb) for verb in exposed["methods"]}
        return uri

    def validateHandshake(self, conn, data):
        """Count a new connection to its session. An observer only looks, and holds nothing."""
        hello = data if isinstance(data, dict) else None
        conn.private = hello is not None and bool(hello.get("private"))
        conn.quick = hello is not None and bool(hello.get("quick"))
        if conn.quick:
            conn.read_ahead = ReadAhead(conn)
        if hello is not None and hello.get("observer"):
            conn.session = None
        else:
            try:
                conn.session = self._registry.join(conn, hello)
            except DaemonEnding:
                raise Pyro5.api.errors.PyroError(ENDING) from None
        return super().validateHandshake(conn, data)

    def handleRequest(self, conn):
        """Serve the next request, and those before it that are quick."""
        if conn.quick:
            self._serve_quick(conn, self._answer)
        super().handleRequest(conn)

    def clientDisconnect(self, conn):
        """A connection is closed, by its client or with its client."""
        session = getattr(conn, "session", None)
        if session is not None and self._registry.leave(session, conn):
            self._session_ended(session)

    def _answer(self, conn: Any, header: protocol.ReceivingMessage) -> bool:
        """Answer a request that is there as a whole; whether Qt's loop must have its turn before the next one.

        As Pyro5's handleRequest, which takes three times as long: it prepares for batches, streams and callbacks.
        """
        if header.type != protocol.MSG_INVOKE or header.flags & ~protocol.FLAGS_CORR_ID:
            super().handleRequest(conn)
            return True
        conn.recv(protocol._header_size)
        header.add_payload(conn.recv(header.data_size + header.annotations_size))
        _serve_now(conn, header)
        try:
            object_id, verb, args, kwargs = serializers.serializers_by_id[header.serializer_id].loadsCall(
                header.data
            )
            answer = self._verb(object_id, verb)(*args, **kwargs)
        except Exception as error:  # boundary: it travels to the client
            self._reply_error(conn, header, error)
            return True
        if isinstance(answer, Later):
            answer.then(partial(self._reply_later, conn, header))
        else:
            self._reply(conn, header, answer)
        return verb in BEGINNING

    def _reply(self, conn: Any, header: protocol.ReceivingMessage, answer: Any) -> None:
        try:
            data = serializers.serializers_by_id[header.serializer_id].dumps(answer)
            message = protocol.SendingMessage(protocol.MSG_RESULT, 0, header.seq, header.serializer_id, data)
        except Exception as error:  # boundary: it travels to the client
            self._reply_error(conn, header, error)
        else:
            conn.send(message.data)

    def _reply_error(self, conn: Any, header: protocol.ReceivingMessage, error: Exception) -> None:
        self._sendExceptionResponse(
            conn, header.seq, header.serializer_id, error, pyro_errors.format_traceback()
        )

    def _reply_later(self, conn: Any, header: protocol.ReceivingMessage, answer: Callable[[], Any]) -> None:
        # in the hardware thread, which may be serving somebody else
        outer = current_context.to_global()
        _serve_now(conn, header)
        try:
            if conn.sock.gettimeout() == 0.0:
                self._reply(conn, header, answer())
            else:
                conn.close()  # its stay in the hardware thread, which must not wait for it, is over
        except pyro_errors.CommunicationError:
            pass  # its client has left, which the connection's own thread finds out
        finally:
            current_context.from_global(outer)

    def _verb(self, object_id: str, verb: str) -> Callable:
        try:
            return self._verbs[object_id, verb]
        except (KeyError, TypeError):  # TypeError: what cannot be a key is no name either
            raise AttributeError(f"no {object_id!r}.{verb!r} on a connection for quick requests") from None


def _serve_now(conn: Any, header: protocol.ReceivingMessage) -> None:
    """What this thread does from now on is done for the client that sent `header`."""
    current_context.client = conn
    current_context.correlation_id = uuid.UUID(bytes=header.corr_id) if header.flags else None
