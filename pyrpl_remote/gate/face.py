"""The name server's face to the network: look-ups of Pyro5's name server, answered read-only.

Any Pyro5 client of a paired host asks it; the addresses that it answers lead through the gate. Only boards
and their modules are found. It listens on loopback, and the gate passes connections on to it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import Pyro5.api
from Pyro5 import errors as pyro_errors

from ..introduction import introduced
from ..names import directory
from ..transport.admission import Admission
from ..transport.guarded import GuardedDaemon
from ..transport.refusals import Refusals
from . import host

NAME_SERVER = "Pyro.NameServer"

Found = Mapping[str, tuple[str, set[str]]]
"""Names with their URIs and metadata."""


def registered() -> dict[str, tuple[str, set[str]]]:
    """The names of this user's boards and modules, with their URIs and metadata. Raises NameServerError."""
    with directory.name_server() as proxy:
        found = proxy.yplookup(meta_all={"pyrpl"})
    local = {
        name: (str(uri), set(tags))
        for name, (uri, tags) in found.items()
        if name.startswith(directory.PREFIX) and _is_loopback(str(uri))
    }
    own = {place: host.is_own(place) for place in {_location(uri) for uri, _ in local.values()}}
    return {name: one for name, one in local.items() if own[_location(one[0])]}


def _location(uri: str) -> str:
    return str(Pyro5.api.URI(uri).location)


def _is_loopback(uri: str) -> bool:
    try:
        address = str(Pyro5.api.URI(uri).host)
    except pyro_errors.PyroError:
        return False
    return address == "localhost" or address.startswith("127.")


def start_face(refusals: Refusals) -> str:
    """Start to answer look-ups; returns the location (host:port) for the gate."""
    daemon = _FaceDaemon("127.0.0.1", 0, Admission(), refusals)
    daemon.register(NameServerFace(), NAME_SERVER)
    threading.Thread(target=daemon.requestLoop, name="name server's face", daemon=True).start()
    return str(daemon.locationStr)


class _FaceDaemon(GuardedDaemon):
    def validateHandshake(self, conn: Any, data: object) -> object:
        """Accept what the gate introduces.

        The proof is not checked: another program of this host learns here what the name server tells it too.
        """
        introduction, _ = introduced(data)
        if introduction is None:
            raise pyro_errors.PyroError(
                "only the gate asks here; the name server of this host is another one"
            )
        conn.via = introduction.via
        return "hello"


@Pyro5.api.expose
class NameServerFace:
    """Pyro5's name server as far as it can be read."""

    def ping(self) -> None:
        """Answer."""

    def count(self) -> int:
        """How many names there are."""
        return len(registered())

    def lookup(self, name: str, return_metadata: bool = False) -> Any:
        """The URI of a name, and its metadata if asked for. Raises Pyro5's NamingError."""
        found = registered().get(name)
        if found is None:
            raise pyro_errors.NamingError(f"unknown name: {name!s:.200}")
        uri = Pyro5.api.URI(_through_gate(found[0]))
        return (uri, found[1]) if return_metadata else uri

    def list(
        self, prefix: str | None = None, regex: str | None = None, return_metadata: bool = False
    ) -> dict[str, Any]:
        """The names that begin with `prefix`, with their URIs."""
        if regex is not None:
            raise ValueError("this name server looks up no regular expressions: use a prefix")
        return _shown(
            {n: one for n, one in registered().items() if n.startswith(prefix or "")}, return_metadata
        )

    def yplookup(
        self,
        meta_all: Iterable[str] | None = None,
        meta_any: Iterable[str] | None = None,
        return_metadata: bool = True,
    ) -> dict[str, Any]:
        """The names that have all, or any, of these tags."""
        every, some = set(meta_all or ()), set(meta_any or ())
        found = {
            name: one for name, one in registered().items() if every <= one[1] and (not some or some & one[1])
        }
        return _shown(found, return_metadata)

    def register(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise pyro_errors.NamingError("this name server is read-only: it is that of another host")

    remove = set_metadata = register


def _shown(found: Found, with_metadata: bool) -> dict[str, Any]:
    return {
        name: (_through_gate(uri), tags) if with_metadata else _through_gate(uri)
        for name, (uri, tags) in found.items()
    }


def _through_gate(uri: str) -> str:
    """The URI for the client that asks: at the address of the gate that it has connected to."""
    via = Pyro5.api.current_context.client.via
    return f"PYRO:{Pyro5.api.URI(uri).object}@{via}"
