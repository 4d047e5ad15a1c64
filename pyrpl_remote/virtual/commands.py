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
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar

from .file_commands import ARMHF_LINKER, FileCommands
from .files import normalise
from .terminal import Console, Machine

MAC_FILE = "/sys/class/net/eth0/address"
"""The file with the MAC address of the board's Ethernet port, on every Red Pitaya OS."""

_AGE = re.compile(r'echo \$\(\(\$\(date \+%s\) - \$\(date \+%s -r "(?P<path>[^"]+)"\)\)\)')
"""The command with which PyRPL asks for a file's age in seconds."""

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
"""The value of a variable of the shell."""

_REDIRECTION = re.compile(r"(?P<command>.*?)\s*(?<!\d)>\s*(?P<target>\S+)\s*")
"""A command whose output goes to a file."""


class CommandLine(FileCommands):
    """One shell: carries out its lines, one after the other."""

    def __init__(
        self, machine: Machine, console: Console, variables: Mapping[str, str] = MappingProxyType({})
    ):
        super().__init__(machine)
        self._variables = variables
        self._console = console

    @property
    def prompt(self) -> str:
        """What the shell prints before it reads a line."""
        where = "~" if self._cwd == "/root" else self._cwd
        return f"root@rp-virtual:{where}# "

    def run(self, line: str) -> str:
        r"""Carry out one line and return what it prints, lines ended by `\n`."""
        if age := _AGE.fullmatch(line.strip()):
            return self.age(age["path"])
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

    def _ip(self, arguments: list[str]) -> str:
        address = self.cat([MAC_FILE]).strip()
        return (
            "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
            f"    link/ether {address} brd ff:ff:ff:ff:ff:ff\n"
        )

    def _silent(self, arguments: list[str]) -> str:
        return ""

    _COMMANDS: ClassVar[dict[str, Callable[[CommandLine, list[str]], str]]] = {
        "cat": FileCommands.cat,
        "cd": FileCommands.cd,
        "chmod": FileCommands.chmod,
        "date": FileCommands.date,
        "dmesg": _silent,
        "echo": _echo,
        "ifconfig": _silent,
        "ip": _ip,
        "killall": _killall,
        "led_control": _silent,
        "ls": FileCommands.ls,
        "mkdir": FileCommands.mkdir,
        "monitor": _monitor,
        "mv": FileCommands.mv,
        "nginx": _silent,
        "overlay.sh": _overlay,
        "pidof": _pidof,
        "readelf": FileCommands.readelf,
        "reboot": lambda self, arguments: self._shutdown(["-r"]),
        "rm": FileCommands.rm,
        "ro": _silent,
        "rw": _silent,
        "shutdown": _shutdown,
        "systemctl": _silent,
    }


def _grep(output: str, pipe: str) -> str:
    """The lines of `output` that contain the pattern of the command `pipe`, such as `grep ether`."""
    pattern = pipe.split(maxsplit=1)[1].strip("'\" ") if len(pipe.split()) > 1 else ""
    return "".join(line for line in output.splitlines(keepends=True) if pattern in line)
