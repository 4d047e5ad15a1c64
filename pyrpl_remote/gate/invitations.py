"""Invitations: a host that was given one line is paired. Each is valid once, and for ten minutes.

The line has the addresses of the gate, the fingerprint of its key, and a secret, which never travels: both
sides prove that they know it with an HMAC over the fingerprints of both keys.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import settings
from ..errors import PairingFailed
from ..machine.private_file import write_private

VALID_SECONDS = 600.0
"""How long an invitation is valid."""

REMEMBERED_SECONDS = 86400.0
"""How long it is known that an invitation was used, or has expired."""

PREFIX = "pyrpl-invitation-"

LONGEST = 4000
"""The longest invitation, in characters."""


@dataclass(frozen=True)
class Invitation:
    """What the line says: the gate's host name, addresses, port and fingerprint, a number and a secret."""

    host: str
    addresses: tuple[str, ...]
    port: int
    fingerprint: str
    number: str
    secret: str

    def line(self) -> str:
        """The invitation as one word, which no shell interprets."""
        data = [self.host, list(self.addresses), self.port, self.fingerprint, self.number, self.secret]
        return PREFIX + base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    def proof(self, side: str, joining: str) -> str:
        """The proof of the `side` "gate" or "host"; `joining` is the fingerprint of the joining host."""
        return proof(self.secret, side, self.fingerprint, joining)


def from_line(line: str) -> Invitation:
    """The invitation in a line, which may also be the whole command. Raises PairingFailed."""
    words = [word for word in line.split() if word.startswith(PREFIX)]
    try:
        if len(words) != 1 or len(words[0]) > LONGEST:
            raise ValueError
        text = words[0].removeprefix(PREFIX)
        host, addresses, port, fingerprint, number, secret = json.loads(
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        )
        texts = [host, fingerprint, number, secret, *addresses]
        if not all(type(one) is str for one in texts) or type(port) is not int or not 0 < port < 1 << 16:
            raise ValueError
        return Invitation(host, tuple(addresses), port, fingerprint, number, secret)
    except (ValueError, TypeError, binascii.Error) as error:
        raise PairingFailed(
            "this is no invitation, or not all of it",
            f"`pyrpl-remote share` on the other host prints it: one word that begins with {PREFIX}",
        ) from error


def proof(secret: str, side: str, gate: str, joining: str) -> str:
    """The HMAC that proves the knowledge of `secret`, for the keys of a gate and of a joining host."""
    text = "\n".join(["pyrpl_remote", side, gate, joining])
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def invite(host: str, addresses: Sequence[str], port: int, fingerprint: str, role: str) -> Invitation:
    """Make an invitation for a host that may then come in as `role`."""
    made = Invitation(
        host, tuple(addresses), port, fingerprint, secrets.token_hex(4), secrets.token_urlsafe(32)
    )
    with _changing() as records:
        records[made.number] = {
            "secret": made.secret,
            "role": role,
            "expires": time.time() + VALID_SECONDS,
            "used": False,
        }
    return made


def accept(number: Any, given: Any, gate: str, joining: str) -> tuple[str, str]:
    """The role that the invitation `number` grants, and its secret; it is used up by this.

    `given` is the proof of the host with the fingerprint `joining`. Raises PairingFailed.
    """
    again = "`pyrpl-remote share` prints a new one"
    with _changing() as records:
        record = records.get(number) if isinstance(number, str) else None
        if record is None:
            raise PairingFailed("this host knows no such invitation", again)
        if record["used"]:
            raise PairingFailed("the invitation was used before: each is valid once", again)
        if not 0 <= record["expires"] - time.time() <= VALID_SECONDS:
            raise PairingFailed("the invitation has expired: each is valid for 10 minutes", again)
        secret = record["secret"]
        expected = proof(secret, "host", gate, joining)
        if not (isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())):
            raise PairingFailed("the proof of the invitation is wrong", again)
        record["used"] = True
        record["secret"] = ""
        return record["role"], secret


class _changing:
    """The records of invitations by their numbers, which the block may change; old ones are forgotten."""

    def __enter__(self) -> dict[str, dict[str, Any]]:
        import filelock  # not at the top, as in client/finding/locate.py

        self._lock = filelock.FileLock(settings.lock_path("invitations"))
        self._lock.acquire()
        try:
            self._records = json.loads(_path().read_text("utf-8"))
        except (OSError, ValueError):
            self._records = {}
        return self._records

    def __exit__(self, kind: Any, *_: Any) -> None:
        try:
            if kind is None:
                oldest = time.time() - REMEMBERED_SECONDS
                kept = {n: one for n, one in self._records.items() if one["expires"] > oldest}
                write_private(_path(), json.dumps(kept).encode())
        finally:
            self._lock.release()


def _path() -> Path:
    return settings.lan_dir() / "invitations.json"
