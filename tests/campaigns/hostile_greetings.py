"""Greetings and introductions at a daemon that are forged, changed, or come a second time."""

from __future__ import annotations

import ctypes
import os
import random
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack

from pyrpl_remote.introduction import INTRODUCTION, Introduction
from pyrpl_remote.protocol import VERBS, Greeting, Role
from pyrpl_remote.transport.secret import own_secret, proof, signed
from tests.campaigns.hostile_inputs import CONNECT, KINDS, Target, anything, message, read, request

ANOTHER_USER = 12001
"""The uid of another user."""

ACCEPTED = 2
"""Pyro5's message that accepts a greeting."""

REFUSED = (b"AccessDenied", b"is refused: send plain values")
"""What an answer says to a request that was refused: the role, or the request, was not good."""

Data = dict[str, Any]


@dataclass
class Strangers(Target):
    """The daemon, as programs of another user reach it: it lets none of them in."""

    def connect(self) -> socket.socket:
        """A new connection of another user's program."""
        with _as_another_user():
            sock = socket.socket()
        sock.settimeout(10)
        try:
            sock.connect((self.host, self.port))
        except OSError:
            sock.close()
            raise
        return sock


class _as_another_user:
    """Sockets that this thread makes within the block are another user's; only root may do so."""

    def __enter__(self) -> None:
        _libc.setfsuid(ANOTHER_USER)

    def __exit__(self, *_: object) -> None:
        _libc.setfsuid(os.geteuid())


_libc: Any = ctypes.CDLL(None) if os.name == "posix" else None


def can_be_another_user() -> bool:
    """Whether this process may make sockets of other users: as root, on Linux."""
    return os.name == "posix" and hasattr(_libc, "setfsuid") and os.geteuid() == 0


def let_in(answer: bytes) -> bool:
    """Whether the answer to a greeting accepts it."""
    if len(answer) < 40 or answer[6] != ACCEPTED:
        return False
    welcome = msgpack.unpackb(answer[40:], strict_map_key=False)["handshake"]
    return not (isinstance(welcome, dict) and welcome.get("code"))


def greet(target: Target, said: Any) -> bytes:
    """The answer to a greeting, on a connection that is closed then."""
    with target.connect() as sock:
        sock.sendall(message(CONNECT, msgpack.packb({"handshake": said, "object": target.object_id})))
        return read(sock, 5)


def good(rng: random.Random, **changes: Any) -> Data:
    """What a good client says of itself, without a proof."""
    session = uuid.UUID(int=rng.getrandbits(128)).hex
    return Greeting(session, program="x", user="nobody", host="here", pid=os.getpid(), **changes).to_data()


def _place(target: Target) -> tuple[str, str]:
    return f"{target.host}:{target.port}", target.object_id


def _secret() -> bytes:
    secret = own_secret()
    assert secret is not None
    return secret


def _of_time(target: Target, purpose: str, data: Data, seconds: float) -> Data:
    """`data` with a right proof, made `seconds` ago."""
    dated = {**signed(_secret(), purpose, *_place(target), data), "time": int((time.time() - seconds) * 1000)}
    return {**dated, "proof": proof(_secret(), purpose, *_place(target), dated)}


def _damaged(data: Data, rng: random.Random) -> Data:
    """The data without one of the fields, or with one more."""
    if rng.random() < 0.5:
        left_out = rng.choice(sorted(data))
        return {name: value for name, value in data.items() if name != left_out}
    return {
        **data,
        rng.choice(["rank", "owner", "", "introduction ", "__class__"]): rng.choice([3, "owner", None]),
    }


def introduced(target: Target, role: int, greeting: Any, key: bytes | None = None) -> Data:
    """What the gate says of a client, with its proof."""
    introduction = Introduction("laptop", role, "10.0.0.2:29090")
    said = signed(key or _secret(), INTRODUCTION, *_place(target), introduction.signed_data(greeting))
    fields = {**vars(introduction), **{name: said[name] for name in ("nonce", "time", "proof")}}
    return {INTRODUCTION: fields, "greeting": greeting}


def forgeries(target: Target, rng: random.Random) -> dict[str, Callable[[], Any]]:
    """Greetings that prove nothing, by what is wrong with them."""
    secret, (address, object_id), said = _secret(), _place(target), good(rng)
    key = rng.randbytes(32)
    return {
        "no proof": lambda: said,
        "a wrong secret": lambda: signed(key, "greeting", address, object_id, said),
        "another address": lambda: signed(secret, "greeting", "127.0.0.1:1", object_id, said),
        "another object": lambda: signed(secret, "greeting", address, f"{object_id}.pid0", said),
        "another purpose": lambda: signed(
            secret, rng.choice(["welcome", INTRODUCTION]), address, object_id, said
        ),
        "an old time": lambda: _of_time(target, "greeting", said, rng.choice([31, 3600, 1e9])),
        "a time to come": lambda: _of_time(target, "greeting", said, rng.choice([-40, -3600, -1e9])),
        "a changed field": lambda: {**signed(secret, "greeting", address, object_id, said), "pid": 1},
        "a wrong type": lambda: {**said, rng.choice(sorted(said)): anything(rng)},
        "the wrong text": lambda: rng.choice(["", "hello", "0" * 64, key.hex(), None, 3, [secret.hex()]]),
        "an introduction of a wrong secret": lambda: introduced(target, 3, said, key),
        "an introduction without a proof": lambda: {
            INTRODUCTION: vars(Introduction("laptop", Role.OWNER.value)), "greeting": said
        },
        "an introduction of another client": lambda: {**introduced(target, 3, said), "greeting": good(rng)},
        "an introduction with a changed role": lambda: _promoted(introduced(target, 1, said)),
    }  # fmt: skip


