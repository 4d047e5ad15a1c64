"""The paired hosts of this user: who they are, where their gates are, and what they may do here.

They are in `peers.json` of the folder `lan` (see settings.lan_dir), and the certificate of each also in a
file of its own, for Pyro5's SSL settings.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ... import settings
from ...errors import PairingFailed, StateFolderError
from ...machine import files_in_use
from ...machine.private_file import write_private
from ...protocol import Role

OWN_NAMES = ("localhost", "127.0.0.1")
"""What this machine is called by itself; no paired host is."""

MAX_NAME = 60
"""The longest name of a host, in characters."""


@dataclass(frozen=True)
class PairedHost:
    """A paired host: its `name` and certificate (PEM), and the fingerprint of that.

    `role`: "viewer" or "operator", what it may do on this host; "" if it may not come in. `addresses` and
    `port`: where its gate was last; the port is 0 if it has none that this host may use.
    """

    name: str
    fingerprint: str
    certificate: str
    role: str = ""
    addresses: tuple[str, ...] = ()
    port: int = 0


def peers_path() -> Path:
    """The file with the paired hosts, which may not exist."""
    return settings.lan_dir() / "peers.json"


def certificate_path(name: str) -> Path:
    """The file with the certificate of a paired host."""
    return settings.lan_dir() / f"host-{name}.crt"


def peers() -> list[PairedHost]:
    """The paired hosts, sorted by name."""
    try:
        file = settings.state_dir_path() / "lan" / "peers.json"
        data = json.loads(files_in_use.patiently(lambda: file.read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        raise StateFolderError(
            f"the list of paired hosts cannot be read: {error}", f"repair or remove {peers_path()}"
        ) from error
    return sorted(
        (PairedHost(**{**one, "addresses": tuple(one["addresses"])}) for one in data),
        key=lambda one: one.name,
    )


def gates() -> list[PairedHost]:
    """The paired hosts whose boards this one may use."""
    return [one for one in peers() if one.port]


def peer(name: str) -> PairedHost:
    """The paired host called `name`. Raises PairingFailed."""
    known = peers()
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known)
    raise PairingFailed(
        f"no host called {name!r} is paired with this one",
        f"these are: {names}" if names else "`pyrpl-remote share` on that host shows how to pair it",
    )


@contextmanager
def changing() -> Iterator[list[PairedHost]]:
    """The paired hosts as a list, which the block may change; it is written at the end of the block."""
    import filelock  # not at the top, as in client/finding/locate.py

    with filelock.FileLock(settings.lock_path("peers")):
        before = peers()
        present = list(before)
        yield present
        if present == before:
            return
        for name in {one.name for one in before} - {one.name for one in present}:
            with contextlib.suppress(FileNotFoundError):
                certificate_path(name).unlink()
        for one in present:
            if one not in before:
                write_private(certificate_path(one.name), one.certificate.encode("ascii"))
        data = [dataclasses.asdict(one) for one in present]
        write_private(peers_path(), json.dumps(data, indent=1).encode())


def add(
    name: str,
    fingerprint: str,
    certificate: str,
    role: str = "",
    addresses: Sequence[str] = (),
    port: int = 0,
) -> PairedHost:
    """Pair a host, or note what is new of one that is paired; returns it under the name that it has here."""
    with changing() as known:
        for index, one in enumerate(known):
            if one.fingerprint == fingerprint:
                known[index] = dataclasses.replace(
                    one,
                    role=role or one.role,
                    addresses=tuple(addresses) or one.addresses,
                    port=port or one.port,
                )
                return known[index]
        free = valid_name(name)
        number = 2
        while free.lower() in OWN_NAMES or any(one.name == free for one in known):
            free, number = f"{valid_name(name)}-{number}", number + 1
        new = PairedHost(free, fingerprint, certificate, role, tuple(addresses), port)
        known.append(new)
        return new


def moved(known: PairedHost, addresses: Sequence[str], port: int) -> PairedHost:
    """Note where the gate of a paired host is now."""
    with changing() as present:
        for index, one in enumerate(present):
            if one.fingerprint == known.fingerprint:
                present[index] = dataclasses.replace(one, addresses=tuple(addresses), port=port)
    return dataclasses.replace(known, addresses=tuple(addresses), port=port)


def remove(name: str) -> PairedHost:
    """Forget a paired host; returns it. Raises PairingFailed."""
    found = peer(name)
    with changing() as known:
        known[:] = [one for one in known if one.fingerprint != found.fingerprint]
    return found


def role_of(text: str) -> Role:
    """The role called `text`. Raises KeyError."""
    return Role[text.upper()]


def valid_name(text: str) -> str:
    """`text` as the name of a host: of letters, digits, '.', '-' and '_'."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-")[:MAX_NAME]
    return name or "host"
