"""This machine and the other ones of the lab: share its boards, join theirs, and end that."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..errors import PyrplRemoteError
from ..gate import invitations, joining, sharing, state
from ..names import paired
from ..names.paired import HostBoards
from ..transport.lan import paired_hosts


@dataclass(frozen=True)
class Invited:
    """An invitation `line`, valid once, for 10 minutes; this machine's `name` and `port`, and the `role`."""

    line: str
    name: str
    port: int
    role: str


@dataclass(frozen=True)
class Peer:
    """A paired host.

    `name`, and the `fingerprint` of its key in hexadecimal digits. `may_here`: its role on this machine, ""
    if it may not come in; `may_there`: that of this machine there, "" if it is not known, and then `problem`
    says why, or if that host shares nothing. `addresses` and `port`: where its gate is, 0 if it has none.
    """

    name: str
    fingerprint: str
    may_here: str
    may_there: str
    addresses: tuple[str, ...]
    port: int
    problem: str = ""


def share(role: str, name: str | None = None, port: int | None = None, first: Sequence[str] = ()) -> Invited:
    """Share this machine's boards, and invite one machine to use them as `role`, "viewer" or "operator".

    `name` and `port` (TCP, 29090 by default) are those of this machine for others; `first`: its addresses
    that they try first. Raises BadParameter, PairingFailed.
    """
    sharing.require_addresses(first)
    present = sharing.ensure_gate(sharing.wanted_state(name, port))
    return Invited(sharing.invite(present, role, first).line(), present.name, present.port, role)


def shared_as() -> tuple[str, int] | None:
    """The name and the port under which this machine is shared now, None if it is not."""
    present = state.read()
    return (present.name, present.port) if present is not None and state.is_running() else None


def unshare() -> bool:
    """End the sharing of this machine; hosts remain paired. Returns whether it was shared."""
    return sharing.end_gate()


def join(line: str, name: str | None = None, first: Sequence[str] = ()) -> HostBoards:
    """Pair this machine with the one that made the invitation `line`; returns that one's boards.

    `name`: of this machine there; `first`: the other one's addresses to try first. Raises BadParameter,
    PairingFailed, HostUnreachable.
    """
    sharing.require_name(name)
    sharing.require_addresses(first)
    return paired.on_host(joining.join(invitations.from_line(line), name or "", first).name)


def peers() -> list[Peer]:
    """The paired hosts; those that have a gate are asked at the same time, each for some seconds at most."""
    known = paired_hosts.peers()
    with ThreadPoolExecutor(max(1, len(known))) as threads:
        answers = list(threads.map(_answer, known))
    return [
        Peer(one.name, one.fingerprint, one.role, may, one.addresses, one.port, problem)
        for one, (may, problem) in zip(known, answers)
    ]


def _answer(one: paired_hosts.PairedHost) -> tuple[str, str]:
    if not one.port:
        return "", ""
    try:
        return paired.on_host(one.name).role, ""
    except PyrplRemoteError as error:
        return "", error.message


def revoke(name: str) -> None:
    """End the pairing with the host `name`: its connections to this machine end at once.

    Raises PairingFailed if no host of this name is paired.
    """
    paired_hosts.remove(name)
