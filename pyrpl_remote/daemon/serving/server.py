"""The Pyro5 daemon of one board: answers greetings, and serves direct connections in the Qt thread."""

from __future__ import annotations

import socket
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from Pyro5 import errors as pyro_errors

from ... import settings
from ..._version import __version__
from ...introduction import Introduction, introduced, peer_of
from ...names import directory
from ...protocol import MAX_TEXT, PROTOCOL, VERBS, Code, Greeting, MalformedGreeting, Role, Welcome
from ...transport import pyro_internals as pyro
from ...transport.admission import Admission
from ...transport.buffered import Buffered
from ...transport.guarded import LOOKING_BYTES, GuardedDaemon, RefusedMessage
from ...transport.pyro_internals import Header
from ...transport.refusals import Refusals
from ..caller import Caller
from .access import Access, Denied
from .board_object import board_object
from .clients import Clients, DaemonEnding
from .deferred import Deferred, Reply
from .direct import DirectServing
from .requests import Requests

HOST = "127.0.0.1"
"""The address on which it listens: connections come from this machine only."""

SHORT_BYTES = 1024
"""The longest content of a ping."""


class BoardServer(GuardedDaemon):
    """Adds connections to their sessions, and serves them. Attribute: `board_uri` (of the board's object)."""

    def __init__(
        self,
        board_id: str,
        clients: Clients,
        requests: Requests,
        direct: DirectServing,
        admission: Admission | None = None,
        refusals: Refusals | None = None,
        access: Access | None = None,
    ) -> None:
        """`board_id` is the Pyro id of the board's object."""
        super().__init__(HOST, 0, admission or Admission(), refusals or Refusals())
        self._board_id = board_id
        self._clients = clients
        self._requests = requests
        self._direct = direct
        self._access = access or Access(board_id.removeprefix(directory.PREFIX))
        self._fast = settings.fast_transport() and pyro.is_tested()
        self.board_uri = str(self.register(board_object(requests), board_id))
        # finds clients whose machine lost power; accepted sockets inherit this option on Linux and Windows
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def validateHandshake(self, conn: Any, data: object) -> object:
        """Add a new connection to its session, or refuse it. An observer has no session."""
        conn.caller = None
        conn.buffered = None
        conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        introduction, data = introduced(data)
        if not isinstance(data, dict):
            return self._greet_bare(conn, data, introduction)
        if "protocol" not in data:
            # a client of release 0.1.0 does not know welcomes; it shows this text
            raise pyro_errors.PyroError(
                f"pyrpl_remote: the board is served by release {__version__}, which this program's older one "
                "cannot work with; install the same release in both environments"
            )
        welcome = self._greet(conn, data, introduction)
        if welcome.code:
            self.refusals.say(f"a connection was refused ({welcome.code}): {welcome.detail}")
        return welcome.to_data()

    def handleRequest(self, conn: Any) -> None:
        """Serve direct requests in the Qt thread, or the next request of any other connection in Pyro5's way.

        Whatever else comes on a direct connection ends it: Pyro5's way would hold up the Qt thread.
        """
        if conn.caller is None:
            raise pyro_errors.ConnectionClosedError("the connection was refused")
        if conn.buffered is None:
            super().handleRequest(conn)
            return
        self._direct.serve(conn, self._serve_request)
        header = pyro.header_of(conn.recv(pyro.HEADER_BYTES))
        if header.type == pyro.PING and not header.data_size + header.annotations_size > SHORT_BYTES:
            conn.recv(header.data_size + header.annotations_size)
            conn.send(pyro.message(pyro.PING, header, b"pong"))
            return
        text = (
            "this connection takes plain requests for the board's object, and short ones if it may only look"
        )
        self.refuse_message(conn, RefusedMessage(text, header))

    def clientDisconnect(self, conn: Any) -> None:
        """Remove a closed connection from its session."""
        super().clientDisconnect(conn)
        caller: Caller | None = getattr(conn, "caller", None)
        if caller is None or caller.session is None:
            return
        if self._clients.leave(caller.session, conn):
            self._requests.sessions.ended(caller.session)
        else:
            self._requests.sessions.connection_closed(caller.session)

    def _greet(self, conn: Any, data: dict[str, Any], introduction: Introduction | None) -> Welcome:
        if data["protocol"] != PROTOCOL:
            detail = f"this daemon speaks protocol {PROTOCOL}, the client {data['protocol']!r:.20}"
            return Welcome(code=Code.PROTOCOL.value, detail=detail)
        try:
            greeting = Greeting.from_data(data)
        except MalformedGreeting as error:
            return Welcome(code=Code.MALFORMED.value, detail=str(error))
        try:
            admitted = self._access.of_greeting(conn, self.locationStr, greeting, introduction)
        except Denied as denied:
            return Welcome(
                code=Code.DENIED.value, detail=denied.detail[:MAX_TEXT], remedy=denied.remedy[:MAX_TEXT]
            )
        session: Hashable = None
        if greeting.session is not None:
            try:
                session = self._clients.join(conn, greeting, peer_of(introduction), admitted.who)
            except DaemonEnding as ending:
                if ending.by:
                    return Welcome(code=Code.STOPPED.value, detail=ending.by[:MAX_TEXT])
                return Welcome(code=Code.ENDING.value, detail=str(ending))
        direct = greeting.direct and self._fast and pyro.is_plain_loopback(conn.sock)
        if direct:
            conn.buffered = Buffered(conn)
        if admitted.role == Role.VIEWER:
            self._limit(conn)
        label = (
            self._clients.observer(conn, greeting, peer_of(introduction))
            if session is None
            else self._clients.label(session)
        )
        here = introduction is None
        conn.caller = Caller(session, label, greeting.private, direct, admitted.role, here=here)
        welcome = Welcome(direct=direct, owner=admitted.owner[:MAX_TEXT])
        if admitted.secret is None:
            return welcome
        return self._access.proved(welcome, admitted.secret, conn, self.locationStr, greeting)

    @staticmethod
    def _limit(conn: Any) -> None:
        """Let a client that may only look send short requests only."""
        conn.longest = LOOKING_BYTES
        if conn.buffered is not None:
            conn.buffered.longest = LOOKING_BYTES

    def _greet_bare(self, conn: Any, data: object, introduction: Introduction | None) -> object:
        try:
            admitted = self._access.of_bare(conn, self.locationStr, data, introduction)
            session = self._clients.join(conn, None, peer_of(introduction))
        except (Denied, DaemonEnding) as error:
            raise pyro_errors.PyroError(f"pyrpl_remote: {error}") from None
        conn.caller = Caller(session, self._clients.label(session), role=admitted.role)
        if admitted.role == Role.VIEWER:
            self._limit(conn)
        return super().validateHandshake(conn, data)

    def _serve_request(self, conn: Any, request: Header) -> bool:
        """Serve a plain request in the Qt thread; whether Qt's event loop must run before the next one."""
        try:
            object_id, verb, args, _ = pyro.unpack(request.data)
            if object_id != self._board_id or not isinstance(verb, str) or verb not in VERBS:
                raise AttributeError(f"no {object_id!r:.80}.{verb!r:.80} on a direct connection")
            reply = self._requests.reply(conn.caller, verb, args, pyro.arrays_of(request))
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            pyro.reply_error(self, conn, request, error)
            return True
        if isinstance(reply, Deferred):
            reply.then(partial(self._reply_deferred, conn, request))
        else:
            self._reply(conn, request, reply)
        return VERBS[verb].begins

    def _reply(self, conn: Any, request: Header, reply: Reply) -> None:
        correlation = request.corr_id if request.flags else b""
        try:
            data = pyro.pack(reply.plain)
            parts = pyro.plain_message(pyro.REPLY, request.seq, data, reply.arrays, correlation)
        except Exception as error:  # noqa: BLE001 - boundary: it travels to the client
            pyro.reply_error(self, conn, request, error)
        else:
            conn.buffered.send_parts(parts)

    def _reply_deferred(self, conn: Any, request: Header, reply: Callable[[], Reply]) -> None:
        try:
            if conn.sock.gettimeout() == 0.0:
                self._reply(conn, request, reply())
            else:
                conn.close()  # its socket blocks now: sending would block the Qt thread
        except pyro_errors.CommunicationError:
            pass  # the client has left; the worker thread of the connection gets the same error