def forged(target: Target, rng: random.Random) -> None:
    """A greeting that proves nothing: to another user it opens nothing, to this one the system vouches."""
    made = forgeries(target, rng)
    what = rng.choice(list(made))
    if let_in(greet(target, made[what]())) and isinstance(target, Strangers):
        target.wrong.append(f"a program of another user was let in with {what}")


def malformations(target: Target, rng: random.Random) -> dict[str, Callable[[], Any]]:
    """Greetings and introductions that are none, by what is wrong with them."""
    said = good(rng)
    introduction = introduced(target, rng.choice([1, 2]), said)
    inner, private = introduction[INTRODUCTION], good(rng, private=True)
    return {
        "a damaged greeting": lambda: _damaged(said, rng),
        "a damaged introduction": lambda: {INTRODUCTION: _damaged(inner, rng), "greeting": said},
        "a field beside the introduction": lambda: _damaged(introduction, rng),
        "an odd role": lambda: {
            INTRODUCTION: {**inner, "role": rng.choice([0, 4, -1, 2**63, True, "3", 3.0, None, [3]])},
            "greeting": said,
        },
        "another protocol": lambda: {INTRODUCTION: {**inner, "protocol": 2}, "greeting": said},
        "a long name": lambda: {INTRODUCTION: {**inner, "peer": "x" * 300}, "greeting": said},
        "an introduction around an introduction": lambda: introduced(target, 2, introduction),
        "an introduction that is none": lambda: {INTRODUCTION: anything(rng), "greeting": said},
        "private names of an operator": lambda: introduced(target, 2, private),
    }


def malformed(target: Target, rng: random.Random) -> None:
    """A greeting or an introduction that nobody may come in with, whoever sends it."""
    made = malformations(target, rng)
    what = rng.choice(list(made))
    if let_in(greet(target, made[what]())):
        target.wrong.append(f"somebody was let in with {what}")


def _promoted(introduction: Data) -> Data:
    return {**introduction, INTRODUCTION: {**introduction[INTRODUCTION], "role": Role.OWNER.value}}


def replayed(target: Target, rng: random.Random) -> None:
    """A good greeting, or introduction, that somebody has recorded, and its parts in another message."""
    said = good(rng)
    place = ("greeting", *_place(target))
    whole = signed(_secret(), *place, said) if rng.random() < 0.5 else introduced(target, 2, said)
    # the first comes from a program of this user; another user may have recorded it
    if not let_in(greet(Target("", target.host, target.port, target.object_id, ()), whole)):
        target.wrong.append("a good greeting was refused")
    again: Any = whole
    if INTRODUCTION in whole and rng.random() < 0.5:
        again = {**whole, INTRODUCTION: dict(reversed(whole[INTRODUCTION].items()))}
    if let_in(greet(target, again)):
        target.wrong.append("a greeting that was recorded was accepted when it came again")


def viewer(target: Target, rng: random.Random) -> None:
    """A viewer of another host that tries what changes something: with each verb it is refused."""
    said = good(rng, direct=rng.random() < 0.5) if rng.random() < 0.7 else "hello"
    role = rng.choice([Role.VIEWER, Role.OPERATOR])
    with target.connect() as sock:
        first = {"handshake": introduced(target, role.value, said), "object": target.object_id}
        sock.sendall(message(CONNECT, msgpack.packb(first)))
        if let_in(read(sock, 5)):
            forbidden(target, sock, rng, role)


def forbidden(target: Target, sock: socket.socket, rng: random.Random, role: Role) -> None:
    """Ask, on a connection of a client with this role, for what it may not do."""
    beyond = [
        name for name, verb in VERBS.items() if verb.role > role or (verb.private and role < Role.OWNER)
    ]
    for name in rng.sample(beyond, min(4, len(beyond))):
        arguments: list[Any] = rng.choice(
            [[], ["rp.iq0", "gain", 0.5], ["rp.iq0", "setup", [], {}, 1], [anything(rng)]]
        )
        sock.sendall(request(target, name, arguments))
        answer = read(sock, 5)
        if answer and not any(refused in answer for refused in REFUSED):
            target.wrong.append(f"a {role.name.lower()} may {name}{arguments!r:.60}: {answer[40:200]!r}")
            return


def daemon_kinds() -> dict[Callable[[Target, random.Random], None], int]:
    """The kinds of inputs for a daemon: those of any process that speaks Pyro5, and these."""
    return {**KINDS, forged: 12, malformed: 12, replayed: 6, viewer: 10}


def stranger_kinds() -> dict[Callable[[Target, random.Random], None], int]:
    """The same for a daemon that another user attacks."""
    return {**KINDS, forged: 60, malformed: 20, replayed: 20}
