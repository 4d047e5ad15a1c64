"""Everything that takes part in a campaign: the virtual board, the boards' daemons, the working clients."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from pyrpl_remote import connect, discover, errors, status
from pyrpl_remote.board_status import BoardStatus

from ..boards import RunningBoard, running_board
from ..daemons import has_ended
from ..environment import FOLDER, free_port
from ..processes import our_processes, wait_until
from .clients import WorkingClient
from .disks import Disk

BOARD = "bench"
"""The board of a process of its own, whose faults the campaign causes."""

OWNED = "owned"
"""The virtual board that its daemon has started."""

WORKERS = ("SetpointWriter", "FrequencyWriter", "CurveTaker", "Follower", "Asynchronous", "Plugin")
"""The clients of BOARD."""

REPAIR_SECONDS = 60.0
"""How long a person tries to repair something."""


class Arena:
    """The board, its daemons and its clients. `user` and `state` are the disks of their folders.

    `pause`: of the clients between two pieces of work, in s.
    """

    def __init__(self, pause: float = 0.0) -> None:
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="campaign-", dir=FOLDER))
        self.user = self._stack.enter_context(Disk(self.folder / "user"))
        self.state = self._stack.enter_context(Disk(self.folder / "state"))
        os.environ["PYRPL_USER_DIR"] = str(self.user.folder)
        os.environ["PYRPL_REMOTE_DIR"] = str(self.state.folder)
        self._ports = [str(free_port()), str(free_port())]
        self._board_stack = ExitStack()
        self.power_on()
        where: dict[str, Any] = {"hostname": self.board.host, "sshport": self.board.ssh_port}
        self.where: dict[str, Any] = {**where, "port": self.board.monitor_port, "delay": 0.01}
        self.clients: list[WorkingClient] = []
        for kind, name, parameters in (
            *((worker, BOARD, self.where) for worker in WORKERS),
            ("OwnedWriter", OWNED, {"hostname": "virtual"}),
        ):
            client = WorkingClient(kind, name, parameters, self.folder, pause)
            client.start()
            self.clients.append(client)
        try:
            for client in self.clients:
                client.wait_ready()
        except BaseException:
            self.leftovers()
            raise

    board: RunningBoard
    killed = 0
    """The process that was killed last."""

    def power_on(self) -> None:
        """Start the board's process, on the same ports as before."""
        options = ("--ssh-port", self._ports[0], "--monitor-port", self._ports[1])
        self.board = self._board_stack.enter_context(running_board(*options))

    def power_off(self) -> None:
        """Kill the board's process."""
        self.board.process.kill()
        self.board.process.wait()
        self._board_stack.close()

    def status(self, board: str = BOARD) -> BoardStatus | str:
        """The board's status, or the name of the error that asking for it raises."""
        try:
            return status(board)
        except errors.PyrplRemoteError as error:
            return type(error).__name__

    def pid(self, board: str = BOARD) -> int:
        """The process of the board's daemon, once it serves."""
        found = wait_until(
            lambda: None if isinstance(now := self.status(board), str) else now, 60.0, f"{board} served"
        )
        return int(found.daemon.pid)

    def daemons(self) -> list[psutil.Process]:
        """The daemons that run."""
        return self._running("pyrpl_remote.daemon")

    def name_servers(self) -> list[psutil.Process]:
        """The name servers that run."""
        return self._running("pyrpl_remote.names.server")

    def owned_board(self) -> psutil.Process:
        """The process of the virtual board that the daemon of OWNED has started."""
        daemon = psutil.Process(self.pid(OWNED))
        return wait_until(
            lambda: next(
                (one for one in daemon.children() if "virtual-board" in one.cmdline() and not has_ended(one)),
                None,
            ),
            what="the owned board",
        )

    def repair(self, work: Callable[[Any], object]) -> None:
        """Do `work(p)` with a session of BOARD, as a person who tries until it succeeds."""
        deadline = time.monotonic() + REPAIR_SECONDS
        while True:
            try:
                with connect(BOARD, **self.where) as p:
                    work(p)
                return
            except errors.PyrplRemoteError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def client(self, kind: str) -> WorkingClient:
        """The client of that kind."""
        return next(one for one in self.clients if one.kind == kind)

    def leftovers(self) -> list[str]:
        """End everything, and return what is left over."""
        for client in self.clients:
            client.end()
        left: list[str] = []
        board = {self.board.process.pid}

        def others() -> list[psutil.Process]:
            return [one for one in our_processes() if one.pid not in board]

        deadline = time.monotonic() + 20
        while others() and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in others():
            with contextlib.suppress(psutil.Error):
                left.append(f"process {process.pid}: {' '.join(process.cmdline())}")
                process.kill()
        left += [f"name {entry.name}" for entry in discover()]
        with contextlib.suppress(OSError):
            left += [f"connection of {client}" for client in self.board.control.status()["clients"]]
        left += self._files()
        self._board_stack.close()
        self._stack.close()
        return left

    def _files(self) -> list[str]:
        """Files of ours that nobody removes, and locks that somebody holds."""
        found = [path for disk in (self.user, self.state) for path in disk.folder.rglob("*")]
        kept = (".log", ".log.1", ".lock", ".yml", ".yml.bak", "secret")
        left = [
            f"file {path}"
            for path in found
            if path.is_file() and not path.name.endswith(kept) and path.parent.name != "lockbox"
        ]
        return left + [f"lock {path}" for path in _held_locks()]

    def _running(self, module: str) -> list[psutil.Process]:
        found = []
        for process in our_processes():
            with contextlib.suppress(psutil.Error):
                if module in process.cmdline() and not has_ended(process):
                    found.append(process)
        return found


def _held_locks() -> list[Path]:
    """The lock files that some process holds."""
    if os.name == "nt":
        return []
    import fcntl

    held = []
    for folder in ("PYRPL_REMOTE_LOCKS", "PYRPL_REMOTE_DIR"):
        for path in Path(os.environ[folder]).glob("*.lock"):
            with open(path) as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    held.append(path)
    return held


def suspend(pid: int) -> None:
    """Freeze a process."""
    os.kill(pid, signal.SIGSTOP)


def resume(pid: int) -> None:
    """Let it go on, if it has not ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
