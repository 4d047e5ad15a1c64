"""What a gate says of a client of another host, in front of the client's own greeting (see gate/).

Gates make an `Introduction`, and daemons read it. It says who the client is and what it may do, so a daemon
takes it only from a gate of its own user (daemon/serving/access.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .protocol import PROTOCOL, MalformedGreeting, Role, require_fields

INTRODUCTION = "introduction"
"""The field that plain data have if they begin with an introduction."""


@dataclass(frozen=True)
class Introduction:
    """What a gate says of the client whose connection it passes on to a daemon (see gate/).

    `peer` is the name of the paired host that the client is on; `role`: what it may do. `via`: the address
    of the gate that the client connected to. A gate puts it around the greeting, in place of which the daemon
    gets both. `nonce`, `time` (in ms) and `proof` prove that the gate is of the daemon's user
    (transport/secret.py); they are empty if it cannot.
    """

    peer: str
    role: int
    via: str = ""
    nonce: str = ""
    time: int = 0
    proof: str = ""
    protocol: int = PROTOCOL

    def signed_data(self, greeting: object) -> dict[str, Any]:
        """What the proof covers: all fields, and the client's own `greeting`, whose fields have any order."""
        said = sorted(greeting.items(), key=repr) if isinstance(greeting, dict) else greeting
        return {**vars(self), "greeting": said}

    def around(self, greeting: object) -> dict[str, Any]:
        """The introduction with the client's own `greeting`, as plain data."""
        return {INTRODUCTION: dict(vars(self)), "greeting": greeting}


def introduced(data: object) -> tuple[Introduction | None, object]:
    """The introduction in what a daemon received, None if it has none, and the client's own greeting.

    Raises MalformedGreeting.
    """
    if not isinstance(data, dict) or INTRODUCTION not in data:
        return None, data
    fields = data[INTRODUCTION]
    if data.keys() != {INTRODUCTION, "greeting"} or not isinstance(fields, Mapping):
        raise MalformedGreeting("an introduction comes with a greeting")
    require_fields(Introduction, fields)
    if fields["protocol"] != PROTOCOL or fields["role"] not in [role.value for role in Role]:
        raise MalformedGreeting(f"the gate speaks another protocol than {PROTOCOL}: share the host again")
    return Introduction(**fields), data["greeting"]


def peer_of(introduction: Introduction | None) -> str:
    """The paired host of a gate's client, "" for a client of this machine."""
    return "" if introduction is None else introduction.peer
