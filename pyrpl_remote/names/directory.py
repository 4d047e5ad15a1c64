"""The name server as seen by clients and daemons: find it, start it, register a board, look boards up.

A board is registered as `pyrpl.<name>`, each of its modules as `pyrpl.<name>.<module>`, with metadata:
`pyrpl`, `kind:board` or `kind:<module type>`, `name:<name>` and `board:<identity>`.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import Pyro5.api
from Pyro5 import config
from Pyro5 import errors as pyro_errors

from .. import settings
from ..detached import reap, start_detached
from ..errors import NameServerError

PREFIX = "pyrpl."


@dataclass(frozen=True)
class Entry:
    """One board under the name server: its name, Pyro URI and identity (see `identity`)."""

    name: str
    uri: str
    identity: str


def identity(hostname: str, sshport: int = 22, name: str = "") -> str:
    """The same text for the same board, however its host is written.

    A virtual board that its daemon owns is a board of its own under each `name`.
    """
    if hostname.lower() == settings.VIRTUAL:
        return f"{settings.VIRTUAL}:{name}"
    try:
        host = socket.getaddrinfo(hostname, None, socket.AF_INET)[0][4][0]
    except OSError:
        host = hostname.lower().rstrip(".")
    return f"{host}:{sshport}"


def location() -> str:
    """Where the name server is looked for, as host:port (Pyro5's own setting)."""
    return f"{config.NS_HOST}:{config.NS_PORT}"


@contextlib.contextmanager
def name_server() -> Iterator[Pyro5.api.Proxy]:
    """A connection to the running name server.

    Raises NameServerError if none answers, or no longer: it may be about to end.
    """
    proxy = Pyro5.api.Proxy(f"PYRO:Pyro.NameServer@{location()}")
    proxy._pyroTimeout = 5.0
    with proxy:
        try:
            proxy._pyroBind()
            yield proxy
        except pyro_errors.CommunicationError as error:
            raise NameServerError(
                f"no Pyro name server answers at {location()}: {error}",
                "a daemon starts one by itself; PYRO_NS_HOST and PYRO_NS_PORT say where it is",
            ) from error


def uri() -> str:
    """The running name server's Pyro URI. Raises NameServerError if none answers."""
    with name_server() as proxy:
        return str(proxy.lookup("Pyro.NameServer"))


def boards() -> list[Entry]:
    """The boards that are registered; an empty list where no name server answers."""
    try:
        with name_server() as proxy:
            found = proxy.yplookup(meta_all={"pyrpl", "kind:board"})
    except NameServerError:
        return []
    return sorted(
        (Entry(name.removeprefix(PREFIX), uri, _tag(tags, "board:")) for name, (uri, tags) in found.items()),
        key=lambda entry: entry.name,
    )


def _tag(tags: Iterable[str], prefix: str) -> str:
    return next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), "")


def register(entry: Entry, kinds: Mapping[str, str], object_uri: Callable[[str], str]) -> None:
    """Register a board and its modules (`kinds`: module name -> kind); `object_uri(name)` is a URI."""
    common = {"pyrpl", f"name:{entry.name}", f"board:{entry.identity}"}
    with name_server() as proxy:
        for module, kind in kinds.items():
            name = f"{PREFIX}{entry.name}.{module}"
            proxy.register(name, object_uri(name), metadata=common | {f"kind:{kind}"})
        # last: who finds the board finds its modules
        proxy.register(PREFIX + entry.name, entry.uri, metadata=common | {"kind:board"})


def is_registered(entry: Entry) -> bool:
    """Whether the name server knows `entry` at its URI."""
    return entry in boards()


def remove(entry: Entry) -> None:
    """Take a board and its modules out of the name server, unless another daemon has taken the name."""
    with contextlib.suppress(NameServerError), name_server() as proxy:
        if entry in boards():
            proxy.remove(name=PREFIX + entry.name)
            proxy.remove(prefix=f"{PREFIX}{entry.name}.")


def ensure_name_server() -> None:
    """Start a name server on this host unless one answers. Raises NameServerError if none comes up."""
    if _answers():
        return
    import filelock  # here and not above, as in client/connect.py

    with filelock.FileLock(
        settings.lock_path(f"name-server-{location()}"), timeout=settings.START_SILENCE_SECONDS
    ):
        if _answers():
            return
        log = settings.log_path("name-server")
        with open(log, "ab") as output:
            process = start_detached(
                "pyrpl_remote.names.server", stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        reap(process)
        deadline = time.monotonic() + settings.START_SILENCE_SECONDS
        while not _answers():
            if process.poll() is not None or time.monotonic() > deadline:
                # another user's or host's name server may have won the port meanwhile
                if _answers():
                    return
                raise NameServerError(
                    f"no Pyro name server could be started at {location()}",
                    f"read {log}; PYRO_NS_HOST and PYRO_NS_PORT choose another place",
                )
            time.sleep(0.02)


def _answers() -> bool:
    try:
        with name_server():
            return True
    except NameServerError:
        return False
