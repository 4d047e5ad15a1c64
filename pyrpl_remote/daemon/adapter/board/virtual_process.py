"""The process of a virtual board that a daemon starts. It ends with the daemon, even if that is killed."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from .... import clean_path, settings
from ....errors import DaemonFailed
from ....estimate import Estimate
from ....machine.detached import own_group

log = logging.getLogger(__name__)

COMMAND = clean_path.command(
    *("pyrpl_remote", "virtual-board", "--json", "--exit-with-stdin"),
    *("--ssh-port", "0", "--monitor-port", "0", "--progress"),
)
"""The command that starts a virtual board on free ports, and makes it print how far its start is."""

ANSWER_SECONDS = 300.0
"""How long a virtual board may print nothing while it starts: the first start compiles its FPGA, and one
function of it can take a minute on a busy machine."""

PROGRESS_SECONDS = 1.0
"""How often progress is reported while the daemon waits for the board: the estimate counts down."""

END_SECONDS = 5.0
"""How long a virtual board may take to end by itself."""


class VirtualBoardProcess:
    """A virtual board in a separate process.

    The process ends when its stdin is closed. The operating system closes it when this process ends or is
    killed.
    """

    def __init__(self, name: str, plant: str = settings.LOOPBACK):
        """Start the process with a plant; `name` is the board's name, for error messages."""
        self._name = name
        self._plant = plant
        self._process = self._start()

    def has_ended(self) -> bool:
        """Whether the process has ended by itself, or was killed."""
        return self._process.poll() is not None

    def restart(self) -> None:
        """Start the process again after it has ended; its ports may be others (see `parameters`)."""
        self.end()
        self._process = self._start()

    def parameters(self, progress: Callable[[str], None]) -> dict[str, Any]:
        """Wait until the board is ready; returns the parameters with which PyRPL connects to it.

        `progress(text)` is called for each function that is compiled, and at least every PROGRESS_SECONDS.
        Raises DaemonFailed.
        """
        ports = self._ports(progress)
        return {
            "hostname": ports["host"],
            "sshport": ports["ssh_port"],
            "port": ports["monitor_port"],
            "user": "root",
            "password": "root",
            # the pause between SSH commands, in s; PyRPL's default is for the slow console of a real board
            "delay": 0.01,
        }

    def end(self) -> None:
        """End the process, and wait for its end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("the virtual board did not end by itself within %g s", END_SECONDS)
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._logs.join(END_SECONDS)

    def _start(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        # not the daemon's own stderr, its log: the board would go on writing to a log that has rotated
        process = subprocess.Popen(
            [*COMMAND, "--plant", self._plant],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            encoding="utf-8",
            errors="replace",
            **own_group(),  # the board must not end before PyRPL leaves it
        )
        self._logs = threading.Thread(target=_log_lines, args=(process.stderr,), daemon=True)
        self._logs.start()
        return process

    def _ports(self, progress: Callable[[str], None]) -> dict[str, Any]:
        """What the board prints when it is ready.

        Raises DaemonFailed if it ends before, or prints nothing for ANSWER_SECONDS.
        """
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        begin = last = time.monotonic()
        compiling: Estimate | None = None
        while time.monotonic() - last < ANSWER_SECONDS:
            progress(_waiting(compiling, time.monotonic() - begin))
            try:
                line = lines.get(timeout=PROGRESS_SECONDS)
            except queue.Empty:
                continue
            last = time.monotonic()
            if not line:
                self.end()
                raise self._failed(f"ended with exit code {self._process.returncode}")
            printed: dict[str, Any] = json.loads(line)
            if "compiled" not in printed:
                return printed
            compiling = compiling or Estimate()
            compiling.update(printed["compiled"], printed["functions"])
        raise self._failed(f"did not answer within {ANSWER_SECONDS:g} s")

    def _read(self, lines: queue.Queue[str]) -> None:
        """Put what the board prints into `lines`, and "" at its end."""
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):  # closed meanwhile, by `end`
            for line in self._process.stdout:
                lines.put(line)
        lines.put("")

    def _failed(self, how: str) -> DaemonFailed:
        return DaemonFailed(
            f"board {self._name!r}: its virtual Red Pitaya {how}",
            f"the log {settings.log_path(self._name)} says why",
        )


def _log_lines(stderr: IO[str]) -> None:
    with stderr:
        for line in stderr:
            log.info("the virtual board: %s", line.rstrip())


def _waiting(compiling: Estimate | None, seconds: float) -> str:
    """The step to report after so many seconds; `compiling`: of the FPGA's model, None while it is not."""
    if compiling is not None:
        return f"compiling the virtual FPGA, once ({compiling.text()})"
    waited = f" ({seconds:.0f} s)" if seconds >= 1 else ""
    return f"waiting for the virtual Red Pitaya{waited}"
