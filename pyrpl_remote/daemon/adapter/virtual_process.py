"""The virtual board that a daemon owns: started with it, and ended with it, however the daemon ends."""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from ... import settings
from ...errors import DaemonFailed

log = logging.getLogger(__name__)

ANSWER_SECONDS = 300
"""How long a virtual board may take to answer: its first start compiles its FPGA, on a busy machine for minutes."""

PROGRESS_SECONDS = 5
"""How often the wait is reported."""

END_SECONDS = 5
"""How long a virtual board may take to end by itself."""


class OwnedVirtualBoard:
    """A virtual board in a process of its own. It ends when its stdin closes, which the death of this process does too."""

    def __init__(self, name: str):
        self._name = name
        arguments = ["--ssh-port", "0", "--monitor-port", "0", "--json", "--exit-with-stdin"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pyrpl_remote", "virtual-board", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def parameters(self, progress: Callable[[str], None]) -> dict[str, Any]:
        """Wait until the board answers; the parameters with which PyRPL finds it. Raises DaemonFailed."""
        ports = json.loads(self._first_line(progress))
        return {
            "hostname": ports["host"],
            "sshport": ports["ssh_port"],
            "port": ports["monitor_port"],
            "user": "root",
            "password": "root",
            # PyRPL's pause between SSH commands is for a real board's slow console
            "delay": 0.01,
        }

    def end(self) -> None:
        """End the board."""
        self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("the virtual board did not end by itself")
            self._process.kill()
            self._process.wait()

    def _first_line(self, progress: Callable[[str], None]) -> str:
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=lambda: lines.put(self._process.stdout.readline()), daemon=True).start()
        for seconds in range(0, ANSWER_SECONDS, PROGRESS_SECONDS):
            since = f" ({seconds} s; the first start compiles its FPGA)" if seconds else ""
            progress(f"waiting for the virtual Red Pitaya{since}")
            try:
                line = lines.get(timeout=PROGRESS_SECONDS)
            except queue.Empty:
                continue
            if line:
                return line
            raise self._failed(f"ended with exit code {self._process.wait()}")
        raise self._failed(f"did not answer within {ANSWER_SECONDS} s")

    def _failed(self, how: str) -> DaemonFailed:
        return DaemonFailed(
            f"board {self._name!r}: its virtual Red Pitaya {how}",
            f"the log {settings.log_path(self._name)} says why; "
            'it needs pip install "pymodaq_plugins_pyrpl[virtual]" where the daemon runs',
        )
