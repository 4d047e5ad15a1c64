"""A shared host and the machines around it, for the campaign of hostile inputs: all on this machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyrpl_remote.gate import joining, sharing
from pyrpl_remote.gate.invitations import Invitation
from pyrpl_remote.gate.state import GateState
from pyrpl_remote.protocol import Role
from pyrpl_remote.transport.lan import paired_hosts, tls
from pyrpl_remote.transport.lan.device_keys import Device, ensure_device
from tests.campaigns import hostile_gate
from tests.campaigns.hostile_inputs import Target
from tests.gate.hosts import Host, as_user_of, one_machine

HOST = "daq2"
"""The name of the shared host."""


@dataclasses.dataclass
class Machines:
    """A good machine that is paired, and the gate as each of the hostile ones reaches it."""

    good: Host
    targets: list[Target]


@contextmanager
def shared(board: Target, folder: Path) -> Iterator[Machines]:
    """Share this host, on which the daemon `board` serves, with several machines."""
    present = sharing.ensure_gate(GateState(HOST, 0))
    try:
        own = ensure_device()
        used: list[Invitation] = []

        def join(name: str, role: str) -> tuple[Host, Device]:
            made = sharing.invite(present, role, ["127.0.0.1"])
            used.append(made)
            host = one_machine(name, folder / name)
            with as_user_of(host):
                joining.join(made, name, ["127.0.0.1"])
                return host, ensure_device()

        good, _ = join("good", "operator")
        devices = {role: join(role, role)[1] for role in ("viewer", "operator")}
        _, revoked = join("revoked", "operator")
        paired_hosts.remove("revoked")
        foreign = one_machine("foreign", folder / "foreign")
        with as_user_of(foreign):
            stranger = ensure_device()
        used.append(dataclasses.replace(used[0], number="0" * 8))
        where = ("127.0.0.1", present.port, board.object_id, board.verbs)
        location = f"{board.host}:{board.port}"
        contexts = [
            tls.client_context(device, own.certificate, protocol)
            for device in (None, stranger, revoked)
            for protocol in (tls.REQUESTS, "nonsense")
        ]
        targets: list[Target] = [
            hostile_gate.Gate(
                "gate",
                *where,
                kinds=hostile_gate.UNPAIRED,
                contexts=contexts,
                used=used,
                certificate=stranger.certificate,
                location=location,
            )
        ]
        for role, device in devices.items():
            targets.append(
                hostile_gate.Paired(
                    f"gate as {role}",
                    *where,
                    kinds=hostile_gate.PAIRED,
                    contexts=[tls.client_context(device, own.certificate, tls.REQUESTS)],
                    location=location,
                    role=Role[role.upper()],
                    bare=tls.client_context(device, own.certificate, "none of ours"),
                )
            )
        yield Machines(good, targets)
    finally:
        sharing.end_gate()
