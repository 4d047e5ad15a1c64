"""The commands of the board's shell: those that PyRPL sends, answered as the Red Pitaya's Linux does.

`shell` owns the terminal and calls `run` with one line. PyRPL looks for these texts in the output: a dotted
number in `/root/.version`, `pyrpl` in `/tmp/loaded_fpga.inf`, neither `failed` nor `cannot stat` from
`overlay.sh`, `No such file or directory` for a missing file, and `sh` (of `-bash: ...`) for a program that
cannot be run.
"""

from __future__ import annotations

import posixpath
import re
import shlex
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, Protocol

import numpy as np

from .files import FileTree, normalise

ARMHF_LINKER = b"/lib/ld-linux-armhf.so.3"
"""The dynamic linker of programs for Red Pitaya OS 3."""

MAC_FILE = "/sys/class/net/eth0/address"
"""The file with the MAC address of the board's Ethernet port, on every Red Pitaya OS."""

_AGE = re.compile(r'echo \$\(\(\$\(date \+%s\) - \$\(date \+%s -r "(?P<path>[^"]+)"\)\)\)')
"""The command with which PyRPL asks for a file's age in seconds."""

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
"""The value of a variable of the shell."""

_REDIRECTION = re.compile(r"(?P<command>.*?)\s*(?<!\d)>\s*(?P<target>\S+)\s*")
"""A command whose output goes to a file."""


class Machine(Protocol):
    """What the commands need of the board."""

    files: FileTree
    os_version: str

    @property
    def deaf(self) -> bool:
        """Whether the board does not notice that a client's connection ends."""

    def read(self, address: int, count: int) -> np.ndarray:
        """Read `count` registers, uint32 (count,), from a byte address on."""

    def load_gateware(self, path: str) -> None:
        """Configure the FPGA with the image at `path`."""

    def start_program(self, program: str, port: int, console: Console) -> None:
        """Run a monitor server on a port, in the foreground of a terminal. OSError if the port is taken."""

    def kill_program(self, program: str) -> bool:
        """End all programs of that name; False if there is none."""

    def pids(self, program: str) -> list[int]:
        """The process numbers of all programs of that name."""

    def reboot(self) -> None:
        """Restart the board."""

    def power_off(self) -> None:
        """End the board."""


class Console(Protocol):
    """The terminal a program runs on."""

    def program_started(self, program: Program) -> None:
        """Note that `program` is in the foreground."""

    def program_exited(self, printed: str) -> None:
        """Note that the program has ended and has printed `printed`; called from the program's thread."""


class Program(Protocol):
    """A program that is in the foreground of a terminal until it ends."""

    def kill(self) -> None:
        """End it from outside."""


