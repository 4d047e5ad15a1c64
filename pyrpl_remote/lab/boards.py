"""Which boards a lab has, and the end of a board's daemon."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..client.finding import observer
from ..errors import BoardGone
from ..machine.running import runs
from ..names import directory, lan, paired
from ..names.directory import Entry
from ..names.lan import Place as Announced
from ..names.paired import HostBoards as Host
from ..transport.lan import paired_hosts
from ..transport.lan.device_keys import find_device

__all__ = ["Announced", "Boards", "Host", "look", "stop_and_wait"]

STOP_SECONDS = 20.0
"""How long the end of a daemon may take."""


@dataclass(frozen=True)
class Boards:
    """All boards that were found.

    `here`: those that this machine serves; `hosts`: the paired hosts with theirs, and why one does not
    answer; `red_pitayas`: what announces itself on the network as a Red Pitaya that nobody of these serves;
    `unpaired`: hosts that announce themselves, and are not paired with this machine.
    """

    here: list[Entry]
    hosts: list[Host]
    red_pitayas: list[Announced]
    unpaired: list[Announced]

    @property
    def served(self) -> list[Entry]:
        """All boards that a daemon serves."""
        return [*self.here, *(entry for host in self.hosts for entry in host.served)]


def look(network: bool = True) -> Boards:
    """Find all boards; `network`: also what announces itself, which takes 0.6 s. Holds no board.

    Raises NameServerSilent.
    """
    with ThreadPoolExecutor(1) as beside:
        announced = beside.submit(lan.browse) if network else None
        here, hosts = directory.boards(), paired.of_all()
        found = announced.result() if announced else lan.Found()
    device = find_device()
    known = {one.fingerprint for one in paired_hosts.gates()} | ({device.fingerprint} if device else set())
    entries = [*here, *(entry for host in hosts for entry in host.served)]
    served = {text for entry in entries for text in (entry.host, *entry.aliases)}
    return Boards(
        here,
        hosts,
        [one for one in found.red_pitayas if not served & {one.name.lower(), *one.addresses}],
        [one for one in found.gates if one.fingerprint not in known],
    )


def stop_and_wait(entry: Entry) -> None:
    """Ask the daemon of the board `entry` to end, and wait until it has. The FPGA keeps running unchanged.

    Raises BoardGone if it has ended already, or does not end; DaemonSilent, AccessDenied.
    """
    pid = observer.status(entry).daemon.pid
    observer.stop(entry)
    wait_for_end(entry, pid)


def wait_for_end(entry: Entry, pid: int) -> None:
    """Wait until a daemon's process has ended and its name is no longer registered. Raises BoardGone."""
    deadline = time.monotonic() + STOP_SECONDS
    while _is_served(entry) or (not entry.on and runs(pid)):
        if time.monotonic() > deadline:
            raise BoardGone(
                f"board {entry.name!r}: its daemon (pid {pid}) has not ended within {STOP_SECONDS:g} s",
                f"see `pyrpl-remote logs {entry.name}`",
            )
        time.sleep(0.05)


def _is_served(entry: Entry) -> bool:
    return entry in paired.on_host(entry.on).served if entry.on else directory.is_registered(entry)
