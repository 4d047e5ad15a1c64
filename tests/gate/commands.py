"""Runs `pyrpl-remote` again and again: each time in a fork of a process that has imported it.

Each command is a process of its own, with an environment and a working folder as if it had been started
alone. Only its imports, which take most of its time, are made once.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from tests.processes import python_command

_SERVE = """
import os, sys
from pyrpl_remote.cli import app, main  # app: imports all commands

for line in sys.stdin:
    arguments, folder, output, errors = json.loads(line)
    child = os.fork()
    if not child:
        for number, file in enumerate((os.devnull, output, errors)):
            os.dup2(os.open(file, os.O_RDWR), number)
        os.chdir(folder)
        sys.argv = ["pyrpl-remote", *arguments]
        main()
        sys.exit()
    report(code=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


class CommandServer:
    """The process of which the commands of one environment are forks. `prefix`: a command that runs it."""

    def __init__(self, prefix: list[str], environment: dict[str, str]):
        self.environment = environment
        self._process = subprocess.Popen(
            [*prefix, *python_command(_SERVE)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def runs(self) -> bool:
        """Whether it is there."""
        return self._process.poll() is None

    def run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """Run `pyrpl-remote` with these arguments."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            output, errors = Path(folder, "output"), Path(folder, "errors")
            for file in (output, errors):
                file.touch()
            asked = json.dumps([arguments, os.getcwd(), str(output), str(errors)])
            print(asked, file=self._process.stdin, flush=True)
            reply = self._process.stdout.readline()
            assert reply, f"the process that runs commands has ended: {arguments}"
            code = json.loads(reply.removeprefix("report: "))["code"]
            return subprocess.CompletedProcess(arguments, code, output.read_text(), errors.read_text())

    def end(self) -> None:
        """End it."""
        self._process.communicate()


_servers: dict[str, CommandServer] = {}


def run_command(
    prefix: list[str], environment: dict[str, str], arguments: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    """Run `pyrpl-remote` with these arguments; `end_servers` ends what remains for the next command."""
    key = environment["PYRPL_REMOTE_DIR"]
    server = _servers.get(key)
    if server is None or not server.runs or server.environment != environment:
        if server is not None:
            server.end()
        server = _servers[key] = CommandServer(prefix, environment)
    return server.run(arguments)


def end_servers() -> None:
    """End all processes that run commands."""
    for server in _servers.values():
        server.end()
    _servers.clear()
