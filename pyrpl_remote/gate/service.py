"""The gate's process: accepts connections, and each second looks at who may still come in."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from Pyro5 import errors as pyro_errors

from ..error_data import describe
from ..errors import AccessDenied, PairingFailed, PyrplRemoteError
from ..names.lan import Announcement
from ..settings import LOGIN_SECONDS
from ..transport.admission import MAX_GREETED, MAX_GREETING, Admission, raise_descriptors
from ..transport.lan import paired_hosts, tls
from ..transport.lan.device_keys import ensure_device, fingerprint
from ..transport.lan.json_lines import BadLine, send_line
from ..transport.pyro_config import configure_server
from ..transport.refusals import Refusals, printable
from . import joining, state
from .face import start_face
from .state import GateState
from .visitor import Refused, Visitor, refuse_bare, serve_bare, serve_requests

LOOK_SECONDS = 0.1
"""How often the gate looks whether hosts were paired or revoked, and whether it shall end."""

BACKLOG = 100

LOGGED_A_MINUTE = 60
"""How many refusals are logged each minute; a gate must tell who wanted to come in."""

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Connection:
    """One connection: its socket, when it must have logged in, and whose it is (None until it has).

    `shown`: the paired host whose key it has, "" for others.
    """

    sock: socket.socket
    address: str
    deadline: float = field(default_factory=lambda: time.monotonic() + LOGIN_SECONDS)
    peer: paired_hosts.PairedHost | None = None
    shown: str = ""


class Gate:
    """Serves paired hosts. Attributes: `port`, `name`."""

    def __init__(self, name: str, port: int) -> None:
        """Listen at `port`, 0 for any free one. Raises OSError."""
        configure_server()
        self.name = name
        self._device = ensure_device()
        self._listener = _listen(port)
        self.port = int(self._listener.getsockname()[1])
        self._refusals = Refusals(LOGGED_A_MINUTE)
        # apart: a flood of others must not hide what paired hosts asked for
        self._refusals_of_peers = Refusals(LOGGED_A_MINUTE)
        # each connection leads to a daemon by another one
        fit = raise_descriptors(MAX_GREETING + 2 * MAX_GREETED)
        self._admission = Admission(greeted=(fit - MAX_GREETING) // 2)
        self._face = start_face(self._refusals)
        self._lock = threading.Lock()
        self._connections: set[_Connection] = set()
        self._looked_at: object = None
        self._peers: dict[str, paired_hosts.PairedHost] = {}
        self._context = tls.gate_context(self._device, [])
        self._look_at_peers()

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until the file of the gate's state is gone. `ready()` is called when it serves."""
        announcement = Announcement(self.name, self.port, self._device.fingerprint)
        threading.Thread(target=self._accept, name="accepting", daemon=True).start()
        log.info("the gate of %s serves at port %d", self.name, self.port)
        ready()
        try:
            while state.state_path().exists():
                time.sleep(LOOK_SECONDS)
                self._look()
        finally:
            self._listener.close()
            with self._lock:
                open_ones = list(self._connections)
            for connection in open_ones:
                tls.shut_down(connection.sock)
            announcement.close()
            log.info("the host is no longer shared: the gate ends")

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self._listener.accept()
            except OSError as error:
                if self._listener.fileno() < 0:
                    return
                log.warning("no connection can be accepted: %s", error)
                time.sleep(LOOK_SECONDS)
                continue
            connection = _Connection(sock, str(address[0]).removeprefix("::ffff:"))
            # who is not a paired host yet makes room for others, the oldest first
            if not self._admission.admit(connection):
                sock.close()
                self._say(connection, "connection", "there are too many")
                continue
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: _Connection) -> None:
        """Serve one connection, in its own thread."""
        sock = connection.sock
        try:
            tls.prepare(sock)
            sock.settimeout(LOGIN_SECONDS)
            if self._speaks_plainly(sock):
                return
            with self._lock:
                context = self._context
            sock = connection.sock = context.wrap_socket(
                sock, server_side=True, do_handshake_on_connect=False
            )
            sock.do_handshake()
            self._greet(connection, sock)
        except Refused as refused:
            self._say(connection, "request", str(refused))
        except (OSError, BadLine, pyro_errors.PyroError) as error:
            if connection.peer is None or isinstance(error, (BadLine, pyro_errors.ProtocolError)):
                self._say(connection, "connection", _why(error))
        except Exception:
            log.exception("a connection from %s ended", connection.address)
        finally:
            tls.shut_down(sock)
            sock.close()
            self._admission.left(connection)
            with self._lock:
                self._connections.discard(connection)

    def _say(self, connection: _Connection, what: str, why: str) -> None:
        """Log that a connection, or a request on it, was refused."""
        refusals = self._refusals_of_peers if connection.shown else self._refusals
        refusals.say(f"a {what} from {connection.address} was refused: {why}")

    def _speaks_plainly(self, sock: socket.socket) -> bool:
        """Whether a client without TLS has connected; then it is told what is spoken here."""
        if sock.recv(1, socket.MSG_PEEK) != b"P":  # TLS begins with 0x16, Pyro5 with PYRO
            return False
        text = "this port speaks TLS with paired hosts only: `pyrpl-remote join` pairs them"
        refuse_bare(sock, text)
        raise Refused(text)

    def _greet(self, connection: _Connection, sock: ssl.SSLSocket) -> None:
        protocol = sock.selected_alpn_protocol()
        if protocol == tls.JOIN:
            try:
                joined = joining.welcome(sock, self.name, self._device, self._look_at_peers)
            except PairingFailed as error:
                send_line(sock, {"error": describe(error)})
                raise Refused(error.message) from error
            log.info("host %s was paired, from %s: %s", joined.name, connection.address, joined.role)
            return
        shown = sock.getpeercert(binary_form=True)
        known = None if shown is None else self._known(fingerprint(shown))
        if known is None or not known.role:
            denied = AccessDenied(
                f"the host {self.name!r} does not know this machine, which showed "
                + ("no certificate" if shown is None else "one that was revoked"),
                f"`pyrpl-remote share` on {self.name} prints an invitation; `pyrpl-remote join` it here",
            )
            if protocol == tls.REQUESTS:
                send_line(sock, {"error": describe(denied)})
            else:
                refuse_bare(sock, denied.message)
            raise Refused(denied.message)
        connection.shown = known.name
        via = _address_text(sock.getsockname())
        visitor = Visitor(known.name, paired_hosts.role_of(known.role), via)

        def let_in() -> None:
            if connection.peer is None and not self._admission.greeted(connection):
                raise Refused("there are too many connections")
            connection.peer = known
            with self._lock:
                if self._role_of(known) != known.role:
                    raise Refused(f"{known.name} was revoked, or got another role, meanwhile")

        if protocol == tls.REQUESTS:
            let_in()
            serve_requests(sock, visitor, self.name, let_in, self._refusals_of_peers.say)
        else:
            serve_bare(sock, visitor, self._face, let_in)

    def _known(self, of: str) -> paired_hosts.PairedHost | None:
        with self._lock:
            return self._peers.get(of)

    def _look(self) -> None:
        """End the connections of hosts that were revoked or got another role, and those that are late."""
        self._look_at_peers()
        now = time.monotonic()
        with self._lock:
            over = [
                one
                for one in self._connections
                if (now > one.deadline if one.peer is None else self._role_of(one.peer) != one.peer.role)
            ]
        for one in over:
            tls.shut_down(one.sock)

    def _role_of(self, peer: paired_hosts.PairedHost) -> str:
        """What a paired host may do now, "" if it was revoked; the lock is held."""
        known = self._peers.get(peer.fingerprint)
        return "" if known is None else known.role

    def _look_at_peers(self) -> None:
        try:
            stat = paired_hosts.peers_path().stat()
            seen: object = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        except OSError:
            seen = None
        if seen == self._looked_at:
            return
        try:
            known = [one for one in paired_hosts.peers() if one.role]
            context = tls.gate_context(self._device, [one.certificate for one in known])
        except (PyrplRemoteError, OSError) as error:
            known, context = [], tls.gate_context(self._device, [])
            log.error("no host may come in: %s", error)
        with self._lock:
            self._looked_at = seen
            self._peers = {one.fingerprint: one for one in known}
            self._context = context
        log.info("paired hosts: %s", ", ".join(f"{one.name} ({one.role})" for one in known) or "none")


