"""The machine that a virtual Red Pitaya is: FPGA, clock, files, programs, the gateware that is loaded.

`board` runs one as a process; the shell's commands and the control channel act on it.
"""

import asyncio
import importlib
import logging
import socket
from dataclasses import dataclass
from typing import Any

import numpy as np

from .clock import Clock
from .commands import ARMHF_LINKER, Console
from .files import FileTree
from .monitor import LinkFaults, MonitorServer, reserve
from .shell import Shell

logger = logging.getLogger(__name__)

#: the part of the address space that the FPGA answers
_FPGA_FIRST, _FPGA_LAST = 0x40000000, 0x40800000
PYRPL_GATEWARE = "pyrpl"
STOCK_GATEWARE = "v0.94"


@dataclass(frozen=True)
class BoardOptions:
    """How a board is started.

    Ports of 0 are picked. `gateware` is what is loaded at power-up: "pyrpl", as on a board that PyRPL was used on, or
    any other name, which makes PyRPL load its own when it starts. `control` opens the control channel.
    `latency` is the time in seconds that a register access takes at least; by default that of a board on a network;
    `write_latency` the same for a write, where the link is slower in that direction.
    `pace` is the share of the wall clock's pace at which the FPGA's time goes on while nothing is acquired.
    """

    host: str = "127.0.0.1"
    ssh_port: int = 2022
    monitor_port: int = 2222
    password: str = "root"
    plant: str = "loopback"
    seed: int = 0
    os_version: str = "2.07"
    gateware: str = PYRPL_GATEWARE
    control: bool = False
    latency: float = 3e-4
    write_latency: float | None = None
    pace: float = 1.0


