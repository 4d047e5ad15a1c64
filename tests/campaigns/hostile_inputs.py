"""What a hostile program sends to a daemon or a name server: one function for each kind of input."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgpack
import serpent

from pyrpl_remote.protocol import VERBS, Greeting

HEADER = "!4sHBBHHII16sHH"
CONNECT, INVOKE, PING = 1, 4, 6
SERIALIZERS = (1, 2, 3, 4, 7, 255)
MAX_HELD = 50
"""How many silent and slow connections are kept open at a time; the oldest is closed for a new one."""

KEPT_OUT = {"stop", "take_over", "restore_gateware"}
"""The verbs that do what they should, whatever their arguments are."""

NAME_SERVER_VERBS = (
    "lookup",
    "register",
    "set_metadata",
    "remove",
    "list",
    "yplookup",
    "count",
    "ping",
    "_shown",
)


Kinds = dict[Callable[["Target", random.Random], None], int]
"""Kinds of inputs, with how often each comes."""


@dataclass
class Target:
    """A process that is attacked: where it listens, the object that it has, and what can be asked of it."""

    name: str
    host: str
    port: int
    object_id: str
    verbs: tuple[str, ...]
    kinds: Kinds = field(default_factory=lambda: KINDS)
    wrong: list[str] = field(default_factory=list)
    """What it did that it must not do."""
    held: deque[socket.socket] = field(default_factory=deque)

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection((self.host, self.port), 10)

    def hold(self, sock: socket.socket) -> None:
        """Keep a connection open for a while."""
        self.held.append(sock)
        while len(self.held) > MAX_HELD:
            self.held.popleft().close()

    def close(self) -> None:
        """Close what is held."""
        while self.held:
            self.held.popleft().close()


def board(host: str, port: int, object_id: str) -> Target:
    """A board's daemon."""
    return Target("daemon", host, port, object_id, tuple(name for name in VERBS if name not in KEPT_OUT))


def name_server(host: str, port: int) -> Target:
    """The name server."""
    return Target("name server", host, port, "Pyro.NameServer", NAME_SERVER_VERBS)


def message(
    kind: int, data: bytes, serializer: int = 4, flags: int = 0, size: int | None = None, beside: bytes = b""
) -> bytes:
    """A message of Pyro5; `size` is the length that it claims, by default the right one."""
    length = len(data) if size is None else size
    header = struct.pack(
        HEADER, b"PYRO", 502, kind, serializer, flags, 1, length, len(beside), bytes(16), 0, 0x4DC5
    )
    return header + beside + data


def greeting(target: Target, rng: random.Random, bare: bool) -> bytes:
    """A good greeting of a client of ours, or of a bare one."""
    said: Any = "hello"
    if not bare:
        session = uuid.UUID(int=rng.getrandbits(128)).hex
        said = Greeting(
            session, program="x[/red]", user="nobody", host="\x1b[31m", pid=1, direct=rng.random() < 0.5
        ).to_data()
    return message(CONNECT, msgpack.packb({"handshake": said, "object": target.object_id}))


def request(target: Target, verb: Any, args: Any, serializer: int = 4, flags: int = 0) -> bytes:
    """A request."""
    content = (target.object_id, verb, args, {})
    data = msgpack.packb(content) if serializer == 4 else serpent.dumps(content)
    return message(INVOKE, data, serializer, flags)


def read(sock: socket.socket, seconds: float) -> bytes:
    """What arrives within `seconds`, or until the other side closes or has sent one whole message."""
    sock.settimeout(seconds)
    received = b""
    with contextlib.suppress(OSError):
        while len(received) < 40 or len(received) < 40 + sum(struct.unpack("!II", received[12:20])):
            piece = sock.recv(65536)
            if not piece:
                break
            received += piece
    return received


