"""The shell's commands for files, which print what those of Linux print."""

from __future__ import annotations

import time

from .files import normalise
from .terminal import Machine

ARMHF_LINKER = b"/lib/ld-linux-armhf.so.3"
"""The dynamic linker of programs for Red Pitaya OS 3."""


class FileCommands:
    """One shell's working directory, and the commands for files; each takes its arguments."""

    def __init__(self, machine: Machine):
        self._machine = machine
        self._cwd = "/root"

    def cat(self, arguments: list[str]) -> str:
        """Carry out `cat PATH ...`."""
        output = ""
        for path in arguments:
            try:
                output += self._machine.files.read(normalise(path, self._cwd)).data.decode("utf-8", "replace")
            except OSError as error:
                output += f"cat: {path}: {error.strerror}\n"
        return output

    def ls(self, arguments: list[str]) -> str:
        """Carry out `ls [PATH ...]`, a name a line."""
        output = ""
        for path in [argument for argument in arguments if not argument.startswith("-")] or [self._cwd]:
            try:
                output += "".join(
                    f"{name}\n" for name in self._machine.files.list(normalise(path, self._cwd))
                )
            except OSError as error:
                output += f"ls: cannot access '{path}': {error.strerror}\n"
        return output

    def mkdir(self, arguments: list[str]) -> str:
        """Carry out `mkdir PATH ...`."""
        for path in arguments:
            if not path.startswith("-"):
                self._machine.files.make_dir(normalise(path, self._cwd))
        return ""

    def cd(self, arguments: list[str]) -> str:
        """Carry out `cd [PATH]`."""
        path = normalise(arguments[0] if arguments else "/root", self._cwd)
        if not self._machine.files.is_dir(path):
            return f"-bash: cd: {arguments[0]}: No such file or directory\n"
        self._cwd = path
        return ""

    def rm(self, arguments: list[str]) -> str:
        """Carry out `rm [-f] PATH ...`."""
        output = ""
        for path in [argument for argument in arguments if not argument.startswith("-")]:
            try:
                self._machine.files.remove(normalise(path, self._cwd))
            except OSError as error:
                if "-f" not in arguments:
                    output += f"rm: cannot remove '{path}': {error.strerror}\n"
        return output

    def mv(self, arguments: list[str]) -> str:
        """Carry out `mv SOURCE ... TARGET`."""
        *sources, target = [normalise(one, self._cwd) for one in arguments if not one.startswith("-")]
        files = self._machine.files
        for source in sources:
            try:
                files.write(target, files.read(source).data)
                files.remove(source)
            except OSError as error:
                return f"mv: cannot stat '{source}': {error.strerror}\n"
        return ""

    def chmod(self, arguments: list[str]) -> str:
        """Carry out `chmod MODE PATH ...`, without effect."""
        output = ""
        for path in arguments[1:]:
            try:
                self._machine.files.list(normalise(path, self._cwd))
            except OSError as error:
                output += f"chmod: cannot access '{path}': {error.strerror}\n"
        return output

    def readelf(self, arguments: list[str]) -> str:
        """Carry out `readelf -l PATH`: the dynamic linker of a program."""
        path = arguments[-1] if arguments else ""
        try:
            binary = self._machine.files.read(normalise(path, self._cwd)).data
        except OSError as error:
            return f"readelf: Error: '{path}': {error.strerror}\n"
        linker = ARMHF_LINKER if ARMHF_LINKER in binary else b"/lib/ld-linux.so.3"
        return f"      [Requesting program interpreter: {linker.decode()}]\n"

    def age(self, path: str) -> str:
        """The age of a file in seconds, as a line."""
        try:
            file = self._machine.files.read(normalise(path, self._cwd))
        except OSError as error:
            return f"date: '{path}': {error.strerror}\n"
        return f"{int(time.time() - file.changed)}\n"

    def date(self, arguments: list[str]) -> str:
        """Carry out `date [+%s [-r PATH]]`."""
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
