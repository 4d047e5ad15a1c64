"""The secret of a user, with which programs of this machine prove to each other that they are that user's.

It is never sent by our clients and daemons: each sends a keyed digest (HMAC-SHA256) of what it says. The file
is in the state folder, and nobody else may read it.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import stat
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import settings
from ..errors import StateFolderError
from ..machine import files_in_use
from . import pyro_internals as pyro

BYTES = 32
"""The length of the secret."""

NONCE_BYTES = 16

WINDOW_SECONDS = 30.0
"""How old a signed message may be: an answer must come within 5 s."""

log = logging.getLogger("pyrpl_remote")


def own_secret() -> bytes | None:
    """This user's secret, made if it is absent. None, with a warning, if it can be neither read nor made."""
    try:
        with _lock:
            return _known_one() or _read(settings.state_dir() / "secret")
    except (OSError, StateFolderError) as error:
        _warn_once(f"programs of this user cannot prove whose they are: {error}")
        return None


def signed(
    secret: bytes, purpose: str, address: str, object_id: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """`data` for the object at `address` (host:port), with the fields nonce, time (in ms) and proof.

    The proof covers all of these, and what the message is for.
    """
    complete = {**data, "nonce": os.urandom(NONCE_BYTES).hex(), "time": _now()}
    return {**complete, "proof": proof(secret, purpose, address, object_id, complete)}


def proof(secret: bytes, purpose: str, address: str, object_id: str, data: Mapping[str, Any]) -> str:
    """The keyed digest of `data`, without its field proof."""
    content = sorted((name, value) for name, value in data.items() if name != "proof")
    return hmac.digest(secret, pyro.pack([purpose, address, object_id, content]), "sha256").hex()


def is_proof(
    given: str, secret: bytes, purpose: str, address: str, object_id: str, data: Mapping[str, Any]
) -> bool:
    """Whether `given` is the proof of `data`."""
    return hmac.compare_digest(given.encode(), proof(secret, purpose, address, object_id, data).encode())


def is_secret(given: object, secret: bytes | None) -> bool:
    """Whether `given` is the secret itself, in hexadecimal, as bare Pyro5 clients send it."""
    return (
        secret is not None
        and type(given) is str
        and hmac.compare_digest(given.encode("utf-8", "replace"), secret.hex().encode())
    )


class Nonces:
    """Which signed messages have come: each is accepted once. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}

    def is_recent(self, sent: int) -> bool:
        """Whether a message that was signed at `sent` (in ms) is neither old nor of the future."""
        return abs(_now() - sent) <= WINDOW_SECONDS * 1000

    def is_new(self, nonce: str) -> bool:
        """Whether no message with this nonce has come before; from now on one has."""
        now = _now()
        with self._lock:
            # twice: a message may seem to be of the future
            while self._seen and now - next(iter(self._seen.values())) > 2 * WINDOW_SECONDS * 1000:
                del self._seen[next(iter(self._seen))]
            if nonce in self._seen:
                return False
            self._seen[nonce] = now
            return True


_lock = threading.Lock()
_warned: set[str] = set()


@dataclass(frozen=True)
class _Known:
    """A secret that was read, where, and by what to see that its file is still the same."""

    folder: str | None
    path: str
    mark: tuple[int, ...]
    secret: bytes = field(repr=False)


_known: _Known | None = None


def _now() -> int:
    return int(time.time() * 1000)


def _known_one() -> bytes | None:
    """The secret that was read last, if its file is still the same. Raises OSError."""
    if _known is not None and _known.folder == os.environ.get("PYRPL_REMOTE_DIR"):
        with contextlib.suppress(FileNotFoundError):
            if _known.mark == _mark(os.lstat(_known.path)):
                return _known.secret
    return None


def _read(path: Path) -> bytes:
    """The secret at `path`; a new one if there is none, or if others could read it. Raises OSError."""
    global _known
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)  # which Windows has not
    for _ in range(3):
        try:
            descriptor = files_in_use.patiently(lambda: os.open(path, flags))
        except FileNotFoundError:
            _make(path, replace=False)
            continue
        except OSError as error:  # another user's, or a link
            _warn_once(f"{path} cannot be read ({error.strerror}): a new one takes its place")
            _make(path, replace=True)
            continue
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            wrong = _wrong(status)
            secret = b"" if wrong else file.read(BYTES + 1)
        if not wrong and len(secret) == BYTES:
            _known = _Known(os.environ.get("PYRPL_REMOTE_DIR"), str(path), _mark(status), secret)
            return secret
        _warn_once(f"{path} {wrong or f'has not {BYTES} bytes'}: a new one takes its place")
        _make(path, replace=True)
    raise PermissionError(f"{path} changes again and again, or belongs to another user")


def _mark(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_mtime_ns, status.st_mode, status.st_uid


def _wrong(status: os.stat_result) -> str:
    """Why the file is no secret of this user, "" if it is."""
    if not stat.S_ISREG(status.st_mode):
        return "is no file"
    if os.name == "posix":
        if status.st_uid != os.geteuid():
            return f"belongs to uid {status.st_uid}"
        if stat.S_IMODE(status.st_mode) & 0o077:
            return "could be read by other users"
    return ""


def _make(path: Path, replace: bool) -> None:
    """Make the file at once as a whole; one that another process has just made remains, unless `replace`."""
    descriptor, made = tempfile.mkstemp(prefix=".secret-", dir=path.parent)  # with mode 0600
    try:
        with open(descriptor, "wb") as file:
            file.write(os.urandom(BYTES))
        if replace:
            os.replace(made, path)
            return
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(made, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(made)


def _warn_once(text: str) -> None:
    if text not in _warned:
        _warned.add(text)
        log.warning("%s", text)