class Board:
    """One virtual Red Pitaya. To be made, started and stopped in an event loop."""

    def __init__(self, options: BoardOptions):
        self.host = options.host
        self._options = options
        self.password = options.password
        self.os_version = options.os_version
        self.faults = LinkFaults(latency=options.latency, write_latency=options.write_latency)
        self.finished = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._built = asyncio.Event()
        self.clock = Clock(
            lambda: _make_fpga(options),
            lambda: self._loop.call_soon_threadsafe(self._built.set),
            options.pace,
        )
        self._programs: dict[MonitorServer, str] = {}
        self._reserved: dict[int, socket.socket] = {}
        self._shell = Shell(self, lambda: self.password)
        self._rebooting: asyncio.Task | None = None
        self.ssh_port = self.monitor_port = 0
        self._power_up()

    async def start(self) -> None:
        """Answer SSH once the FPGA works. OSError if a port is taken, RuntimeError if the FPGA cannot be built."""
        await self._built.wait()
        self.clock.wait_ready()
        sock = reserve(self.host, self._options.monitor_port)
        self.monitor_port = sock.getsockname()[1]
        self._reserved[self.monitor_port] = sock
        self.ssh_port = await self._shell.start(self.host, self._options.ssh_port)

    async def stop(self) -> None:
        if self._rebooting is not None:
            self._rebooting.cancel()
        await self._shell.stop()
        self._kill_all()
        for sock in self._reserved.values():
            sock.close()
        self._reserved.clear()
        await asyncio.to_thread(self.clock.close)

    # what the registers answer ----------------------------------------------------------------------------------------

    def read(self, address: int, count: int) -> np.ndarray:
        """Registers as the loaded gateware has them: PyRPL's, or nothing but zeros with any other."""
        words = np.zeros(count, np.uint32)
        mapped = self._mapped(address, count)
        if mapped > 0:
            words[:mapped] = self.clock.read(address, mapped)
        return words

    def write(self, address: int, words: np.ndarray) -> None:
        mapped = self._mapped(address, len(words))
        if mapped > 0:
            self.clock.write(address, words[:mapped])

    def _mapped(self, address: int, count: int) -> int:
        """How many of the words are the gateware's."""
        if self.gateware != PYRPL_GATEWARE or address % 4 or not _FPGA_FIRST <= address < _FPGA_LAST:
            return 0
        return min(count, (_FPGA_LAST - address) // 4)

    # what the shell's commands do -------------------------------------------------------------------------------------

    def load_gateware(self, path: str) -> None:
        """Configure the FPGA: every register and memory starts anew. Any file counts as PyRPL's image."""
        logger.info("gateware loaded from %s", path)
        self.note_gateware(PYRPL_GATEWARE)
        self.clock.call(lambda fpga: fpga.reset())

    def start_program(self, program: str, port: int, console: Console) -> None:
        """Run a monitor server on a port, held by a terminal. OSError if the port is taken."""
        listener = self._reserved.pop(port, None) or reserve(self.host, port)

        def exited(printed: str) -> None:
            self._loop.call_soon_threadsafe(lambda: self._program_exited(server))
            console.program_exited(printed)

        server = MonitorServer(listener, self, self.faults, exited)
        self._programs[server] = program
        console.program_started(server)

    def kill_program(self, program: str) -> bool:
        """End all programs of that name; False if there is none.

        Their clients see a TCP reset, as when a process is killed with a request in its socket: after a close in good
        order PyRPL's next read would never return.
        """
        servers = [server for server, name in self._programs.items() if name == program]
        for server in servers:
            self._end(server, reset=True)
        return bool(servers)

    def reboot(self) -> None:
        """As `go_down`, from within a session that ends by it."""
        self._rebooting = self._loop.create_task(self.go_down())

    def power_off(self) -> None:
        """End the board."""
        self.finished.set()

    # what the control channel does ------------------------------------------------------------------------------------

    async def go_down(self, away: float = 5.0) -> None:
        """Reboot: lose programs, connections and the gateware; SSH answers again `away` seconds after this returns."""
        await self._shell.stop()
        self._kill_all(reset=True)
        self._rebooting = self._loop.create_task(self._come_up(away))

    def status(self) -> dict[str, Any]:
        """For `BoardControl.status`."""
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
        """Put another plant between outputs and inputs. ValueError or TypeError for what `plants` does not know."""
        made = _make_plant(plant, parameters)
        self.clock.call(lambda fpga: setattr(fpga, "plant", made))

    def set_plant_parameters(self, parameters: dict[str, float]) -> None:
        """Change parameters of the plant that is there, which keeps its state. AttributeError for an unknown one."""

        def change(fpga: Any) -> None:
            for name, value in parameters.items():
                setattr(fpga.plant, name, value)
            fpga.plant = fpga.plant  # a changed delay changes how the FPGA's loop is arranged

        self.clock.call(change)

    def set_os_version(self, version: str) -> None:
        self.os_version = version
        self.files.write("/root/.version", f"Red Pitaya GNU/Linux Ecosystem version {version}\n".encode())

    def note_gateware(self, gateware: str) -> None:
        self.gateware = gateware
        self.files.write("/tmp/loaded_fpga.inf", f"{gateware} /opt/{gateware}/fpga.bin\n".encode())

    # the machine itself -----------------------------------------------------------------------------------------------

    async def _come_up(self, away: float) -> None:
        await asyncio.sleep(away)
        self._power_up()
        self.note_gateware(STOCK_GATEWARE)
        await self._shell.start(self.host, self.ssh_port)

    def _power_up(self) -> None:
        self.files = FileTree()
        for directory in ("/root", "/tmp", "/opt/pyrpl", "/opt/redpitaya/bin", "/opt/redpitaya/sbin"):
            self.files.make_dir(directory)
        self.files.write("/opt/pyrpl/monitor_server", b"\x7fELF" + ARMHF_LINKER)
        self.set_os_version(self.os_version)
        self.note_gateware(self._options.gateware)

    def _kill_all(self, reset: bool = False) -> None:
        for server in list(self._programs):
            self._end(server, reset)

    def _end(self, server: MonitorServer, reset: bool = False) -> None:
        server.kill(reset)
        self._program_exited(server)

    def _program_exited(self, server: MonitorServer) -> None:
        if self._programs.pop(server, None) is None or server.port != self.monitor_port:
            return
        if all(other.port != server.port for other in self._programs):
            try:
                self._reserved[server.port] = reserve(self.host, server.port)
            except OSError as error:
                logger.warning("port %d was taken by somebody else: %s", server.port, error)


def _make_fpga(options: BoardOptions) -> Any:
    from .fpga import Fpga  # here and not above: numba takes a second to import, while SSH gets ready

    fpga = Fpga(plant=_make_plant(options.plant, {}), seed=options.seed)
    fpga.advance(1)  # compiles the kernel, or loads it from numba's cache
    return fpga


def _make_plant(name: str, parameters: dict[str, float]) -> Any:
    """A plant by the name of its class in lower case, or a user's own class by `module:Class`.

    ValueError, ImportError or AttributeError for an unknown name, TypeError for a parameter that it does not have.
    """
    from . import plants

    if ":" in name:
        module, _, kind = name.partition(":")
        return getattr(importlib.import_module(module), kind)(**parameters)
    known = {
        kind.__name__.lower(): kind for kind in plants.Plant.__subclasses__() if kind is not plants.OwnPlant
    }
    if name not in known:
        raise ValueError(f"there is no plant {name!r}, but {', '.join(sorted(known))}")
    return known[name](**parameters)