def anything(rng: random.Random, depth: int = 0) -> Any:
    """A value of any type."""
    simple: list[Any] = [
        None, True, 0, -1, 2**63, 1e308, float("nan"), float("inf"), "", "x" * 500, "\0", "../../etc/passwd",
        b"\xff" * 20, "rp.scope", "lockbox", "rp", "math_formula", "_client", "__class__", "setup", "single",
        "__import__('os').system('true')", "redpitaya", "hostname",
    ]  # fmt: skip
    if depth > 3 or rng.random() < 0.7:
        return rng.choice(simple)
    made: list[Callable[[], Any]] = [
        lambda: [anything(rng, depth + 1) for _ in range(rng.randrange(4))],
        lambda: {str(anything(rng, 9))[:50]: anything(rng, depth + 1) for _ in range(rng.randrange(3))},
        lambda: {"!array": [anything(rng, depth + 1) for _ in range(3)]},
        lambda: {"!array": ["<f8", [2], {"!int": "4000000000"}]},
        lambda: {
            rng.choice(["!module", "!curve", "!tuple", "!dict", "!set", "!int"]): anything(rng, depth + 1)
        },
        lambda: {"__class__": "Pyro5.client.Proxy", "state": ["PYRO:x@127.0.0.1:9", [], [], [], "", "", 1]},
    ]
    return rng.choice(made)()


def noise(target: Target, rng: random.Random) -> None:
    """Random bytes."""
    with target.connect() as sock:
        sock.sendall((b"PYRO" if rng.random() < 0.3 else b"") + rng.randbytes(rng.randrange(1, 300)))
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        read(sock, 5.5)


def mutated(target: Target, rng: random.Random) -> None:
    """Real traffic with some bytes changed."""
    parts = [
        greeting(target, rng, rng.random() < 0.5),
        request(target, rng.choice(target.verbs), ["rp.scope"]),
    ]
    with target.connect() as sock:
        for part in parts:
            changed = bytearray(part)
            for _ in range(rng.choice([0, 1, 3, 10])):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            sock.sendall(changed)
            if not read(sock, 0.05):
                break


def lying(target: Target, rng: random.Random) -> None:
    """A length that is not the right one, before or after the greeting."""
    size = rng.choice([0, 1, 2**16, 2**20, 2**28, 2**32 - 1])
    with target.connect() as sock:
        if rng.random() < 0.5:
            sock.sendall(greeting(target, rng, True))
            read(sock, 5)
            sock.sendall(message(INVOKE, b"\x94" * 50, size=size))
        else:
            sock.sendall(message(CONNECT, b"\x81" * 50, size=size))
        read(sock, 0.05)


def nested(target: Target, rng: random.Random) -> None:
    """Values that are nested deeply."""
    depth = rng.choice([50, 500, 1500, 20_000])
    deep = [b"\x91" * depth + b"\xc0", b"[" * depth + b"]" * depth, b"-" * depth + b"1", b"(" * depth]
    with target.connect() as sock:
        if rng.random() < 0.5:
            serializer = rng.choice([1, 4])
            sock.sendall(message(CONNECT, rng.choice(deep), serializer))
        else:
            sock.sendall(greeting(target, rng, True))
            read(sock, 5)
            if rng.random() < 0.5:
                head = (
                    b"\x94"
                    + msgpack.packb(target.object_id)
                    + msgpack.packb(rng.choice(target.verbs))
                    + b"\x91"
                )
                sock.sendall(message(INVOKE, head + deep[0] + b"\x80"))
            else:
                sock.sendall(message(INVOKE, b"# serpent utf-8 python3.2\n" + rng.choice(deep[1:]), 1))
        read(sock, 5)


def flagged(target: Target, rng: random.Random) -> None:
    """Any of Pyro5's flags and serializers."""
    flags, serializer = rng.choice([0, *(1 << bit for bit in range(16))]), rng.choice(SERIALIZERS)
    with target.connect() as sock:
        if rng.random() < 0.3:
            data = msgpack.packb({"handshake": "hello", "object": target.object_id})
            sock.sendall(message(CONNECT, data, serializer, flags))
        else:
            sock.sendall(greeting(target, rng, rng.random() < 0.5))
            read(sock, 5)
            content = msgpack.packb((target.object_id, rng.choice(target.verbs), [], {}))
            sock.sendall(message(rng.choice([INVOKE, PING, CONNECT, 9]), content, serializer, flags))
        read(sock, 5)


