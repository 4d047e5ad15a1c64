"""The SSH server of the virtual board, which `machine` starts: password login, a shell, receiving files.

It has only the functions that clients of a Red Pitaya use: an interactive shell (with a terminal's echo, ^C
and a prompt after every command), `exec` of one command, and `scp -t PATH`, which receives files. The
commands are in `commands`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import posixpath
import shlex
from collections.abc import Callable, Mapping

import asyncssh

from .commands import CommandLine
from .files import CAPACITY, normalise
from .terminal import Machine, Program

_LINE_LIMIT = 4096
"""The longest line of a terminal, in bytes; further input is dropped."""

log = logging.getLogger(__name__)


class Terminal:
    """A shell's terminal: echoes input and runs its lines, each after the previous one has ended.

    `write` sends output to the client; `variables` are those of the shell.
    """

    def __init__(self, machine: Machine, write: Callable[[bytes], None], variables: Mapping[str, str]):
        self._write = write
        self._loop = asyncio.get_running_loop()
        self._typed = bytearray()
        self._waiting: list[str] = []
        self._program: Program | None = None
        self._commands = CommandLine(machine, self, variables)
        self._print(self._commands.prompt)

    def type(self, data: bytes) -> None:
        """Process input of the client."""
        for byte in data.replace(b"\r\n", b"\n"):
            if byte == 0x03:
                self._interrupt()
            elif byte in b"\r\n":
                self._print("\n")
                self._waiting.append(self._typed.decode("utf-8", "replace"))
                self._typed.clear()
                self._run_lines()
            elif byte in b"\x08\x7f":
                del self._typed[-1:]
            elif len(self._typed) < _LINE_LIMIT:
                self._typed.append(byte)
                self._write(bytes([byte]))

    def hang_up(self) -> None:
        """End the program in the foreground, because the client's connection has ended."""
        self._write = lambda data: None
        if self._program is not None:
            self._program.kill()

    def program_started(self, program: Program) -> None:
        """Note the program in the foreground: the next lines wait for its end."""
        self._program = program

    def program_exited(self, printed: str) -> None:
        """Show the program's output, and continue with the next line; called from the program's thread."""
        self._loop.call_soon_threadsafe(self._exited, printed)

    def _exited(self, printed: str) -> None:
        self._program = None
        self._print(printed + self._commands.prompt)
        self._run_lines()

    def _interrupt(self) -> None:
        self._print("^C\n")
        self._typed.clear()
        self._waiting.clear()
        if self._program is not None:
            self._program.kill()
        else:
            self._print(self._commands.prompt)

    def _run_lines(self) -> None:
        while self._waiting and self._program is None:
            self._print(self._commands.run(self._waiting.pop(0)))
            if self._program is None:
                self._print(self._commands.prompt)
        del self._waiting[_LINE_LIMIT:]

    def _print(self, text: str) -> None:
        self._write(text.replace("\n", "\r\n").encode())


class Shell:
    """The board's SSH server. `password()` returns the password of the user root."""

    def __init__(self, machine: Machine, password: Callable[[], str]):
        self._machine = machine
        self._password = password
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (0 picks a free one). OSError if it is taken."""
        self._acceptor = await asyncssh.listen(
            host,
            port,
            server_factory=lambda: _Login(self._password, self._connections),
            server_host_keys=[self._key],
            process_factory=self._serve,
            encoding=None,
            line_editor=False,
            reuse_address=os.name == "posix",  # on Windows it would let two boards share a port
            login_timeout=20,
        )
        return self._acceptor.get_port()

    @property
    def listening(self) -> bool:
        """Whether the server accepts connections."""
        return self._acceptor is not None

    async def stop(self) -> None:
        """Stop listening and end every connection."""
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.close()
        for connection in list(self._connections):
            connection.abort()
        if acceptor is not None:
            # last: since Python 3.12 it waits for the end of the connections too
            await acceptor.wait_closed()

    async def _serve(self, process: asyncssh.SSHServerProcess) -> None:
        try:
            if process.command is None:
                await self._interactive(process)
                process.exit(0)
            elif process.command.startswith("scp "):
                process.exit(await self._receive_file(process))
            else:
                commands = CommandLine(self._machine, _NoTerminal(), _variables(process))
                process.stdout.write(commands.run(process.command).encode())
                process.exit(0)
        except (asyncssh.Error, OSError, EOFError) as error:
            log.info("session ended: %s", error)
            process.exit(1)

    async def _interactive(self, process: asyncssh.SSHServerProcess) -> None:
        def write(data: bytes) -> None:
            if not process.is_closing():
                process.stdout.write(data)

        terminal = Terminal(self._machine, write, _variables(process))
        try:
            while True:
                try:
                    data = await process.stdin.read(_LINE_LIMIT)
                except (asyncssh.TerminalSizeChanged, asyncssh.BreakReceived, asyncssh.SignalReceived):
                    continue
                if not data:
                    return
                terminal.type(data)
                await process.stdout.drain()
        finally:
            if not self._machine.deaf:
                terminal.hang_up()

    async def _receive_file(self, process: asyncssh.SSHServerProcess) -> int:
        """Serve `scp -t PATH`; returns the exit code.

        The client sends a header `Cmode size name`, the bytes and a zero; each is answered by a zero.
        """
        arguments = shlex.split(process.command)[1:]
        target = normalise(arguments[-1], "/root")
        if "-t" not in arguments[:-1]:
            process.stderr.write(b"scp: only files can be sent to this board\n")
            return 1
        files = self._machine.files
        process.stdout.write(b"\0")
        while (header := await process.stdin.readline()) != b"":
            fields = header.decode("utf-8", "replace").rstrip("\n").split(" ", 2)
            if header.startswith(b"T"):
                process.stdout.write(b"\0")
                continue
            if (
                not header.startswith(b"C")
                or len(fields) != 3
                or not fields[1].isdigit()
                or int(fields[1]) > CAPACITY
            ):
                process.stdout.write(b"\x02scp: not a file that this board takes\n")
                return 1
            process.stdout.write(b"\0")
            content = await process.stdin.readexactly(int(fields[1]))
            await process.stdin.readexactly(1)
            try:
                files.write(posixpath.join(target, fields[2]) if files.is_dir(target) else target, content)
            except OSError as error:
                process.stdout.write(f"\x01scp: {target}: {error.strerror}\n".encode())
                return 1
            process.stdout.write(b"\0")
        return 0


def _variables(process: asyncssh.SSHServerProcess) -> dict[str, str]:
    """The variables that sshd sets: who is connected, as client's address and port, own address and port."""
    ends = [process.get_extra_info(end) for end in ("peername", "sockname")]
    return {"SSH_CONNECTION": " ".join(f"{end[0]} {end[1]}" for end in ends)}


class _NoTerminal:
    """A terminal that shows nothing, for a program started by `exec`."""

    def program_started(self, program: Program) -> None:
        pass

    def program_exited(self, printed: str) -> None:
        pass


class _Login(asyncssh.SSHServer):
    """Accepts the user root with the board's password."""

    def __init__(self, password: Callable[[], str], connections: set[asyncssh.SSHServerConnection]):
        self._password = password
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == "root" and password == self._password()
