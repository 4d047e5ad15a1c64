"""This device's key pair, by which paired hosts recognise it, and its self-signed certificate.

The certificate has no authority behind it and never expires: hosts that were paired know it by its
fingerprint.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ... import settings
from ...errors import PairingFailed
from ...machine import extras
from ...machine.private_file import write_private

_PEM = re.compile("-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Device:
    """The files of this device's certificate and key, the certificate's text (PEM) and fingerprint."""

    certificate_file: Path
    key_file: Path
    certificate: str
    fingerprint: str


def fingerprint(certificate: bytes) -> str:
    """The fingerprint (SHA-256, in hexadecimal digits) of a certificate in its binary form (DER)."""
    return hashlib.sha256(certificate).hexdigest()


def certificate_in(text: str) -> bytes:
    """The certificate in a text (PEM), in its binary form (DER). Raises ValueError unless there is one."""
    found = _PEM.findall(text)
    if len(found) != 1:
        raise ValueError("it is not one certificate")
    return base64.b64decode(found[0])


def fingerprint_of_text(certificate: str) -> str:
    """The fingerprint of a certificate as text (PEM). Raises ValueError unless it is exactly one."""
    return fingerprint(certificate_in(certificate))


def find_device() -> Device | None:
    """This device's key pair, None if it was never shared nor joined."""
    folder = settings.lan_dir()
    certificate_file, key_file = folder / "device.crt", folder / "device.key"
    try:
        certificate = certificate_file.read_text("ascii")
    except FileNotFoundError:
        return None
    return Device(certificate_file, key_file, certificate, fingerprint_of_text(certificate))


def ensure_device(addresses: Sequence[str] = ()) -> Device:
    """This device's key pair, which is made if there is none.

    `addresses`, by which bare Pyro5 clients reach it, are written into a new certificate: they compare them.
    Raises PairingFailed if a library is missing.
    """
    import filelock  # not at the top, as in client/finding/locate.py

    with filelock.FileLock(settings.lock_path("device")):
        found = find_device()
        if found is None:
            _make(settings.lan_dir(), addresses)
            found = find_device()
    assert found is not None
    return found


def _make(folder: Path, addresses: Sequence[str]) -> None:
    if lacking := extras.missing_module("cryptography", "lan"):
        raise PairingFailed(*extras.needs("the key pair of this device", lacking))
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"pyrpl_remote {host}"[:64])])
    known: list[x509.GeneralName] = [
        x509.DNSName(one) for one in ("localhost", host, f"{host}.local") if one.isascii()
    ]
    known += [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", *addresses)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # laboratories have wrong clocks: it is valid at any time
        .not_valid_before(datetime.datetime(2000, 1, 1))
        .not_valid_after(datetime.datetime(9999, 12, 31))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(folder / "device.key", private)
    # last: who finds it finds the key too
    write_private(folder / "device.crt", certificate.public_bytes(serialization.Encoding.PEM))
