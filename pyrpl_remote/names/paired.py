"""The boards of paired hosts: ask their gates which they serve, and let a gate start a board's daemon."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import settings
from ..errors import AccessDenied, HostUnreachable, PyrplRemoteError
from ..transport.lan import paired_hosts, ssh
from ..transport.lan.gate_connection import IS_IT_ON, GateConnection, dial, dial_peer
from ..transport.lan.paired_hosts import PairedHost
from . import directory, lan
from .directory import Entry, entry_from_data

GIVEN_UP_SECONDS = 10.0
"""A host that has not answered is not asked again within this time by a search of all hosts."""


@dataclass(frozen=True)
class HostBoards:
    """What a paired host answers: `served`, its boards, and `startable`, the names of those it could start.

    `error` says why it has not answered. `role` is what this machine may do there.
    """

    host: str
    served: tuple[Entry, ...] = ()
    startable: tuple[str, ...] = ()
    role: str = ""
    error: PyrplRemoteError | None = None

    @property
    def can_start(self) -> list[str]:
        """The boards that it would start for this machine, but for a virtual one, which each host can."""
        served = {entry.name for entry in self.served}
        wanted = [one for one in self.startable if one not in served and one != settings.VIRTUAL]
        return [] if self.role == "viewer" else wanted


def discover(seconds: float = settings.FIND_SECONDS) -> list[Entry]:
    """The boards that are served on this machine and on all paired hosts, sorted by name and host.

    Paired hosts are waited for `seconds` at most; one that does not answer is left out. No daemon is asked or
    started. Raises NameServerSilent.
    """
    found = directory.boards()
    for host in of_all(seconds):
        found += host.served
    return sorted(found, key=lambda entry: (entry.name, entry.on))


def of_all(seconds: float = settings.FIND_SECONDS) -> list[HostBoards]:
    """What all paired hosts answer within `seconds`; they are asked at the same time."""
    gates = paired_hosts.gates()
    if not gates:
        return []
    answers: queue.SimpleQueue[HostBoards] = queue.SimpleQueue()
    for gate in gates:
        threading.Thread(target=lambda gate=gate: answers.put(_ask(gate, seconds)), daemon=True).start()
    missing = {gate.name for gate in gates}
    found: list[HostBoards] = []
    deadline = time.monotonic() + seconds
    with contextlib.suppress(queue.Empty):
        while missing:
            found.append(answers.get(timeout=max(0.0, deadline - time.monotonic())))
            missing.discard(found[-1].host)
    for name in missing:
        _silent_since[name] = time.monotonic()
        found.append(HostBoards(name, error=_unreachable(f"the host {name!r} has not answered in time")))
    return sorted(found, key=lambda one: one.host)


_silent_since: dict[str, float] = {}


def _ask(gate: PairedHost, seconds: float) -> HostBoards:
    silent = _silent_since.get(gate.name)
    if silent is not None and time.monotonic() - silent < GIVEN_UP_SECONDS:
        return HostBoards(
            gate.name, error=_unreachable(f"the host {gate.name!r} did not answer a moment ago")
        )
    try:
        answer = on_host(gate.name, seconds)
    except HostUnreachable as error:
        _silent_since[gate.name] = time.monotonic()
        return HostBoards(gate.name, error=error)
    except PyrplRemoteError as error:
        return HostBoards(gate.name, error=error)
    _silent_since.pop(gate.name, None)
    return answer


def _unreachable(text: str) -> HostUnreachable:
    return HostUnreachable(text, IS_IT_ON)


def on_host(host: str, seconds: float = settings.CONNECT_SECONDS) -> HostBoards:
    """What the paired host, or the host at an ssh:// address, answers.

    Raises HostUnreachable, AccessDenied, PairingFailed.
    """
    with connected(host, seconds) as gate:
        answer = gate.ask("boards")
        try:
            served = tuple(entry_from_data({**one, "on": host}) for one in answer["served"])
            return HostBoards(host, served, tuple(answer["startable"]), gate.role)
        except (KeyError, TypeError) as error:
            raise HostUnreachable(
                f"the host {host!r} answers nonsense: {error!r:.80}",
                "install the same release of pyrpl_remote on both hosts",
            ) from error


def boards_on(host: str) -> list[Entry]:
    """The boards that a host serves, "" for this machine; none if it does not answer."""
    if not host:
        return directory.boards()
    try:
        return list(on_host(host).served)
    except PyrplRemoteError:
        return []


@contextlib.contextmanager
def connected(host: str, seconds: float = settings.CONNECT_SECONDS) -> Iterator[GateConnection]:
    """A connection to the gate of a host, which is looked for on the local network if it has moved."""
    gate = _find(host, seconds)
    try:
        yield gate
    finally:
        gate.close()


def _find(host: str, seconds: float) -> GateConnection:
    try:
        return dial(host, seconds)
    except HostUnreachable as error:
        if ssh.is_address(host):
            raise
        known = paired_hosts.peer(host)
        places = lan.gates_with(known.fingerprint, seconds)
        # for all of them: anybody may announce any number of places
        deadline = time.monotonic() + seconds
        for place in places:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            with contextlib.suppress(HostUnreachable):
                gate = dial_peer(dataclasses.replace(known, addresses=place.addresses, port=place.port), left)
                paired_hosts.moved(known, place.addresses, place.port)
                return gate
        raise error


def start(host: str, board: str, progress: Callable[[str], None]) -> Entry:
    """Let a host start the daemon of a board, with its own configuration; returns its entry once it serves.

    Raises the error of the start, AccessDenied for a mere viewer, HostUnreachable.
    """
    with connected(host) as gate:
        answer = gate.ask("start", settings.START_SILENCE_SECONDS, board=board)
        while "ready" not in answer:
            progress(f"{answer.get('progress', 'starting')} (on {host})")
            answer = gate.next_answer(settings.START_SILENCE_SECONDS)
        return entry_from_data({**answer["ready"], "on": host})


def require_may_start(found: HostBoards, board: str) -> None:
    """Raise AccessDenied if this machine may not start daemons on a host."""
    if found.role == "viewer":
        raise AccessDenied(
            f"board {board!r} is not served on {found.host!r} now, and this machine may only look there",
            f"ask somebody on {found.host} to start it, or to share the host with the role operator",
        )


def logs(host: str, board: str, lines: int, follow: bool) -> Iterator[str]:
    """The last lines of the log of a board's daemon on a host, then new ones as they come if `follow`."""
    with connected(host) as gate:
        answer: Mapping[str, Any] = gate.ask("logs", board=board, lines=lines, follow=follow)
        while True:
            yield str(answer["text"])
            if "end" in answer:
                return
            answer = gate.next_answer(settings.START_SILENCE_SECONDS)
