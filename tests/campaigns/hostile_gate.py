"""What hostile machines send to the gate of a host: those that are not paired, and those that are."""

from __future__ import annotations

import base64
import contextlib
import json
import random
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgpack

from pyrpl_remote.gate.invitations import Invitation
from pyrpl_remote.protocol import Role
from pyrpl_remote.transport.lan import tls
from tests.campaigns import hostile_inputs
from tests.campaigns.hostile_greetings import forbidden, good, let_in
from tests.campaigns.hostile_inputs import CONNECT, KINDS, Target, anything, message, read


@dataclass
class Gate(Target):
    """A gate, as machines that are not paired reach it.

    `contexts`: of TLS, without a certificate, with a foreign key, with a revoked one. `used`: invitations
    that were used or have expired. `location`: of the board's daemon behind it.
    """

    contexts: list[ssl.SSLContext] = field(default_factory=list)
    used: list[Invitation] = field(default_factory=list)
    certificate: str = ""
    location: str = ""

    @contextlib.contextmanager
    def secured(self, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
        """A connection with TLS. Raises OSError."""
        with (
            socket.create_connection((self.host, self.port), 10) as sock,
            context.wrap_socket(sock) as wrapped,
        ):
            yield wrapped


@dataclass
class Paired(Gate):
    """A gate, as programs of a paired machine reach it; `role`: of that. TLS carries Pyro5's protocol."""

    role: Role = Role.VIEWER
    bare: ssl.SSLContext = field(default_factory=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    def connect(self) -> socket.socket:
        """A new connection as a bare Pyro5 client makes it."""
        return self.bare.wrap_socket(socket.create_connection((self.host, self.port), 10))


def line(content: Any) -> bytes:
    """A request to a gate."""
    return json.dumps(content).encode() + b"\n"


def odd_line(rng: random.Random) -> bytes:
    """A line that is no request."""
    return rng.choice(
        [
            b"\n", b"null\n", b"[]\n", b'"ask"\n', b"{\n", b"\xff\xfe\n", b"[" * 20_000 + b"\n",
            rng.randbytes(200),
            b'{"ask": ' + b"1" * 5000 + b"}\n", b"{" + b'"a":{' * 3000 + b"\n", b"x" * 70_000, b"x" * 100,
            b'{"ask": "boards"', b'{"ask": NaN}\n', b'{"ask": "\\ud800"}\n',
        ]
    )  # fmt: skip


def hello(target: Target, rng: random.Random) -> None:
    """TLS's first message with some bytes changed, cut short, or with a lying length."""
    assert isinstance(target, Gate)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        rng.choice(target.contexts).wrap_bio(incoming, outgoing).do_handshake()
    sent = bytearray(outgoing.read())
    for _ in range(rng.choice([0, 1, 3, 20])):
        sent[rng.randrange(len(sent))] = rng.randrange(256)
    if rng.random() < 0.3:
        sent[3:5] = rng.choice([b"\0\0", b"\xff\xff", b"\x40\0"])
    with target.connect() as sock:
        sock.sendall(sent[: rng.choice([len(sent), rng.randrange(1, len(sent))])])
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        read(sock, 6)


def unpaired(target: Target, rng: random.Random) -> None:
    """A machine that is not paired asks for something: it is only told why not."""
    assert isinstance(target, Gate)
    asked = [line({"ask": "boards"}), line(_open_of(target, rng)), line({"ask": "start", "board": "hostile"})]
    first = {"handshake": good(rng), "object": target.object_id}
    asked += [odd_line(rng), message(CONNECT, msgpack.packb(first))]
    with target.secured(rng.choice(target.contexts)) as sock:
        sock.sendall(rng.choice(asked))
        answer = read(sock, 6)
    if answer[:4] == b"PYRO":
        if let_in(answer):
            target.wrong.append("a machine that is not paired was let in")
    elif answer and b'"error"' not in answer:
        target.wrong.append(f"a machine that is not paired was told {answer[:100]!r}")


def joins(target: Target, rng: random.Random) -> None:
    """Pairing with an invitation that was used, has expired, or is none."""
    assert isinstance(target, Gate)
    made = rng.choice(target.used)
    text, begin, end = target.certificate, "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    certificates: list[Any] = [
        text, text, text, "", "x", text * 2, text[:200], f"\u00fc{text}", f"{text}\n{_renamed(text)}", 3,
        None, begin + base64.b64encode(rng.randbytes(50)).decode() + end,
    ]  # fmt: skip
    said: dict[str, Any] = {
        "name": rng.choice(["x", "", "../../x", "a" * 500, "\x1b[31m", None, 3]),
        "certificate": rng.choice(certificates),
        "number": rng.choice([made.number, made.number, "0" * 8, None, [], 3, {"x": 1}, "x" * 1000]),
        "proof": rng.choice([made.proof("host", "0" * 64), "0" * 64, "", None, 3, "\u00fc" * 64]),
    }
    if rng.random() < 0.2:
        said.pop(rng.choice(sorted(said)))
    context = tls.client_context(None, None, tls.JOIN)
    with target.secured(context) as sock:
        sock.sendall(line(said) if rng.random() < 0.8 else odd_line(rng))
        answer = read(sock, 6)
    if answer and b'"error"' not in answer:
        target.wrong.append(f"a machine was paired with a used invitation: {answer[:100]!r}")


def _renamed(certificate: str) -> str:
    """The certificate under another name that OpenSSL knows, too."""
    return certificate.replace("CERTIFICATE-----", "X509 CERTIFICATE-----").replace("X509 X509", "X509")


def secured_silence(target: Target, rng: random.Random) -> None:
    """A connection that says nothing after TLS's first messages, or says a part of a line."""
    assert isinstance(target, Gate)
    context = rng.choice([*target.contexts[:1], tls.client_context(None, None, tls.JOIN)])
    sock = context.wrap_socket(socket.create_connection((target.host, target.port), 10))
    if rng.random() < 0.5:
        sock.sendall(b'{"ask": ')
    target.hold(sock)


def _open_of(target: Gate, rng: random.Random) -> dict[str, Any]:
    """A request for a board, or for what is none of this host's."""
    here = target.location
    host, _, port = here.rpartition(":")
    return {
        "ask": "open",
        "object": rng.choice(
            [target.object_id, target.object_id, "Pyro.NameServer", "Pyro.Daemon", "pyrpl.other", "pyrpl.",
             f"{target.object_id}.pid0", "instrument", "", "x" * 301, None, 3, {}]
        ),
        "location": rng.choice(
            [here, here, here, f"{host}:22", f"{host}:{int(port) + 1}", "10.0.0.1:9090", "::1", "", ":",
             "x:y", 5, f"{host}:99999", f"{host}:-1", f"localhost:{port}", "/etc/passwd"]
        ),
    }  # fmt: skip


def asks(target: Target, rng: random.Random) -> None:
    """Requests of a paired machine with wrong types, and lines that are none."""
    assert isinstance(target, Paired)
    made = [
        lambda: {"ask": "boards"},
        lambda: {"ask": "start", "board": anything(rng)},
        lambda: {
            "ask": "logs",
            "board": rng.choice(["hostile", anything(rng)]),
            "lines": rng.choice([1, 10**9, -1, anything(rng)]),
            "follow": rng.choice([False, anything(rng)]),
        },
        lambda: _open_of(target, rng),
        lambda: {"ask": anything(rng)},
        lambda: {str(anything(rng, 9)): anything(rng)},
    ]
    with target.secured(rng.choice(target.contexts)) as sock:
        for _ in range(4):
            if rng.random() < 0.2:
                sock.sendall(odd_line(rng))
            else:
                with contextlib.suppress(TypeError):  # it is no JSON
                    sock.sendall(line(rng.choice(made)()))
            sock.settimeout(0.3)
            if not sock.recv(65536):
                return


def opens(target: Target, rng: random.Random) -> None:
    """A way to a board, and what comes on it: forbidden requests, another object, anything else."""
    assert isinstance(target, Paired)
    with target.secured(rng.choice(target.contexts)) as sock:
        sock.sendall(line(_open_of(target, rng) if rng.random() < 0.3 else _right_open(target)))
        opened = False
        sock.settimeout(5)
        stream = sock.makefile("rb")
        for _ in range(2):
            answer = stream.readline()
            opened = b'"opened": true' in answer
        if not opened:
            return
        said = rng.choice(
            [good(rng), good(rng, direct=True), "hello", good(rng, private=True), _own_introduction(rng)]
        )
        object_id = rng.choice([target.object_id] * 4 + ["Pyro.Daemon", "pyrpl.hostile.pid0", "pyrpl.other"])
        sock.sendall(message(CONNECT, msgpack.packb({"handshake": said, "object": object_id})))
        answer = _message(stream)
        if not let_in(answer):
            return
        if object_id != target.object_id:
            target.wrong.append(f"a connection to {target.object_id} leads to {object_id}")
        if isinstance(said, dict) and (said.get("private") or "introduction" in said):
            target.wrong.append(f"a {target.role.name.lower()} was let in with {said}")
        if rng.random() < 0.3:
            sock.sendall(
                rng.choice([rng.randbytes(200), message(1, b"x"), message(4, b"", size=2**31), odd_line(rng)])
            )
            _message(stream)
        else:
            forbidden(target, sock, rng, target.role)


def _right_open(target: Gate) -> dict[str, Any]:
    return {"ask": "open", "object": target.object_id, "location": target.location}


def _own_introduction(rng: random.Random) -> dict[str, Any]:
    """What a gate would say of an owner."""
    fields = {"peer": "me", "role": 3, "via": "", "nonce": "", "time": 0, "proof": "", "protocol": 3}
    return {"introduction": fields, "greeting": good(rng, private=True)}


def _message(stream: Any) -> bytes:
    head = stream.read(40) or b""
    if len(head) < 40 or head[:4] != b"PYRO":
        return b""
    return bytes(head + stream.read(sum(int.from_bytes(head[i : i + 4], "big") for i in (12, 16))))


def bare_forbidden(target: Target, rng: random.Random) -> None:
    """A bare Pyro5 client of a paired machine that does what it may not."""
    assert isinstance(target, Paired)
    with target.connect() as sock:
        sock.sendall(message(CONNECT, msgpack.packb({"handshake": "hello", "object": target.object_id})))
        if let_in(read(sock, 5)):
            forbidden(target, sock, rng, target.role)


def bare_elsewhere(target: Target, rng: random.Random) -> None:
    """A bare Pyro5 client of a paired machine that asks for objects which are not for other hosts."""
    assert isinstance(target, Paired)
    name = rng.choice(
        ["Pyro.Daemon", "pyrpl.other", "", "pyrpl.hostile\n", "x" * 300, None, ["pyrpl.hostile"]]
    )
    said = rng.choice(["hello", good(rng), _own_introduction(rng)])
    with target.connect() as sock:
        sock.sendall(message(CONNECT, msgpack.packb({"handshake": said, "object": name})))
        if let_in(read(sock, 5)):
            target.wrong.append(f"a paired machine was let in to {name!r}")


UNPAIRED: hostile_inputs.Kinds = {
    hostile_inputs.noise: 15, hostile_inputs.mutated: 10, hostile_inputs.lying: 8, hostile_inputs.silent: 6,
    hostile_inputs.slow: 6, hostile_inputs.flood: 1, hello: 20, unpaired: 20, joins: 20, secured_silence: 6,
}  # fmt: skip
"""The inputs of machines that are not paired."""

PAIRED: hostile_inputs.Kinds = {**KINDS, asks: 30, opens: 40, bare_forbidden: 15, bare_elsewhere: 15}
"""Those of machines that are."""
