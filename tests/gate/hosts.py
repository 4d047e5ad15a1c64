"""Two hosts of a laboratory: network namespaces of this machine, joined by a pair of virtual network cards.

Each has its own state folder, PyRPL folder and name server, as another machine would. They need root on
Linux.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from pyrpl_remote.transport.lan import gate_connection
from tests.environment import free_port
from tests.processes import python_command, reports, wait_until

from .commands import run_command

REASON = "network namespaces need root on Linux, and the command `ip`"


def can_make_namespaces() -> bool:
    """Whether this process may make network namespaces."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"pyrpl-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode == 0
    if made:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=True)
    return made


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"


@dataclass
class Host:
    """One host: its namespace, its folder, its network card and address."""

    name: str
    namespace: str
    folder: Path
    card: str
    address: str
    processes: list[subprocess.Popen] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of its processes."""
        return {
            **os.environ,
            "PYRPL_REMOTE_DIR": str(self.folder / "state"),
            "PYRPL_REMOTE_LOCKS": str(self.folder / "locks"),
            "PYRPL_REMOTE_LAB": str(self.folder / "lab.toml"),
            "PYRPL_USER_DIR": str(self.folder / "pyrpl"),
            **self.variables,
        }

    def prefix(self) -> list[str]:
        """The command that runs another one on this host."""
        return ["ip", "netns", "exec", self.namespace] if self.namespace else []

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run `pyrpl-remote` with these arguments."""
        done = run_command(self.prefix(), self.environment, arguments)
        assert not check or done.returncode == 0, f"{arguments}: {done.stderr}{done.stdout}"
        return done

    def python(self, lines: str, timeout: float = 60.0) -> dict:
        """Run lines of Python; returns what they `report`."""
        command = [*self.prefix(), *python_command(lines)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return {**reports(done.stdout), "log": done.stderr}

    def start_python(self, lines: str) -> subprocess.Popen:
        """Begin to run lines of Python, whose standard input and output are pipes."""
        process = subprocess.Popen(
            [*self.prefix(), *python_command(lines)],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        self.processes.append(process)
        return process

    def client(self) -> Client:
        """A Python process on this host that does what it is asked to."""
        return Client(self.start_python(_SERVE_LINES))

    def another_user(self, name: str) -> Host:
        """Another user of this host, with folders of its own."""
        folder = self.folder.with_name(name)
        folder.mkdir()
        return dataclasses.replace(self, name=name, folder=folder, processes=self.processes)

    def configure(self, board: str, hostname: str = "_FAKE_", sshport: int = 22) -> None:
        """Write the configuration file of a board."""
        folder = self.folder / "pyrpl" / "config"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{board}.yml").write_text(
            f"redpitaya:\n  hostname: {hostname}\n  sshport: {sshport}\n  gui: false\n"
        )

    def log(self, name: str = "gate") -> str:
        """The text of a log."""
        path = self.folder / "state" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def pids(self) -> list[int]:
        """The processes that run on this host."""
        done = subprocess.run(["ip", "netns", "pids", self.namespace], capture_output=True, text=True)
        return [int(word) for word in done.stdout.split()]

    def kill(self) -> None:
        """End all its processes, as a power failure does."""
        for pid in self.pids():
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        wait_until(lambda: not self.pids(), what="the end of all processes")
        for process in self.processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()
        self.processes.clear()

    def cable(self, plugged: bool) -> None:
        """Plug its network cable in, or out."""
        _ip("-n", self.namespace, "link", "set", self.card, "up" if plugged else "down")

    def move(self, address: str) -> None:
        """Give it another address."""
        _ip("-n", self.namespace, "addr", "flush", "dev", self.card)
        _ip("-n", self.namespace, "addr", "add", f"{address}/24", "broadcast", "+", "dev", self.card)
        self.address = address


_SERVE_LINES = """
import sys, time
from pyrpl_remote import connect, discover, errors, status, stop
names = dict(globals())
for line in sys.stdin:
    line = json.loads(line)
    try:
        try:
            code = compile(line, "asked", "eval")
        except SyntaxError:
            exec(line, names)
            answer = {"value": None}
        else:
            answer = {"value": eval(code, names)}
    except Exception as error:
        answer = {"error": type(error).__name__, "text": str(error)}
    # one write: warnings come in the same pipe
    print("answer: " + json.dumps(answer, default=str) + "\\n", end="", flush=True)
"""


@dataclass
class Client:
    """A Python process on a host; it has imported `connect`, `discover`, `status`, `stop` and `errors`."""

    process: subprocess.Popen
    output: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Let it run a line without waiting for the end; `answer` returns what came of it."""
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict:
        """What came of the last line: its value, or the class and the text of an error."""
        for line in self.process.stdout:
            self.output.append(line)
            if line.startswith("answer: "):
                return json.loads(line.removeprefix("answer: "))
        raise AssertionError("the process has ended")

    def ask(self, line: str) -> Any:
        """Let it run a line; returns the value, if it is an expression. Fails if it raises."""
        self.tell(line)
        answer = self.answer()
        assert "error" not in answer, answer
        return answer["value"]

    def error(self, line: str) -> tuple[str, str]:
        """Let it run a line that raises; returns the name of the error's class, and its text."""
        self.tell(line)
        answer = self.answer()
        assert "error" in answer, answer
        return answer["error"], answer["text"]

    def end(self) -> None:
        """End it."""
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@contextlib.contextmanager
def two_hosts(folder: Path) -> Iterator[tuple[Host, Host]]:
    """Two hosts with a cable between them, daq2 and laptop; all that runs there ends with the block."""
    if not can_make_namespaces():
        pytest.skip(REASON)
    tag = f"{os.getpid() % 100_000}"
    hosts = [
        Host(name, f"pyrpl-{name}-{tag}", folder / name, f"py{short}{tag}", f"10.77.0.{number}")
        for name, short, number in (("daq2", "a", 2), ("laptop", "b", 3))
    ]
    try:
        for host in hosts:
            host.folder.mkdir(parents=True)
            _ip("netns", "add", host.namespace)
            _ip("-n", host.namespace, "link", "set", "lo", "up")
        one, other = hosts
        _ip(
            "-n",
            one.namespace,
            "link",
            "add",
            one.card,
            "type",
            "veth",
            "peer",
            "name",
            other.card,
            "netns",
            other.namespace,
        )
        for host in hosts:
            host.move(host.address)
            host.cable(True)
        yield one, other
    finally:
        for host in hosts:
            host.kill()
            subprocess.run(["ip", "netns", "del", host.namespace], capture_output=True)


def one_machine(name: str, folder: Path) -> Host:
    """A host on the loopback of this machine, which needs no root: folders and a name server of its own."""
    folder.mkdir(parents=True)
    return Host(name, "", folder, "", "127.0.0.1", variables={"PYRO_NS_PORT": str(free_port())})


def pair(host: Host, guest: Host, role: str = "operator") -> None:
    """Share `host`, and let `guest` join it."""
    guest.run("join", invitation(host, role), "--name", guest.name)


def invitation(host: Host, role: str = "operator") -> str:
    """A new invitation to a host, whose gate is started if it does not run."""
    where = [] if host.namespace else ["--port", "0", "--address", "127.0.0.1"]
    made = host.run("share", "--role", role, "--name", host.name, "--json", *where)
    return json.loads(made.stdout)["invitation"]


@contextlib.contextmanager
def as_user_of(host: Host) -> Iterator[None]:
    """Within the block, this process is a program of `host`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in host.environment.items():
            patch.setenv(name, value)
        gate_connection._contexts.clear()
        yield
    gate_connection._contexts.clear()


def await_logged(host: Host, words: str) -> None:
    """Wait for a line with `words` in the gate's log of a host."""
    wait_until(lambda: words in host.log(), what=f"a line with {words!r} in the gate's log")
