"""A campaign of faults: `python -m tests.campaigns.faults --rounds 300 --seed 1`.

Clients work on a virtual board, and on one that its daemon owns, while boards, daemons, the name server,
clients and disks fail at random, in some rounds two at a time. After each round all clients must work again,
and have read what was written. It prints a table, and ends with 1 if something happened that must not happen.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import time
from collections.abc import Callable

from .. import environment
from . import faultlist
from .arena import BOARD, OWNED, Arena
from .clients import WorkingClient
from .faultlist import APART, FAULTS, NEED_DISKS, Fault
from .report import Report

SEEN_SECONDS = 5.0
"""How soon the status is right."""

BACK_SECONDS = 60.0
"""How long to wait for a client before it counts as one that needs connect()."""

TWO_AT_A_TIME = 0.25
"""The share of rounds with two faults."""


class Campaign:
    """One campaign.

    `patience`: by how much limits are longer than on a machine that does nothing else; `longest`: faults that
    last longer, in s, are left out; `pause`: of the clients between two pieces of work, in s.
    """

    def __init__(self, seed: int, patience: float, longest: float, pause: float):
        self._chance = random.Random(seed)
        self._patience = patience
        self.report = Report()
        self.arena = Arena(pause)
        disks = self.arena.user.real and self.arena.state.real
        self._faults = [
            fault for fault in FAULTS if fault.holds[1] <= longest and (disks or fault.name not in NEED_DISKS)
        ]
        self._reconnects = {board: (self.arena.pid(board), 0) for board in (BOARD, OWNED)}

    def round(self, names: list[str]) -> None:
        """One round: with the faults of these names, or with random ones."""
        faults = [fault for fault in FAULTS if fault.name in names] or self._choose()
        # the other one is caused with the name server's help
        faults.sort(key=lambda fault: fault.room == "names")
        self.report.rounds += 1
        self._say(f"round {self.report.rounds}: {' and '.join(fault.name for fault in faults)}")
        ends: list[tuple[bool, Callable[[], object]]] = []
        hold = max(self._chance.uniform(*fault.holds) for fault in faults)
        for fault in faults:
            self.report.faults[fault.name] += 1
            ends.append((fault.repaired, fault.begin(self.arena, self._chance)))
        began = time.monotonic()
        if len(faults) == 1:
            self._check_status(faults[0])
        time.sleep(max(0.0, began + hold - time.monotonic()))
        for _, end in sorted(ends, key=lambda one: one[0]):
            end()
        self._wait_for_clients(faults, time.time())
        self._settle()
        self._count_reconnects()
        for client in self.arena.clients:
            client.look_for_hang()
            self._take_violations(client)

    def end(self) -> None:
        """End all, and look for what is left over."""
        for client in self.arena.clients:
            self.report.pieces += client.successes
            self.report.errors.update(client.errors)
        for left in self.arena.leftovers():
            self._broken("left", left)
        for client in self.arena.clients:
            self._take_violations(client)

    def _choose(self) -> list[Fault]:
        first = self._chance.choice(self._faults)
        if self._chance.random() > TWO_AT_A_TIME:
            return [first]
        others = [
            fault
            for fault in self._faults
            if fault.room != first.room and frozenset({fault.name, first.name}) not in APART
        ]
        return [first, self._chance.choice(others)]

    def _check_status(self, fault: Fault) -> None:
        if fault.right is None:
            return
        deadline = time.monotonic() + SEEN_SECONDS * self._patience
        while True:
            status = self.arena.status(fault.board)
            if time.monotonic() > deadline:
                self._broken("status", f"{fault.name}: {status}")
                return
            if fault.right(self.arena, status):
                return
            time.sleep(0.05)

    def _wait_for_clients(self, faults: list[Fault], ended: float) -> None:
        clients = self.arena.clients
        for client in clients:
            client.watch(ended)
        deadline = time.monotonic() + BACK_SECONDS
        limit = max(fault.limit for fault in faults) * self._patience
        kind = faults[0].kind if len(faults) == 1 else "two at a time"
        for client in clients:
            served = client.served_after(ended, max(0.1, deadline - time.monotonic()))
            if served is None:
                client.look_for_hang()
                self._broken("connect", f"{client.kind}, whose last error is {client.last_text!r}")
                client.command("connect")
                continue
            self.report.outage(kind, served - ended, limit)
            if served - ended > limit and kind != "two at a time":
                self._broken("outage", f"{client.kind}: {served - ended:.1f} s after {faults[0].name}")

    def _settle(self) -> None:
        """Let all clients compare what they know with what is there, while none writes."""
        for command in ("pause", "settle", "resume"):
            for client in self.arena.clients:
                client.command(command)
            for client in self.arena.clients:
                client.wait_done(command)
        for what, found in (("daemons", self.arena.daemons()), ("name servers", self.arena.name_servers())):
            most = 2 if what == "daemons" else 1
            if len(found) > most:
                self._broken("left", f"{len(found)} {what}: {found}")

    def _count_reconnects(self) -> None:
        for board, (pid, before) in self._reconnects.items():
            status = self.arena.status(board)
            if isinstance(status, str):
                continue
            now = status.link.reconnects
            self.report.reconnects += now - before if pid == status.daemon.pid else now + 1
            self._reconnects[board] = status.daemon.pid, now

    def _take_violations(self, client: WorkingClient) -> None:
        for kind, text in client.violations:
            self._broken(kind, f"{client.kind}: {text}")
        client.violations.clear()

    def _broken(self, kind: str, text: str) -> None:
        self.report.broken.append((kind, text))
        self._say(f"  BROKEN in round {self.report.rounds}: {kind}: {text}")

    def _say(self, text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def main() -> int:
    """Run a campaign; returns 0 if nothing happened that must not happen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="a fault's name, once or twice")
    parser.add_argument("--patience", type=float, default=1.0, help="factor of the limits, on a busy machine")
    parser.add_argument("--longest", type=float, default=60.0, help="leave out faults that last longer, in s")
    parser.add_argument(
        "--pause", type=float, default=0.0, help="of clients between two pieces of work, in s"
    )
    parser.add_argument("--keep", help="copy logs and configurations to this folder in the end")
    chosen = parser.parse_args()
    names = {fault.name for fault in faultlist.FAULTS}
    if unknown := set(chosen.only) - names:
        parser.error(f"no such fault: {', '.join(unknown)}; there are {', '.join(sorted(names))}")
    campaign = Campaign(chosen.seed, chosen.patience, chosen.longest, chosen.pause)
    try:
        for _ in range(chosen.rounds):
            campaign.round(chosen.only)
    finally:
        if chosen.keep:
            shutil.copytree(campaign.arena.folder, chosen.keep, dirs_exist_ok=True)
        campaign.end()
        print(campaign.report.table(), flush=True)
        shutil.rmtree(environment.FOLDER, ignore_errors=True)
    return 1 if campaign.report.broken else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
