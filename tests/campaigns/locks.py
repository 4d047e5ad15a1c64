"""Pushes a watched lock out of lock, kills the daemon and reboots the board in between; counts what was seen.

Run by hand: `python -m tests.campaigns.locks --pushes 50 --seed 1`. A virtual board with the cavity, its
drift and its noise; a daemon that watches its lock; a client that pushes: the cavity moves by half of the way
to the next resonance, and its mirrors are misaligned for a moment. It prints one line of JSON; the exit code
is 1 unless each push was seen within SEEN_SECONDS, named and relocked, history and metrics agree with the
campaign's own count, no row of the history was lost, and a person's unlock was respected.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psutil

from pyrpl_remote import connect
from pyrpl_remote.errors import SessionError
from tests import environment

from ..boards import RunningBoard, running_board
from ..cavity import DEPTH, Pusher, set_up
from ..processes import wait_until

BOARD = "pushed"
"""The board's name."""

SCOPE: dict[str, Any] = {"input1": "in2", "input2": "out1", "duration": 2.0**20 * 8e-9, "average": False}
"""What a user has set the scope to: the watch must leave it so."""

SEEN_SECONDS = 1.0
"""Within which time a loss must be in the history, from the push on."""

QUIET_SECONDS = (0.3, 1.0)
"""How long the lock is left alone before a push."""

RELOCK_SECONDS = 60.0
"""How long the watch may take to lock again."""

UNLOCKED_SECONDS = 2.0
"""How long it is looked whether an unlock is respected."""


