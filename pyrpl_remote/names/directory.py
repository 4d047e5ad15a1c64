"""The name server as clients and daemons use it: register a board, find boards (see starting.py too).

A board is registered as `pyrpl.<name>`, each of its modules as `pyrpl.<name>.<module>`, with metadata:
`pyrpl`, `kind:board` or `kind:<module type>`, `name:<name>` and `board:<identity>`. A board also has
`file:<configuration file>` and an `alias:<text>` for each of its aliases.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import Pyro5.api
from Pyro5 import config
from Pyro5 import errors as pyro_errors

from .. import settings
from ..errors import BoardNameTaken, NameServerError, NameServerSilent
from ..machine.listener import surely_refuses
from ..protocol import Greeting
from ..transport.channel import is_silence
from .frozen import silent_error

ANSWER_SECONDS = 3.0
"""How long the name server, or a daemon, may take to answer."""

PREFIX = "pyrpl."
"""The names of all boards and modules begin with it."""


@dataclass(frozen=True)
class Entry:
    """One board under the name server: its `name`, its Pyro `uri` and its `identity`.

    `identity` is its address with the SSH port; for a virtual board that a daemon started, its name.

    `file`: its configuration file, "" if it has none. `aliases`: further texts that identify the board: its
    hostname as a user wrote it, the MAC address that the board itself reports, and the hostname that is made
    of that address; all in lower case. `on`: the paired host on which its daemon runs, or the ssh:// address
    by which it is reached, "" for this machine; the URI and the file are those on that host.
    """

    name: str
    uri: str
    identity: str
    file: str = ""
    aliases: tuple[str, ...] = ()
    on: str = ""

    @property
    def place(self) -> str:
        """The board's identity, and the host on which it is served: unique among all hosts."""
        return f"{self.identity} on {self.on}" if self.on else self.identity

    @property
    def full_name(self) -> str:
        """The name, as `lab@daq2` if another host has the board."""
        return f"{self.name}@{self.on}" if self.on else self.name

    @property
    def host(self) -> str:
        """The board's address, or hostname, without the port."""
        return self.identity.rpartition(":")[0]

    @property
    def sshport(self) -> int | None:
        """The board's SSH port, None for a virtual board that its daemon started."""
        port = self.identity.rpartition(":")[2]
        return int(port) if port.isdecimal() and self.host != settings.VIRTUAL else None

    @property
    def claims(self) -> frozenset[str]:
        """What no other daemon of this host may claim: the board's identity and MAC address, and its name."""
        return frozenset({self.identity, *self.mac_addresses, claim_of_name(self.name)})

    @property
    def mac_addresses(self) -> list[str]:
        """The board's MAC address; empty if the board has not told it."""
        return [alias for alias in self.aliases if MAC_ADDRESS.fullmatch(alias)]


MAC_ADDRESS = re.compile("[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
"""A MAC address as Linux prints it."""


MAC_HOSTNAME = re.compile("rp-[0-9a-f]{6}")
"""The hostname of a Red Pitaya, made from the last digits of its MAC address."""


def mac_hostname(mac_address: str) -> str:
    """The hostname that a Red Pitaya with this MAC address has, without a domain."""
    return "rp-" + mac_address.replace(":", "")[-6:]


def claim_of_name(name: str) -> str:
    """The text with which a daemon claims the board's name."""
    return f"name {name}"


def entry_from_data(data: Mapping[str, Any]) -> Entry:
    """The entry for its fields as plain data, in which the aliases are a list."""
    return Entry(**{**data, "aliases": tuple(data.get("aliases", ()))})


def identity(hostname: str, sshport: int = 22, name: str = "") -> str:
    """A text that identifies a board: its IP address and SSH port, however the hostname is written.

    If the hostname cannot be resolved, it stands in place of the address. Virtual boards that daemons start
    are identified by their `name`.
    """
    if hostname.lower() == settings.VIRTUAL:
        return f"{settings.VIRTUAL}:{name}"
    found = None if hostname in settings.SIMULATED else address(hostname)
    return f"{found or as_typed(hostname)}:{sshport}"


def as_typed(hostname: str) -> str:
    """The hostname as an alias: in lower case, without a dot at its end."""
    return hostname.lower().rstrip(".")


def address(hostname: str) -> str | None:
    """The IP address of a host, None if its name cannot be resolved just now."""
    try:
        return str(socket.getaddrinfo(hostname, None, socket.AF_INET)[0][4][0])
    except (OSError, UnicodeError):
        return None


def location() -> str:
    """The name server's address, as host:port (Pyro5's own setting)."""
    return f"{config.NS_HOST}:{config.NS_PORT}"


@contextlib.contextmanager
def name_server(seconds: float | None = None) -> Iterator[Pyro5.api.Proxy]:
    """A connection to the running name server, which may take ANSWER_SECONDS, or `seconds`, to answer.

    Raises NameServerError if none answers, or if it stops answering within the block: NameServerSilent if it
    runs all the same.
    """
    if surely_refuses(config.NS_HOST, config.NS_PORT):
        raise _none_answers("nothing listens there")
    proxy = Pyro5.api.Proxy(f"PYRO:Pyro.NameServer@{location()}")
    proxy._pyroTimeout = ANSWER_SECONDS if seconds is None else seconds
    with proxy:
        try:
            proxy._pyroBind()
            yield proxy
        except pyro_errors.CommunicationError as error:
            if is_silence(error):
                raise silent_error(location()) from error
            raise _none_answers(error) from error


def _none_answers(why: object) -> NameServerError:
    return NameServerError(
        f"no Pyro name server answers at {location()}: {why}",
        "a daemon starts one by itself; PYRO_NS_HOST and PYRO_NS_PORT say where it is",
    )


def uri() -> str:
    """The running name server's Pyro URI. Raises NameServerError if none answers."""
    with name_server() as proxy:
        return str(proxy.lookup("Pyro.NameServer"))


def boards() -> list[Entry]:
    """The registered boards, sorted by name; an empty list if there is no name server.

    Raises NameServerSilent if it runs, but does not answer.
    """
    try:
        with name_server() as proxy:
            found = proxy.yplookup(meta_all={"pyrpl", "kind:board"})
    except NameServerSilent:
        raise
    except NameServerError:
        return []
    return sorted(
        (
            _entry(name.removeprefix(PREFIX), uri, tags)
            for name, (uri, tags) in found.items()
            if is_local(uri)
        ),
        key=lambda entry: entry.name,
    )


LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""How this machine's own address is written."""


def is_local(uri: object) -> bool:
    """Whether a Pyro URI leads to this machine: a daemon listens nowhere else."""
    try:
        return Pyro5.api.URI(uri).host in LOOPBACK
    except (pyro_errors.PyroError, TypeError, ValueError):
        return False


def _entry(name: str, uri: str, tags: Iterable[str]) -> Entry:
    values = {prefix: sorted(_tagged(tags, prefix)) for prefix in ("board:", "file:", "alias:")}
    board, file = ("".join(values[prefix][:1]) for prefix in ("board:", "file:"))
    return Entry(name, uri, board, file, tuple(values["alias:"]))


def _tagged(tags: Iterable[str], prefix: str) -> list[str]:
    return [tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)]


