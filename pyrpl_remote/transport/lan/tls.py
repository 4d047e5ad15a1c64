"""TLS 1.3 between paired hosts: each knows the certificate of the other, and trusts no other one.

Names and dates in certificates say nothing here. Pyro5's process-wide SSL settings are not used.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
from collections.abc import Sequence

from .device_keys import Device

REQUESTS = "pyrpl-gate/1"
"""The protocol of TLS (ALPN) for our client's requests to a gate: see gate_connection.py."""

JOIN = "pyrpl-join/1"
"""The same for an invited host that is not paired yet, and has no certificate that the gate knows."""

KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}
"""A host that lost its power or its network is noticed after about 10 s of silence."""

UNACKNOWLEDGED_MS = 10_000
"""The same while something is sent that nobody acknowledges, on Linux."""


def gate_context(device: Device, certificates: Sequence[str]) -> ssl.SSLContext:
    """The context of a gate that knows hosts by their `certificates` (PEM).

    A connection without a certificate is accepted, so that it can be told why it is refused; one with an
    unknown certificate is not.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    context.set_alpn_protocols([REQUESTS, JOIN])
    context.verify_mode = ssl.CERT_OPTIONAL
    return _pinned(context, device, certificates)


def client_context(device: Device | None, certificate: str | None, protocol: str) -> ssl.SSLContext:
    """The context of a connection to a gate with this `certificate`.

    None: any gate, whose fingerprint the caller must check. Without a `device` it shows no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE if certificate is None else ssl.CERT_REQUIRED
    context.set_alpn_protocols([protocol])
    return _pinned(context, device, [] if certificate is None else [certificate])


def _pinned(context: ssl.SSLContext, device: Device | None, certificates: Sequence[str]) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if device is not None:
        context.load_cert_chain(device.certificate_file, device.key_file)
    if certificates:
        context.load_verify_locations(cadata="\n".join(certificates))
    return context


def prepare(sock: socket.socket) -> None:
    """Let a socket between hosts send short messages at once, and notice a dead connection."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if sys.platform == "linux":
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)


def shut_down(sock: socket.socket) -> None:
    """End a connection, from any thread: whoever waits for it wakes."""
    with contextlib.suppress(OSError):  # it has ended
        # not its own shutdown(), after which an SSLSocket would send in plain text
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
