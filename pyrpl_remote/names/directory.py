"""The name server as clients and daemons use it: find or start it, register a board, find boards.

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
"""The names of all boards and modules begin with it."""


@dataclass(frozen=True)
class Entry:
    """One board under the name server: its name, Pyro URI and identity (see `identity`)."""

    name: str
    uri: str
    identity: str


def identity(hostname: str, sshport: int = 22, name: str = "") -> str:
    """A text that identifies a board: its IP address and SSH port, however the hostname is written.

    If the hostname cannot be resolved, it stands in place of the address. Virtual boards that daemons start
    are identified by their `name`.
    """
    if hostname.lower() == settings.VIRTUAL:
        return f"{settings.VIRTUAL}:{name}"
    try:
        host = socket.getaddrinfo(hostname, None, socket.AF_INET)[0][4][0]
    except OSError:
        host = hostname.lower().rstrip(".")
    return f"{host}:{sshport}"


def location() -> str:
    """The name server's address, as host:port (Pyro5's own setting)."""
    return f"{config.NS_HOST}:{config.NS_PORT}"


@contextlib.contextmanager
def name_server() -> Iterator[Pyro5.api.Proxy]:
    """A connection to the running name server.

    Raises NameServerError if none answers, or if it stops answering within the block.
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
    """The registered boards, sorted by name; an empty list if no name server answers."""
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
    """Register a board and its modules.

    `kinds` has the type of each module by its name; `object_uri(name)` returns the Pyro URI of an object.
    Raises NameServerError.
    """
    common = {"pyrpl", f"name:{entry.name}", f"board:{entry.identity}"}
    with name_server() as proxy:
        for module, kind in kinds.items():
            name = f"{PREFIX}{entry.name}.{module}"
            proxy.register(name, object_uri(name), metadata=common | {f"kind:{kind}"})
        # last: a client that finds the board also finds its modules
        proxy.register(PREFIX + entry.name, entry.uri, metadata=common | {"kind:board"})


def is_registered(entry: Entry) -> bool:
    """Whether the name server has exactly this `entry`."""
    return entry in boards()


def remove(entry: Entry) -> None:
    """Remove the names of a board and its modules, unless another daemon has registered the name."""
    with contextlib.suppress(NameServerError), name_server() as proxy:
        if entry in boards():
            proxy.remove(name=PREFIX + entry.name)
            proxy.remove(prefix=f"{PREFIX}{entry.name}.")


def ensure_name_server() -> None:
    """Start a name server on this host unless one answers. Raises NameServerError if none can be started."""
    if _answers():
        return
    import filelock  # not at the top, as in client/locate.py

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
                # another process may have started a name server on this port in the meantime
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
