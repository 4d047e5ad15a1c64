"""A connection to a paired host's gate: TLS, or the system's ssh, and our client's requests to the gate.

A request is one line of JSON with the field `ask`, and so is each answer (see gate/visitor.py). After the
request `open` the connection leads to the daemon of a board, and carries Pyro5's messages.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from typing import Any

from ... import settings
from ...error_data import rebuild
from ...errors import AccessDenied, HostUnreachable, PyrplRemoteError
from . import ssh, tls
from .device_keys import find_device, fingerprint
from .json_lines import BadLine, Lines, send_line
from .paired_hosts import PairedHost, peer

ANSWER_SECONDS = 10.0
"""How long a gate may take to answer a request."""

IS_IT_ON = "is it switched on, in this network, and shared (`pyrpl-remote share` on it)?"
"""The remedy for a host that does not answer."""

_contexts: dict[str, ssl.SSLContext] = {}
"""The context for each paired host, by its fingerprint: making one takes milliseconds."""
_lock = threading.Lock()


class GateConnection:
    """An open connection to the gate of a host. Attributes: `sock`, `role` (what this host may do there)."""

    def __init__(self, host: str, sock: socket.socket, seconds: float) -> None:
        """`sock` leads to the gate of `host`. Raises AccessDenied if the gate refuses, HostUnreachable."""
        self.host = host
        self.sock = sock
        self._lines = Lines(sock)
        try:
            self.role = str(self._answer("the greeting", seconds).get("role"))
        except BaseException:
            self.close()
            raise

    def ask(self, request: str, seconds: float = ANSWER_SECONDS, **fields: Any) -> dict[str, Any]:
        """Send a request; returns the answer. Raises the error in it, or HostUnreachable."""
        try:
            self.sock.settimeout(seconds)
            send_line(self.sock, {"ask": request, **fields})
        except OSError as error:
            raise _unreachable(self.host, error) from error
        return self._answer(request, seconds)

    def next_answer(self, seconds: float) -> dict[str, Any]:
        """A further answer to the last request. Raises as `ask` does."""
        return self._answer("more", seconds)

    def close(self) -> None:
        """End the connection; from any thread."""
        tls.shut_down(self.sock)
        with contextlib.suppress(OSError):
            self.sock.close()

    def _answer(self, request: str, seconds: float) -> dict[str, Any]:
        try:
            answer = self._lines.receive(seconds)
        except ssl.SSLError as error:
            raise _refused(self.host, error) from error
        except (OSError, BadLine) as error:
            raise _unreachable(self.host, error) from error
        if answer is None:
            raise _unreachable(self.host, f"its gate closed the connection instead of answering {request}")
        if "error" in answer:
            try:
                refused = rebuild(answer["error"])
            except (KeyError, TypeError, AttributeError) as nonsense:
                raise _unreachable(self.host, f"its error is nonsense: {nonsense!r:.80}") from nonsense
            raise refused
        return answer


def dial(host: str, seconds: float = settings.CONNECT_SECONDS) -> GateConnection:
    """Connect to the gate of the paired host called `host`, or by ssh if it is an ssh:// address.

    Raises HostUnreachable, AccessDenied if it no longer knows this host, PairingFailed if it is not paired.
    """
    if ssh.is_address(host):
        sock, said = ssh.dial(host)
        try:
            return GateConnection(host, sock, ssh.CONNECT_SECONDS)
        except HostUnreachable as error:
            raise HostUnreachable(f"{host} cannot be used: {said() or error.message}", ssh.REMEDY) from error
    return dial_peer(peer(host), seconds)


def dial_peer(known: PairedHost, seconds: float = settings.CONNECT_SECONDS) -> GateConnection:
    """As `dial`, for a paired host with the addresses in `known`."""
    deadline = time.monotonic() + seconds
    failure: Exception | None = None
    for address in known.addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            sock = socket.create_connection((address, known.port), left)
        except OSError as error:
            failure = failure or error
            continue
        try:
            return _greeted(known, sock, seconds)
        except HostUnreachable as error:  # another machine has this address now
            failure = failure or error
    if isinstance(failure, HostUnreachable):
        raise failure
    raise _unreachable(known.name, failure or "it took too long", known)


def _greeted(known: PairedHost, sock: socket.socket, seconds: float) -> GateConnection:
    try:
        tls.prepare(sock)
        sock.settimeout(seconds)
        wrapped = _context(known).wrap_socket(sock, do_handshake_on_connect=False)
        try:
            wrapped.do_handshake()
            shown = wrapped.getpeercert(binary_form=True)
        except BaseException:
            wrapped.close()
            raise
    except ssl.SSLCertVerificationError as error:
        raise HostUnreachable(
            f"what answers at {_where(known)} is not the host {known.name!r}: it has another key",
            "if it has new keys, `pyrpl-remote revoke` it and join again; else another host has its address",
        ) from error
    except OSError as error:
        sock.close()
        raise _unreachable(known.name, error, known) from error
    if shown is None or fingerprint(shown) != known.fingerprint:
        wrapped.close()
        raise HostUnreachable(
            f"what answers at {_where(known)} is not the host {known.name!r}: it has another certificate",
            "`pyrpl-remote revoke` it and join again if that is right",
        )
    return GateConnection(known.name, wrapped, seconds)


def _context(known: PairedHost) -> ssl.SSLContext:
    with _lock:
        context = _contexts.get(known.fingerprint)
        if context is None:
            context = tls.client_context(find_device(), known.certificate, tls.REQUESTS)
            _contexts[known.fingerprint] = context
        return context


def _where(known: PairedHost) -> str:
    return f"{' or '.join(known.addresses)}, port {known.port}"


def _unreachable(host: str, why: object, known: PairedHost | None = None) -> HostUnreachable:
    at = "" if known is None else f" at {_where(known)}"
    how = getattr(why, "strerror", None) or why
    return HostUnreachable(
        f"the host {host!r} does not answer{at}: {how}",
        IS_IT_ON,
    )


def _refused(host: str, error: ssl.SSLError) -> PyrplRemoteError:
    # a TLS 1.3 server refuses a certificate after the client's handshake
    if "UNKNOWN_CA" in str(error).upper().replace(" ", "_") or "CERTIFICATE" in str(error).upper():
        return AccessDenied(
            f"the host {host!r} does not know this machine: it was revoked there, or its keys were made anew",
            f"`pyrpl-remote share` on {host} prints a new invitation; `pyrpl-remote join` it here",
        )
    return _unreachable(host, error)
