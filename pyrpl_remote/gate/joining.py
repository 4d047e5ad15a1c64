"""Pairing: both sides prove that they know the invitation's secret, and store each other's certificate."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence

from .. import settings
from ..error_data import rebuild
from ..errors import HostUnreachable, PairingFailed, PyrplRemoteError
from ..transport.lan import paired_hosts, tls
from ..transport.lan.device_keys import (
    Device,
    certificate_in,
    ensure_device,
    fingerprint,
    fingerprint_of_text,
)
from ..transport.lan.json_lines import BadLine, Lines, send_line
from ..transport.lan.paired_hosts import PairedHost
from . import invitations, state
from .invitations import Invitation

ANSWER_SECONDS = 5.0
"""How long the other side may take to answer."""


def welcome(sock: ssl.SSLSocket, name: str, device: Device, paired: Callable[[], None]) -> PairedHost:
    """Pair the host that has connected to this gate, whose `name` and `device` are given; returns it.

    `paired()` is called before the host is told so. Raises PairingFailed, BadLine, OSError.
    """
    request = Lines(sock, 65536).receive(ANSWER_SECONDS)
    if request is None:
        raise BadLine("the host that wanted to be paired has left")
    certificate, proposed = request.get("certificate"), request.get("name")
    if not (isinstance(certificate, str) and isinstance(proposed, str)):
        raise BadLine("a host that wants to be paired shows its certificate and its name")
    try:
        binary = certificate_in(certificate)
        theirs, certificate = fingerprint(binary), ssl.DER_cert_to_PEM_cert(binary)  # no text around it
        tls.gate_context(device, [certificate])  # it must be one that TLS accepts
    except (ValueError, ssl.SSLError) as error:
        raise PairingFailed(f"what the host showed is no certificate: {error}") from error
    role, secret = invitations.accept(request.get("number"), request.get("proof"), device.fingerprint, theirs)
    added = paired_hosts.add(proposed, theirs, certificate, role)
    paired()
    send_line(
        sock,
        {
            "name": name,
            "role": role,
            "certificate": device.certificate,
            "proof": invitations.proof(secret, "gate", device.fingerprint, theirs),
        },
    )
    return added


def join(invitation: Invitation, name: str = "", addresses: Sequence[str] = ()) -> PairedHost:
    """Pair this machine with the inviting host; returns that.

    `name`: of this machine there. `addresses`: those of the host that are tried first. Raises PairingFailed,
    HostUnreachable.
    """
    device = ensure_device()
    if invitation.fingerprint == device.fingerprint:
        raise PairingFailed("this is this machine's own invitation", "run `join` on the other machine")
    known = [*addresses, *(one for one in invitation.addresses if one not in addresses)]
    failures = []
    for address in known:
        try:
            sock = socket.create_connection((address, invitation.port), settings.CONNECT_SECONDS)
        except OSError as error:
            failures.append(f"{address}: {error.strerror or error}")
            continue
        try:
            answer = _asked(sock, invitation, device, name)
        except (OSError, BadLine) as error:
            failures.append(f"{address}: {error}")
            continue
        # the address that works is tried first from now on
        ordered = [address, *(one for one in known if one != address)]
        certificate = ssl.DER_cert_to_PEM_cert(certificate_in(str(answer["certificate"])))
        return paired_hosts.add(
            str(answer["name"]), invitation.fingerprint, certificate, "", ordered, invitation.port
        )
    raise HostUnreachable(
        f"the host {invitation.host!r} does not answer at port {invitation.port} ({'; '.join(failures)})",
        "is its firewall open for this port? `pyrpl-remote join --address ADDRESS LINE` tries another one",
    )


def _asked(sock: socket.socket, invitation: Invitation, device: Device, name: str) -> dict[str, object]:
    """The answer of the inviting gate. Raises PairingFailed, OSError, BadLine."""
    with contextlib.closing(sock):
        tls.prepare(sock)
        sock.settimeout(ANSWER_SECONDS)
        with tls.client_context(None, None, tls.JOIN).wrap_socket(sock) as wrapped:
            shown = wrapped.getpeercert(binary_form=True)
            if shown is None or fingerprint(shown) != invitation.fingerprint:
                raise BadLine("another host answers, whose key is not that of the invitation")
            own = name or state.own_name()
            send_line(
                wrapped,
                {
                    "name": own,
                    "certificate": device.certificate,
                    "number": invitation.number,
                    "proof": invitation.proof("host", device.fingerprint),
                },
            )
            answer = Lines(wrapped).receive(ANSWER_SECONDS)
    if answer is None:
        raise BadLine("the host has closed the connection")
    if "error" in answer:
        error = rebuild(answer["error"])
        assert isinstance(error, PyrplRemoteError)
        raise error
    if answer.get("proof") != invitation.proof("gate", device.fingerprint):
        raise PairingFailed("the host does not know the invitation's secret", "nothing was paired")
    if fingerprint_of_text(str(answer.get("certificate"))) != invitation.fingerprint:
        raise PairingFailed("the host showed another certificate than before", "nothing was paired")
    return answer