def verbs(target: Target, rng: random.Random) -> None:
    """Verbs with arguments of wrong types."""
    with target.connect() as sock:
        sock.sendall(greeting(target, rng, rng.random() < 0.3))
        if not read(sock, 5):
            return
        for _ in range(3):
            args = [anything(rng) for _ in range(rng.randrange(6))]
            with contextlib.suppress(ValueError, OverflowError, TypeError):  # it cannot be encoded
                sock.sendall(request(target, rng.choice(target.verbs), args, rng.choice([1, 4, 4, 4])))
                if not read(sock, 5):
                    return


def classes(target: Target, rng: random.Random) -> None:
    """Greetings and requests that should become objects."""
    value = {"__class__": rng.choice(["Pyro5.client.Proxy", "Pyro5.server.Daemon", "os.system"]), "state": []}
    with target.connect() as sock:
        if rng.random() < 0.5:
            sock.sendall(message(CONNECT, msgpack.packb({"handshake": value, "object": target.object_id})))
        else:
            sock.sendall(greeting(target, rng, True))
            read(sock, 5)
            sock.sendall(request(target, rng.choice(target.verbs), [value], rng.choice([1, 4])))
        read(sock, 5)


def silent(target: Target, rng: random.Random) -> None:
    """A connection that says nothing."""
    target.hold(target.connect())


def slow(target: Target, rng: random.Random) -> None:
    """A connection that says a part of its greeting, or of a request."""
    sock = target.connect()
    whole = greeting(target, rng, rng.random() < 0.5)
    if rng.random() < 0.5:
        sock.sendall(whole[: rng.randrange(1, len(whole))])
    else:
        sock.sendall(whole)
        read(sock, 5)
        asked = request(target, rng.choice(target.verbs), ["rp.scope"])
        sock.sendall(asked[: rng.randrange(1, len(asked))])
    target.hold(sock)


def flood(target: Target, rng: random.Random) -> None:
    """Many connections at once."""
    socks = []
    try:
        with contextlib.suppress(OSError):
            for _ in range(100):
                socks.append(target.connect())
    finally:
        for sock in socks:
            sock.close()


def names(target: Target, rng: random.Random) -> None:
    """Names of boards, and odd ones, at the name server; at a daemon the same as `verbs`."""
    if target.name != "name server":
        verbs(target, rng)
        return
    name = rng.choice(
        ["pyrpl.hostile", "pyrpl.hostile.pid0", f"pyrpl.{rng.random()}", "x" * 250, "Pyro.NameServer"]
    )
    uri = rng.choice(
        ["PYRO:x@127.0.0.1:9", "PYRO:pyrpl.hostile@10.1.2.3:1", "PYRO:x@127.0.0.1:99999", "nonsense"]
    )
    asked: list[tuple[str, list[Any]]] = [
        ("register", [name, uri, False, ["pyrpl", "kind:board", "x" * rng.randrange(6000)]]),
        ("list", [None, "(a+)+$"]),
        ("remove", [None, None, ".*"]),
        ("remove", [name]),
        ("remove", [None, "pyrpl.hostile"]),
        ("set_metadata", ["pyrpl.hostile", ["kind:nothing"]]),
    ]
    with target.connect() as sock:
        sock.sendall(greeting(target, rng, True))
        read(sock, 5)
        for verb, args in rng.sample(asked, 3):
            if verb == "remove" and str(args[-1]).startswith("pyrpl.hostile"):
                continue  # its owner may: the campaign runs as the same user
            if verb == "set_metadata":
                continue
            sock.sendall(request(target, verb, args))
            read(sock, 5)


KINDS: Kinds = {
    noise: 20, mutated: 20, lying: 8, nested: 4, flagged: 15, verbs: 25, classes: 8, silent: 6, slow: 6,
    flood: 1, names: 8,
}  # fmt: skip
"""The inputs for any process that speaks Pyro5's protocol."""


def attack(target: Target, rng: random.Random) -> str:
    """One input; returns its kind."""
    kind = rng.choices(list(target.kinds), list(target.kinds.values()))[0]
    # it was refused; ValueError: a TLS connection of which one direction was ended before
    with contextlib.suppress(OSError, ValueError):
        kind(target, rng)
    return kind.__name__
