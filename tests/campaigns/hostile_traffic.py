"""What a real client sends to a daemon, recorded on its way, and sent again with changes."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import uuid
from collections.abc import Callable
from typing import Any

import Pyro5.api

from pyrpl_remote.client.connections.connection import Connections
from pyrpl_remote.protocol import Greeting
from tests.campaigns.hostile_inputs import Target, read

HEADER_BYTES = 40

Recorded = list[list[bytes]]
"""The messages of each connection of a client, in order."""


class _Recorder:
    """Passes connections on to a daemon, and keeps what clients send."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.sent: list[bytearray] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client = self._listener.accept()[0]
                daemon = socket.create_connection((self._target.host, self._target.port))
                kept = bytearray()
                self.sent.append(kept)
                threading.Thread(target=_pass, args=(client, daemon, kept), daemon=True).start()
                threading.Thread(target=_pass, args=(daemon, client, bytearray()), daemon=True).start()


def _pass(one: socket.socket, other: socket.socket, kept: bytearray) -> None:
    with one, other, contextlib.suppress(OSError):
        while arrived := one.recv(65536):
            kept += arrived
            other.sendall(arrived)
        other.shutdown(socket.SHUT_WR)


def record(target: Target, board: str) -> Recorded:
    """What a session of ours, and a bare Pyro5 client, send when they use a board."""
    recorder = _Recorder(target)
    uri = f"PYRO:{target.object_id}@127.0.0.1:{recorder.port}"
    greeting = Greeting(uuid.uuid4().hex, program="recorded", user="me", host="here", pid=1)
    connections = Connections(board, uri, greeting)
    asked: list[tuple[str, tuple[Any, ...]]] = [
        ("describe", ()), ("get", ("rp.iq0", "gain")), ("get_many", ("rp.iq0", ["gain", "phase"])),
        ("options", ("rp.iq0", "input")), ("set", ("rp.iq0", "gain", 0.5)),
        ("set_many", ("rp.iq0", {"phase": 10.0})), ("call", ("rp.iq0", "setup", [], {"gain": 0.25}, 1)),
        ("config", ("",)), ("curve_numbers", ()),
        ("subscribe", (2, "change", "rp.iq0")), ("heartbeat", ([],)), ("status", ()), ("stream", ()),
        ("unsubscribe", (2,)), ("config_yml", ("",)),
    ]  # fmt: skip
    for verb, arguments in asked:
        with contextlib.suppress(Exception):  # an answer of any kind
            connections.ask(verb, *arguments)
    connections.close()
    with Pyro5.api.Proxy(uri) as bare:
        bare.set("rp.iq0", "gain", bare.get("rp.iq0", "gain"))
    recorder.close()
    return [_messages(bytes(sent)) for sent in recorder.sent]


def _messages(sent: bytes) -> list[bytes]:
    found = []
    while len(sent) >= HEADER_BYTES:
        size = HEADER_BYTES + sum(int.from_bytes(sent[i : i + 4], "big") for i in (12, 16))
        found.append(sent[:size])
        sent = sent[size:]
    return found


def changed_traffic(recorded: Recorded) -> Callable[[Target, random.Random], None]:
    """The kind of input that sends what was recorded, with changes."""

    def traffic(target: Target, rng: random.Random) -> None:
        """Real traffic with bytes changed, messages cut, joined, repeated, left out, or in another order."""
        messages = list(rng.choice(recorded))
        first, rest = messages[:1], messages[1:]
        rng.shuffle(rest)
        with target.connect() as sock:
            for one in [*first, *rest[:4]]:
                sent = _changed(one, messages, rng) if one is not first[0] or rng.random() < 0.2 else one
                sock.sendall(sent)
                if not read(sock, 0.1):
                    return

    return traffic


def _changed(one: bytes, others: list[bytes], rng: random.Random) -> bytes:
    what = rng.randrange(6)
    sent = bytearray(one)
    if what == 0:
        return one[: rng.randrange(1, len(one))]
    if what == 1:
        return one + one
    if what == 2:
        return one[: rng.randrange(1, len(one))] + rng.choice(others)
    for _ in range(rng.choice([1, 1, 3, 10])):
        # mostly in the content, where the header does not betray it
        begin = 0 if what == 3 else min(HEADER_BYTES, len(sent) - 1)
        sent[rng.randrange(begin, len(sent))] = rng.randrange(256)
    return bytes(sent)