@dataclass
class Counts:
    """What the campaign itself counts."""

    pushes: int = 0
    kills: int = 0
    reboots: int = 0
    lost_by_reboots: int = 0
    delays: list[float] = field(default_factory=list)
    relock_times: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Campaign:
    """One board, its daemon and its client."""

    def __init__(self, board: RunningBoard, seed: int, port: int, seen: float = SEEN_SECONDS) -> None:
        """`seen`: how soon a loss must be in the history, in s: longer on a busy machine."""
        self.board = board
        self._seen = seen
        self.counts = Counts()
        self._random = random.Random(seed)
        self._port = port
        self._pusher = Pusher(board.control)
        self._rows: list[dict[str, Any]] = []
        self.p = connect(BOARD, hostname=board.host, sshport=board.ssh_port, port=board.monitor_port)

    def start(self, **options: Any) -> None:
        """Set up the lock, lock, and let the daemon watch."""
        set_up(self.p, 0.1)
        assert self.p.lockbox.lock(), "the cavity was not locked in the beginning"
        with connect(BOARD) as user:  # who closes it holds the scope no longer
            user.rp.scope.setup(**SCOPE)
        self.p.watch_lock(attempts=None, pause=0.5, **options)
        self._wait_for("locked")

    def push(self) -> None:
        """Push the lock out, and wait until it is locked again."""
        time.sleep(self._random.uniform(*QUIET_SECONDS))
        before = len(self.rows())
        pushed = time.time()
        self._pusher.push(depth=0.0)
        self.counts.pushes += 1
        held = self._random.choice([SEEN_SECONDS, 0.0])
        try:
            # half of them until the loss is seen: the first attempt succeeds; the others for longer
            self._wait_for("lost", before, self._seen)
            time.sleep(held)
        finally:
            self.board.control.plant_parameters(depth=DEPTH)
        lost = next(row for row in self.rows()[before:] if row["kind"] == "lost")
        self.counts.delays.append(lost["time"] - pushed)
        if not lost["reason"]:
            self.counts.faults.append("a loss has no reason")
        self._wait_for("locked", before)
        self.counts.relock_times.append(time.time() - pushed)

    def kill(self) -> None:
        """Kill the daemon; the next one goes on."""
        before = len(self.rows())
        process = psutil.Process(self.p.status().daemon.pid)
        process.kill()
        process.wait(10)
        self.counts.kills += 1
        self._wait_for("daemon restarted", before)
        self._wait_for("locked", before)
        self._note_losses(before, "kill")
        self.look_at_scope()

    def reboot(self) -> None:
        """Reboot the board."""
        before = len(self.rows())
        self.board.control.reboot(away=1.0)
        self.counts.reboots += 1
        self._wait_for("board back", before)
        self._wait_for("locked", before)
        self._note_losses(before, "reboot")

    def look_at_scope(self) -> None:
        """See whether the scope is as its user has set it."""
        with connect(BOARD) as user:
            found = {name: getattr(user.rp.scope, name) for name in SCOPE}
        if found != SCOPE:
            self.counts.faults.append(f"the scope is another one: {found}")

    def unlock(self) -> None:
        """Unlock as a person does, and look whether it stays so."""
        before = len(self.rows())
        self.p.lockbox.unlock()
        self._wait_for("unlocked", before)
        self._pusher.push()
        time.sleep(UNLOCKED_SECONDS)
        kinds = [row["kind"] for row in self.rows()[before:]]
        if kinds != ["unlocked"] or self.p.lockbox.current_state != "unlock":
            self.counts.faults.append(f"an unlock was not respected: {kinds}")

    def rows(self) -> list[dict[str, Any]]:
        """All rows of the history. Those that were there before must still be there."""
        while True:
            try:
                rows = [event.to_data() for event in self.p.lock_history(limit=10_000)]
                break
            except SessionError:  # the daemon was killed, and the next one starts
                time.sleep(0.05)
        if rows[: len(self._rows)] != self._rows:
            self.counts.faults.append("rows of the history were lost")
        self._rows = rows
        return rows

    def metrics(self) -> dict[str, float]:
        """The lock's metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=10) as reply:
            text = reply.read().decode()
        found = re.findall(rf'^pyrpl_remote_(\w+)\{{board="{BOARD}"\}} (\S+)$', text, re.MULTILINE)
        return {name: float(value) for name, value in found}

    def result(self) -> dict[str, Any]:
        """Compare, and say whether all is well."""
        counts, rows = self.counts, self.rows()
        kinds = Counter(row["kind"] for row in rows)
        metrics, summary = self.metrics(), self.p.lock_history(limit=10_000).summary()
        expected = counts.pushes + counts.lost_by_reboots
        for name, value in (
            ("history", kinds["lost"]),
            ("summary", summary.losses),
            ("metrics", metrics["lock_losses_total"]),
        ):
            if value != expected:
                counts.faults.append(f"{name}: {value:g} losses, not {expected}")
        if metrics["relocks_total"] != kinds["relocked"]:
            counts.faults.append(f"metrics: {metrics['relocks_total']:g} relocks, not {kinds['relocked']}")
        if kinds["daemon restarted"] != counts.kills or kinds["board back"] != counts.reboots:
            counts.faults.append(f"kills and reboots are not in the history: {dict(kinds)}")
        late = [round(delay, 3) for delay in counts.delays if not 0 <= delay <= self._seen]
        if late:
            counts.faults.append(f"losses were seen after {late} s")
        return {
            "well": not counts.faults,
            "faults": counts.faults,
            "pushes": counts.pushes,
            "seen": len(counts.delays),
            "relocked": len(counts.relock_times),
            "delay_median": round(float(np.median(counts.delays)), 3),
            "delay_longest": round(max(counts.delays), 3),
            "relock_median": round(float(np.median(counts.relock_times)), 2),
            "relock_longest": round(max(counts.relock_times), 2),
            "kills": counts.kills,
            "reboots": counts.reboots,
            "lost_by_reboots": counts.lost_by_reboots,
            "rows": dict(kinds),
            "locked_fraction": round(summary.locked_fraction, 3),
            "metrics": {name: value for name, value in metrics.items() if "lock" in name},
        }

    def _wait_for(self, what: str, before: int = 0, seconds: float = RELOCK_SECONDS) -> None:
        """Wait for a row of this kind after so many; "locked" means that the lock holds now."""

        def there() -> bool:
            kinds = [row["kind"] for row in self.rows()[before:]]
            if what != "locked":
                return what in kinds
            try:
                lock = self.p.status().lock
            except SessionError:
                return False
            return lock is not None and lock.locked and ({"locked", "relocked"} & set(kinds)) != set()

        wait_until(there, seconds, f"{what} (the last rows: {self._rows[-4:]})")

    def _note_losses(self, before: int, what: str) -> None:
        lost = sum(row["kind"] == "lost" for row in self.rows()[before:])
        if what == "reboot":
            self.counts.lost_by_reboots += lost
        elif lost:
            self.counts.faults.append(f"a {what} lost the lock")


def run(pushes: int, kills: int, reboots: int, seed: int) -> dict[str, Any]:
    """Run the campaign; returns its figures."""
    port = environment.free_port()
    os.environ["PYRPL_REMOTE_METRICS"] = str(port)
    steps = ["kill"] * kills + ["reboot"] * reboots
    random.Random(seed).shuffle(steps)
    with running_board("--plant", "cavity", "--seed", str(seed)) as board:
        campaign = Campaign(board, seed, port)
        with campaign.p:
            campaign.start()
            for number in range(pushes):
                campaign.push()
                # the faults are spread evenly
                while steps and (number + 1) * (kills + reboots + 1) > pushes * (
                    kills + reboots + 1 - len(steps)
                ):
                    getattr(campaign, steps.pop())()
            campaign.unlock()
            result = campaign.result()
            campaign.p.unwatch_lock()
    return result


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pushes", type=int, default=50)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--reboots", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = run(options.pushes, options.kills, options.reboots, options.seed)
    print(json.dumps(result))
    return 0 if result["well"] else 1


if __name__ == "__main__":
    sys.exit(main())
