"""The process of a virtual board that a daemon starts. It ends with the daemon, even if that is killed."""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from ... import settings
from ...errors import DaemonFailed

log = logging.getLogger(__name__)

COMMAND = [
    *(sys.executable, "-m", "pyrpl_remote", "virtual-board", "--json", "--exit-with-stdin"),
    *("--ssh-port", "0", "--monitor-port", "0"),
]
"""The command that starts a virtual board on free ports."""

OWN_GROUP: dict[str, Any]
"""Ctrl-C in a terminal reaches all of its processes: the board must not end before PyRPL leaves it."""
if sys.platform == "win32":
    OWN_GROUP = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    OWN_GROUP = {"start_new_session": True}

ANSWER_SECONDS = 300.0
"""How long a virtual board may take to start: the first start compiles its FPGA, which can take minutes."""

PROGRESS_SECONDS = 5.0
"""How often progress is reported while the daemon waits for the board."""

END_SECONDS = 5.0
"""How long a virtual board may take to end by itself."""


class VirtualBoardProcess:
    """A virtual board in a separate process.

    The process ends when its stdin is closed. The operating system closes it when this process ends or is
    killed.
    """

    def __init__(self, name: str):
        """Start the process; `name` is the board's name, for error messages."""
        self._name = name
        self._process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **OWN_GROUP
        )

    def parameters(self, progress: Callable[[str], None]) -> dict[str, Any]:
        """Wait until the board is ready; returns the parameters with which PyRPL connects to it.

        `progress(text)` is called every PROGRESS_SECONDS. Raises DaemonFailed.
        """
        ports = json.loads(self._first_line(progress))
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

    def _first_line(self, progress: Callable[[str], None]) -> str:
        """The line that the board prints when it is ready.

        Raises DaemonFailed if it ends or does not print one.
        """
        assert self._process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        read_line = self._process.stdout.readline
        threading.Thread(target=lambda: lines.put(read_line()), daemon=True).start()
        begin = time.monotonic()
        while (waited := time.monotonic() - begin) < ANSWER_SECONDS:
            duration = f" ({waited:.0f} s; the first start compiles its FPGA)" if waited >= 1 else ""
            progress(f"waiting for the virtual Red Pitaya{duration}")
            try:
                line = lines.get(timeout=PROGRESS_SECONDS)
            except queue.Empty:
                continue
            if line:
                return line
            self.end()
            raise self._failed(f"ended with exit code {self._process.returncode}")
        raise self._failed(f"did not answer within {ANSWER_SECONDS:g} s")

    def _failed(self, how: str) -> DaemonFailed:
        return DaemonFailed(
            f"board {self._name!r}: its virtual Red Pitaya {how}",
            f"the log {settings.log_path(self._name)} says why; "
            'it needs pip install "pymodaq_plugins_pyrpl[virtual]" where the daemon runs',
        )