class CommandLine:
    """One shell's working directory and the commands in it."""

    def __init__(
        self, machine: Machine, console: Console, variables: Mapping[str, str] = MappingProxyType({})
    ):
        self._variables = variables
        self._machine = machine
        self._console = console
        self._cwd = "/root"

    @property
    def prompt(self) -> str:
        """What the shell prints before it reads a line."""
        where = "~" if self._cwd == "/root" else self._cwd
        return f"root@rp-virtual:{where}# "

    def run(self, line: str) -> str:
        r"""Carry out one line and return what it prints, lines ended by `\n`."""
        if age := _AGE.fullmatch(line.strip()):
            return self._age(age["path"])
        line = _VARIABLE.sub(lambda name: self._variables.get(name[1], ""), line)
        line, _, pipe = line.replace("2>&1", "").partition("|")
        target = None
        if redirection := _REDIRECTION.fullmatch(line):
            line, target = redirection["command"], redirection["target"]
        try:
            words = shlex.split(line)
        except ValueError as error:
            return f"-bash: syntax error: {error}\n"
        if not words:
            return ""
        name, *arguments = words
        if target is not None:
            return self._redirect(name, arguments, normalise(target, self._cwd))
        output = self._dispatch(name, arguments)
        return _grep(output, pipe) if pipe.strip().startswith("grep") else output

    def _dispatch(self, name: str, arguments: list[str]) -> str:
        command = self._COMMANDS.get(posixpath.basename(name))
        if "/" in name and command not in (CommandLine._overlay, CommandLine._silent, CommandLine._monitor):
            return self._execute(name, arguments)
        if command is None:
            return f"-bash: {name}: command not found\n"
        return command(self, arguments)

    # commands that run programs

    def _execute(self, path: str, arguments: list[str]) -> str:
        """Run an uploaded program; any file is taken for the monitor server, the only program there is."""
        try:
            binary = self._machine.files.read(normalise(path, self._cwd))
        except OSError as error:
            return f"-bash: {path}: {error.strerror}\n"
        if self._machine.os_version.startswith("3.") and ARMHF_LINKER not in binary.data:
            return f"-bash: {path}: No such file or directory\n"  # bash's message about a missing linker
        if not arguments or not arguments[0].isdigit() or not 0 < int(arguments[0]) < 65536:
            return "ERROR, no port provided\n"
        try:
            self._machine.start_program(posixpath.basename(path), int(arguments[0]), self._console)
        except OSError as error:
            return f"ERROR on binding: {error.strerror}\n"
        return ""

    def _killall(self, arguments: list[str]) -> str:
        known_services = {"nginx"}
        missing = [
            name for name in arguments if name not in known_services and not self._machine.kill_program(name)
        ]
        return "".join(f"{name}: no process found\n" for name in missing)

    def _pidof(self, arguments: list[str]) -> str:
        pids = [str(pid) for name in arguments for pid in self._machine.pids(name)]
        return " ".join(pids) + "\n" if pids else ""

    def _overlay(self, arguments: list[str]) -> str:
        """Carry out `overlay.sh NAME BIN [DTBO]`: configures the FPGA and applies the device tree."""
        uploads = [normalise(path, self._cwd) for path in arguments[1:]]
        files = self._machine.files
        for path in uploads:
            try:
                files.read(path)
            except OSError as error:
                return f"cp: cannot stat '{path}': {error.strerror}\n"
        if not uploads:
            return "overlay failed: no image given\n"
        self._machine.load_gateware(uploads[0])
        files.write(
            "/tmp/update_fpga.txt", b"Time taken to load BIN is 212.000000 Milli Seconds\nBIN FILE loaded\n"
        )
        return ""

    def _shutdown(self, arguments: list[str]) -> str:
        if "-r" in arguments:
            self._machine.reboot()
        else:
            self._machine.power_off()
        return ""

    def _monitor(self, arguments: list[str]) -> str:
        """Carry out Red Pitaya's own `monitor ADDRESS`, which reads a register."""
        if len(arguments) != 1:
            return "monitor: this board only reads, one address\n"
        try:
            address = int(arguments[0], 0)
        except ValueError:
            address = 0
        # the real program ignores an address of 0, and what is no number
        return f"0x{int(self._machine.read(address, 1)[0]):08x}\n" if address else ""

    # commands for files

    def _cat(self, arguments: list[str]) -> str:
        output = ""
        for path in arguments:
            try:
                output += self._machine.files.read(normalise(path, self._cwd)).data.decode("utf-8", "replace")
            except OSError as error:
                output += f"cat: {path}: {error.strerror}\n"
        return output

    def _ls(self, arguments: list[str]) -> str:
        output = ""
        for path in [argument for argument in arguments if not argument.startswith("-")] or [self._cwd]:
            try:
                output += "".join(
                    f"{name}\n" for name in self._machine.files.list(normalise(path, self._cwd))
                )
            except OSError as error:
                output += f"ls: cannot access '{path}': {error.strerror}\n"
        return output

    def _mkdir(self, arguments: list[str]) -> str:
        for path in arguments:
            if not path.startswith("-"):
                self._machine.files.make_dir(normalise(path, self._cwd))
        return ""

    def _cd(self, arguments: list[str]) -> str:
        path = normalise(arguments[0] if arguments else "/root", self._cwd)
        if not self._machine.files.is_dir(path):
            return f"-bash: cd: {arguments[0]}: No such file or directory\n"
        self._cwd = path
        return ""

    def _rm(self, arguments: list[str]) -> str:
        output = ""
        for path in [argument for argument in arguments if not argument.startswith("-")]:
            try:
                self._machine.files.remove(normalise(path, self._cwd))
            except OSError as error:
                if "-f" not in arguments:
                    output += f"rm: cannot remove '{path}': {error.strerror}\n"
        return output

    def _mv(self, arguments: list[str]) -> str:
        *sources, target = [normalise(one, self._cwd) for one in arguments if not one.startswith("-")]
        files = self._machine.files
        for source in sources:
            try:
                files.write(target, files.read(source).data)
                files.remove(source)
            except OSError as error:
                return f"mv: cannot stat '{source}': {error.strerror}\n"
        return ""

    def _chmod(self, arguments: list[str]) -> str:
        output = ""
        for path in arguments[1:]:
            try:
                self._machine.files.list(normalise(path, self._cwd))
            except OSError as error:
                output += f"chmod: cannot access '{path}': {error.strerror}\n"
        return output

    def _readelf(self, arguments: list[str]) -> str:
        path = arguments[-1] if arguments else ""
        try:
            binary = self._machine.files.read(normalise(path, self._cwd)).data
        except OSError as error:
            return f"readelf: Error: '{path}': {error.strerror}\n"
        linker = ARMHF_LINKER if ARMHF_LINKER in binary else b"/lib/ld-linux.so.3"
        return f"      [Requesting program interpreter: {linker.decode()}]\n"

    def _age(self, path: str) -> str:
        try:
            file = self._machine.files.read(normalise(path, self._cwd))
        except OSError as error:
            return f"date: '{path}': {error.strerror}\n"
        return f"{int(time.time() - file.changed)}\n"

    def _redirect(self, name: str, arguments: list[str], target: str) -> str:
        """Carry out `COMMAND > TARGET`, with which PyRPL loads gateware on old systems and switches LEDs."""
        if target == "/dev/xdevcfg":
            if self._machine.os_version.startswith(("2.", "3.")):
                return f"-bash: {target}: No such device\n"
            image = normalise(arguments[0], self._cwd) if name == "cat" and arguments else ""
            try:
                self._machine.files.read(image)
            except OSError as error:
                return f"cat: {image}: {error.strerror}\n"
            self._machine.load_gateware(image)
            return ""
        if target.startswith("/sys/"):
            return ""
        try:
            self._machine.files.write(target, self._dispatch(name, arguments).encode())
        except OSError as error:
            return f"-bash: {target}: {error.strerror}\n"
        return ""

    # other commands

    def _echo(self, arguments: list[str]) -> str:
        return " ".join(arguments) + "\n"

    def _date(self, arguments: list[str]) -> str:
        if arguments[:2] == ["+%s", "-r"] and len(arguments) == 3:
            try:
                return f"{int(self._machine.files.read(normalise(arguments[2], self._cwd)).changed)}\n"
            except OSError as error:
                return f"date: {arguments[2]}: {error.strerror}\n"
        now = time.time()
        return (
            f"{int(now)}\n"
            if arguments == ["+%s"]
            else time.strftime("%a %b %d %H:%M:%S UTC %Y\n", time.gmtime(now))
        )

    def _ip(self, arguments: list[str]) -> str:
        address = self._cat([MAC_FILE]).strip()
        return (
            "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
            f"    link/ether {address} brd ff:ff:ff:ff:ff:ff\n"
        )

    def _silent(self, arguments: list[str]) -> str:
        return ""

    _COMMANDS: ClassVar[dict[str, Callable[[CommandLine, list[str]], str]]] = {
        "cat": _cat,
        "cd": _cd,
        "chmod": _chmod,
        "date": _date,
        "dmesg": _silent,
        "echo": _echo,
        "ifconfig": _silent,
        "ip": _ip,
        "killall": _killall,
        "led_control": _silent,
        "ls": _ls,
        "mkdir": _mkdir,
        "monitor": _monitor,
        "mv": _mv,
        "nginx": _silent,
        "overlay.sh": _overlay,
        "pidof": _pidof,
        "readelf": _readelf,
        "reboot": lambda self, arguments: self._shutdown(["-r"]),
        "rm": _rm,
        "ro": _silent,
        "rw": _silent,
        "shutdown": _shutdown,
        "systemctl": _silent,
    }


def _grep(output: str, pipe: str) -> str:
    """The lines of `output` that contain the pattern of the command `pipe`, such as `grep ether`."""
    pattern = pipe.split(maxsplit=1)[1].strip("'\" ") if len(pipe.split()) > 1 else ""
    return "".join(line for line in output.splitlines(keepends=True) if pattern in line)