def register(entry: Entry, kinds: Mapping[str, str], object_uri: Callable[[str], str]) -> None:
    """Register a board and its modules.

    `kinds` has the type of each module by its name; `object_uri(name)` returns the Pyro URI of an object.
    Raises NameServerError, or BoardNameTaken if the name server keeps a name for a daemon that lives.
    """
    try:
        _register(entry, kinds, object_uri)
    except pyro_errors.NamingError as error:
        raise BoardNameTaken(
            f"the name server at {location()} does not register the board {entry.name!r}: {error}",
            f"end the other daemon with `pyrpl-remote stop {entry.name}`, or pass another name to connect()",
        ) from error


def _register(entry: Entry, kinds: Mapping[str, str], object_uri: Callable[[str], str]) -> None:
    common = {"pyrpl", f"name:{entry.name}", f"board:{entry.identity}"}
    with name_server() as proxy:
        for module, kind in kinds.items():
            name = f"{PREFIX}{entry.name}.{module}"
            proxy.register(name, object_uri(name), metadata=common | {f"kind:{kind}"})
        # last: a client that finds the board also finds its modules
        more = {f"alias:{alias}" for alias in entry.aliases}
        more |= {f"file:{entry.file}"} if entry.file else set()
        proxy.register(PREFIX + entry.name, entry.uri, metadata=common | more | {"kind:board"})


def require_free(entry: Entry) -> None:
    """Raise BoardNameTaken if a daemon that lives is registered under the name of `entry`.

    One that does not answer in time counts as living: it may be stopped for a while.
    """
    for other in boards():
        if other.name == entry.name and other.uri != entry.uri and _lives(other.uri):
            raise BoardNameTaken(
                f"the name {other.name!r} is in use for the board {other.identity}, not {entry.identity}, "
                f"under the name server at {location()}",
                "pass another name for this board as the first argument of connect(), or end the other "
                f"daemon with `pyrpl-remote stop {other.name}`",
            )


def _lives(uri: str) -> bool:
    try:
        with Pyro5.api.Proxy(uri) as proxy:
            proxy._pyroTimeout = ANSWER_SECONDS
            # an observer: another user's daemon refuses it by a welcome, and lives
            observer = Greeting(None, program="pyrpl_remote", user="", host="", pid=os.getpid())
            proxy._pyroHandshake = observer.to_data()
            proxy._pyroBind()
    except pyro_errors.TimeoutError:
        return True
    except pyro_errors.PyroError:
        return False
    return True


def is_registered(entry: Entry) -> bool:
    """Whether the name server answers, and has exactly this `entry`."""
    try:
        with name_server() as proxy:
            uri, tags = proxy.lookup(PREFIX + entry.name, return_metadata=True)
    except (NameServerError, pyro_errors.NamingError):
        return False
    return _entry(entry.name, str(uri), tags) == entry


def remove(entry: Entry) -> None:
    """Remove the names of a board and its modules, unless another daemon has registered the name."""
    with contextlib.suppress(NameServerError), name_server() as proxy:
        if is_registered(entry):
            proxy.remove(name=PREFIX + entry.name)
            proxy.remove(prefix=f"{PREFIX}{entry.name}.")