def serve(wanted: GateState, ready: Callable[[GateState], None] = lambda state: None) -> None:
    """Be this host's gate until it is no longer shared. Raises filelock.Timeout if another process is."""
    with state.holding():
        gate = Gate(wanted.name, wanted.port)
        present = GateState(gate.name, gate.port, os.getpid())
        state.write(present)
        try:
            gate.run(lambda: ready(present))
        finally:
            with contextlib.suppress(OSError):
                left = state.read()
                if left is not None:
                    state.write(GateState(left.name, left.port))


def _listen(port: int) -> socket.socket:
    """A listening socket for IPv4, and for IPv6 where the system has it."""
    if socket.has_dualstack_ipv6():
        with contextlib.suppress(OSError):
            return socket.create_server(
                ("::", port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True
            )
    return socket.create_server(("", port), backlog=BACKLOG)


def _address_text(address: tuple[str, int]) -> str:
    host = str(address[0]).removeprefix("::ffff:")
    return f"[{host}]:{address[1]}" if ":" in host else f"{host}:{address[1]}"


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"it has not said within {LOGIN_SECONDS:g} s who it is"
    if isinstance(error, ssl.SSLError):
        if "unable to get local issuer" in str(error) or "self-signed" in str(error).replace(
            "self signed", "self-signed"
        ):
            return "it showed the key of no paired host"
        return f"TLS: {error.reason or error}"
    return printable(str(error))
