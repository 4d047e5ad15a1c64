"""The virtual Red Pitaya as a whole: FPGA, clock, files, programs and the gateware that is loaded.

board.py runs it as a process; the shell's commands and the control channel change it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import posixpath
import socket
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from . import proc_files
from .building import make_fpga, make_plant
from .clock import Clock
from .commands import MAC_FILE
from .file_commands import ARMHF_LINKER
from .files import FileTree
from .monitor import LinkFaults, MonitorServer, reserve
from .options import PYRPL_GATEWARE, BoardOptions
from .shell import Shell
from .terminal import Console

log = logging.getLogger(__name__)

_FPGA_FIRST, _FPGA_LAST = 0x40000000, 0x40800000
"""The first address of the FPGA, and the first one after it."""

STOCK_GATEWARE = "v0.94"
"""The Red Pitaya's own gateware, which a reboot loads."""

CONFIGURATION_SECONDS = 0.1
"""How long it takes to configure the FPGA: about 2 MB are written to it through /dev/xdevcfg."""


class Board:
    """One virtual Red Pitaya. It must be made, started and stopped in one event loop.

    Attributes: `host`, `ssh_port`, `monitor_port` (0 before `start`), `password`, `os_version`, `gateware`,
    `files`, `faults`, `clock`, `finished` (an event that is set when the board is to end).
    """

    def __init__(self, options: BoardOptions, compiling: Callable[[int, int], object] = lambda *counts: None):
        """`compiling(compiled, functions)` is called in another thread while the FPGA's model is compiled."""
        self.host = options.host
        self._options = options
        self.password = options.password
        self.os_version = options.os_version
        self.faults = LinkFaults(latency=options.latency, write_latency=options.write_latency)
        self.finished = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._built = asyncio.Event()
        self.clock = Clock(
            lambda: make_fpga(options, compiling),
            lambda: self._loop.call_soon_threadsafe(self._built.set),
            options.pace,
        )
        self._programs: dict[MonitorServer, str] = {}
        self._pids = itertools.count(1000)
        self._pid_of: dict[MonitorServer, int] = {}
        self._reserved: dict[int, socket.socket] = {}
        self._shell = Shell(self, lambda: self.password)
        self._rebooting: asyncio.Task | None = None
        self.ssh_port = self.monitor_port = 0
        # of the range for addresses that are not assigned by a maker; each board has its own
        self._mac_address = ":".join(f"{byte:02x}" for byte in b"\x02" + os.urandom(5))
        self._power_up()

    async def start(self) -> None:
        """Open SSH when the FPGA is built.

        OSError if a port is taken, RuntimeError if the FPGA failed to build.
        """
        await self._built.wait()
        self.clock.wait_ready()
        sock = reserve(self.host, self._options.monitor_port)
        self.monitor_port = sock.getsockname()[1]
        self._reserved[self.monitor_port] = sock
        self.ssh_port = await self._shell.start(self.host, self._options.ssh_port)

    async def stop(self) -> None:
        """End connections, programs and the clock, and free the ports."""
        if self._rebooting is not None:
            self._rebooting.cancel()
        await self._shell.stop()
        self._kill_all()
        for sock in self._reserved.values():
            sock.close()
        self._reserved.clear()
        await asyncio.to_thread(self.clock.close)

    @property
    def deaf(self) -> bool:
        """Whether the board does not notice that a client's connection ends."""
        return self.faults.deaf

    # registers, for the monitor server

    def read(self, address: int, count: int) -> np.ndarray:
        """Read `count` words, uint32 (count,), from a byte address on; 0 with any gateware but PyRPL's."""
        self._await_configuration()
        words = np.zeros(count, np.uint32)
        mapped = self._mapped(address, count)
        if mapped > 0:
            words[:mapped] = self.clock.read(address, mapped)
        return words

    def write(self, address: int, words: np.ndarray) -> None:
        """Write words (uint32) from a byte address on; without effect with any gateware but PyRPL's."""
        self._await_configuration()
        mapped = self._mapped(address, len(words))
        if mapped > 0:
            self.clock.write(address, words[:mapped])

    def _mapped(self, address: int, count: int) -> int:
        """How many of the words are registers of PyRPL's gateware."""
        if self.gateware != PYRPL_GATEWARE or address % 4 or not _FPGA_FIRST <= address < _FPGA_LAST:
            return 0
        return min(count, (_FPGA_LAST - address) // 4)

    def _await_configuration(self) -> None:
        """Wait while the FPGA is being configured: an access does not end before."""
        missing = self._configured - time.monotonic()
        if missing > 0:
            time.sleep(missing)

    # for the shell's commands

    def load_gateware(self, path: str) -> None:
        """Configure the FPGA, which resets registers and memories; any file is taken for PyRPL's image."""
        log.info("gateware loaded from %s", path)
        self.note_gateware(PYRPL_GATEWARE)
        self.clock.call(lambda fpga: fpga.reset())

    def start_program(self, program: str, port: int, console: Console) -> None:
        """Run a monitor server on a port, in the foreground of a terminal. OSError if the port is taken."""
        listener = self._reserved.pop(port, None) or reserve(self.host, port)

        def exited(printed: str) -> None:
            self._loop.call_soon_threadsafe(lambda: self._program_exited(server))
            console.program_exited(printed)

        server = MonitorServer(listener, self, self.faults, exited)
        self._programs[server] = program
        self._show_process(server)
        console.program_started(server)

    def kill_program(self, program: str) -> bool:
        """End all programs of that name; False if there is none.

        Their clients get a TCP reset, as from a process that is killed before it has read a request: after a
        normal close PyRPL's next read would never return.
        """
        servers = [server for server, name in self._programs.items() if name == program]
        for server in servers:
            self._end(server, reset=True)
        return bool(servers)

    def pids(self, program: str) -> list[int]:
        """The process numbers of all programs of that name."""
        return [self._pid_of[server] for server, name in self._programs.items() if name == program]

    def reboot(self) -> None:
        """As `go_down`, called from an SSH connection, which it ends."""
        self._rebooting = self._loop.create_task(self.go_down())

    def power_off(self) -> None:
        """End the board."""
        self.finished.set()

    # for the control channel

    async def go_down(self, away: float = 5.0) -> None:
        """Reboot: ends programs and connections, loses the gateware; SSH is off for `away` seconds."""
        await self._shell.stop()
        self._kill_all(reset=True)
        self._rebooting = self._loop.create_task(self._come_up(away))

    def status(self) -> dict[str, Any]:
        """The state of the board, see `BoardControl.status`."""
        return {
            "gateware": self.gateware,
            "os_version": self.os_version,
            "ssh": self._shell.listening,
            "programs": [{"name": name, "port": server.port} for server, name in self._programs.items()],
            "clients": [server.peer for server in self._programs if server.peer is not None],
        }

    def drop_clients(self, reset: bool) -> None:
        """End the monitor servers that serve a client."""
        for server in [server for server in self._programs if server.peer is not None]:
            self._end(server, reset)

    def set_plant(self, plant: str, parameters: dict[str, float]) -> None:
        """Replace the plant between outputs and inputs; arguments and errors are those of `make_plant`."""
        made = make_plant(plant, parameters)
        self.clock.call(lambda fpga: setattr(fpga, "plant", made))

    def set_plant_parameters(self, parameters: dict[str, float]) -> None:
        """Change parameters of the plant; its state is kept. If one is refused, none is changed.

        Raises as Plant.require does.
        """

        def change(fpga: Any) -> None:
            for name, value in parameters.items():
                fpga.plant.require(name, value)
            for name, value in parameters.items():
                setattr(fpga.plant, name, value)
            # makes the FPGA determine the order of its blocks again, which depends on the delay
            fpga.plant = fpga.plant

        self.clock.call(change)

    def set_os_version(self, version: str) -> None:
        """Change the version of the system, and the file that contains it."""
        self.os_version = version
        self.files.write("/root/.version", f"Red Pitaya GNU/Linux Ecosystem version {version}\n".encode())

    def note_gateware(self, gateware: str) -> None:
        """Change the name of the loaded gateware, and the file that contains it."""
        self.gateware = gateware
        self._configured = time.monotonic() + CONFIGURATION_SECONDS
        self.files.write("/tmp/loaded_fpga.inf", f"{gateware} /opt/{gateware}/fpga.bin\n".encode())

    # files that the kernel computes

    def _uptime(self) -> str:
        return proc_files.uptime(time.monotonic() - self._booted)

    def _connections(self) -> str:
        peers = [(server.port, server.peer) for server in self._programs if server.peer]
        return proc_files.connections(socket.gethostbyname(self.host), peers)

    def _show_process(self, server: MonitorServer) -> None:
        """Make the files that Linux computes for a process: its arguments, and its state since its start."""
        pid = self._pid_of[server] = next(self._pids)
        program = self._programs[server]
        arguments = f"/opt/pyrpl//{program}\0{server.port}\0"
        state = proc_files.state(pid, program, time.monotonic() - self._booted)
        self._computed[f"/proc/{pid}/cmdline"] = lambda: arguments
        self._computed[f"/proc/{pid}/stat"] = lambda: state

    # power, programs and ports

    async def _come_up(self, away: float) -> None:
        await asyncio.sleep(away)
        self._power_up()
        self.note_gateware(STOCK_GATEWARE)
        await self._shell.start(self.host, self.ssh_port)

    def _power_up(self) -> None:
        self._computed = {"/proc/net/tcp": self._connections, "/proc/uptime": self._uptime}
        self.files = FileTree(self._computed)
        self._booted = time.monotonic()
        for directory in ("/root", "/tmp", "/opt/pyrpl", "/opt/redpitaya/bin", "/opt/redpitaya/sbin"):
            self.files.make_dir(directory)
        self.files.make_dir(posixpath.dirname(MAC_FILE))
        self.files.write("/opt/pyrpl/monitor_server", b"\x7fELF" + ARMHF_LINKER)
        self.files.write(MAC_FILE, f"{self._mac_address}\n".encode())
        self.set_os_version(self.os_version)
        self.note_gateware(self._options.gateware)

    def _kill_all(self, reset: bool = False) -> None:
        for server in list(self._programs):
            self._end(server, reset)

    def _end(self, server: MonitorServer, reset: bool = False) -> None:
        server.kill(reset)
        self._program_exited(server)

    def _program_exited(self, server: MonitorServer) -> None:
        """Forget a server that has ended, and reserve the monitor port for the next one."""
        known = self._programs.pop(server, None) is not None
        if known:
            pid = self._pid_of.pop(server)
            for name in ("cmdline", "stat"):
                self._computed.pop(f"/proc/{pid}/{name}", None)  # a reboot has removed all
        if not known or server.port != self.monitor_port:
            return
        if all(other.port != server.port for other in self._programs):
            try:
                self._reserved[server.port] = reserve(self.host, server.port)
            except OSError as error:
                log.warning("another process has taken port %d: %s", server.port, error)
