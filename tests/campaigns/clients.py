"""The working clients of a campaign, as the campaign sees them: processes that report what they do."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..processes import wait_until

HANG_SECONDS = 45.0
"""A piece of work that takes longer hangs: the longest limit of a client is 30 s."""


@dataclass
class WorkingClient:
    """One client process. `pause`: between two pieces of work, in s."""

    kind: str
    board: str
    parameters: dict[str, Any]
    folder: Path
    pause: float = 0.0
    violations: list[tuple[str, str]] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    successes: int = 0
    last_text: str = ""

    def start(self) -> None:
        """Start its process; `wait_ready` waits for it."""
        self._lock = threading.Condition()
        self._succeeded = 0.0
        self._done: list[str] = []
        self._busy_since: float | None = None
        self.slept = 0.0
        self._hanging = False
        command = [sys.executable, "-m", "tests.campaigns.client", self.kind, self.board]
        self._log = self.folder / f"{self.kind}.log"
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                [*command, json.dumps(self.parameters), str(self.pause)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._thread = threading.Thread(target=self._listen, args=(self.process,), daemon=True)
        self._thread.start()

    def wait_ready(self) -> None:
        """Wait until it is connected."""
        self._wait_done("ready", 120.0)

    def command(self, command: str) -> None:
        """Send a command; `wait_done` waits until it is carried out."""
        with self._lock:
            self._done = [one for one in self._done if one != command]
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def wait_done(self, command: str) -> bool:
        """Wait until `command` is carried out; returns False if it is not within HANG_SECONDS."""
        try:
            self._wait_done(command, HANG_SECONDS)
        except AssertionError:
            self._note_hang(f"did not carry out {command!r}")
            return False
        return True

    def served_after(self, moment: float, timeout: float) -> float | None:
        """When the first work that began after `moment` (s since the epoch) succeeded.

        None if none has within `timeout` s of now.
        """
        with self._lock:
            self._lock.wait_for(lambda: self._first_after(moment) is not None, timeout)
            return self._first_after(moment)

    def watch(self, moment: float) -> None:
        """Forget what was before `moment`; `served_after` asks for it."""
        with self._lock:
            self._wanted, self._succeeded = moment, 0.0

    def look_for_hang(self) -> None:
        """Note a hang if the present work takes too long."""
        with self._lock:
            since = self._busy_since
        if since is not None and time.time() - since - self.slept > HANG_SECONDS:
            self._note_hang(f"works since {time.time() - since:.0f} s")

    def end(self) -> None:
        """End it as a user would: its last act is to close the board."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self._note_hang("does not end")
            self.kill()
        self._thread.join(10)

    def kill(self) -> None:
        """Kill it, and start nothing in its place."""
        self.process.kill()
        self.process.wait()
        self._thread.join(10)
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _first_after(self, moment: float) -> float | None:
        return self._succeeded if self._succeeded and self._wanted == moment else None

    _wanted = 0.0

    def _note_hang(self, text: str) -> None:
        if not self._hanging:
            self._hanging = True
            self.violations.append(("hang", text))

    def _wait_done(self, what: str, timeout: float) -> None:
        def done() -> bool:
            assert self.process.poll() is None, f"the client {self.kind} has ended: {self._log.read_text()}"
            return what in self._done

        wait_until(done, timeout, f"{what} of the client {self.kind}")

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with self._lock:
                    self._note(json.loads(line))
                    self._lock.notify_all()

    def _note(self, said: dict[str, Any]) -> None:
        if "begins" in said:
            self._busy_since, self.slept = said["at"], 0.0
        elif "work" in said:
            self._busy_since = None
            took = said["ended"] - said["began"] - self.slept
            if took > HANG_SECONDS:
                self.violations.append(("hang", f"took {took:.0f} s: {said}"))
            if "violation" in said:
                self.violations.append((said["violation"], said["text"]))
            elif "error" in said:
                self.errors[said["error"]] = self.errors.get(said["error"], 0) + 1
                self.last_text = said["text"]
            else:
                self.successes += 1
                if said["began"] > self._wanted and not self._succeeded:
                    self._succeeded = said["ended"]
        else:
            self._done += ["ready"] if "ready" in said else [said["done"]] if "done" in said else []
