"""Other users of this machine, for tests: each has an uid without an account, and folders of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

import psutil
import pytest

from .daemons import has_ended
from .processes import python_command, wait_until


class User:
    """A user with an uid that has no account, and folders of its own."""

    def __init__(self, uid: int, folder: str, **environment: str):
        self.uid = uid
        home = os.path.join(folder, str(uid))
        os.mkdir(home)
        os.chown(home, uid, uid)
        os.chmod(home, 0o700)
        names = dict.fromkeys(["USER", "LOGNAME", "USERNAME", "LNAME"], f"user{uid}")
        self.environment = {
            **os.environ,
            **names,
            "HOME": home,
            "PYRPL_USER_DIR": home,
            "PYRPL_REMOTE_DIR": os.path.join(home, "state"),
            "PYRPL_REMOTE_LOCKS": os.path.join(folder, "locks"),
            **environment,
        }

    def start(self, *command: str) -> subprocess.Popen:
        """Start a process of this user."""
        become = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"]
        # the Python of the tests may be in root's folder, which these users may not read otherwise
        may_read = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        return subprocess.Popen(
            ["setpriv", *become, *may_read, *command],
            cwd="/",
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, lines: str) -> subprocess.Popen:
        """Start a process of this user that runs `lines`."""
        return self.start(*python_command(lines))

    def pyrpl_remote(self, *arguments: str) -> str:
        """What the command `pyrpl-remote` prints for this user."""
        process = self.start(sys.executable, "-m", "pyrpl_remote", *arguments)
        output, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
        return output


@contextlib.contextmanager
def other_users() -> Iterator[Callable[..., list[User]]]:
    """A function that returns users; its arguments are the ports of their name servers."""
    if os.name == "nt" or os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root may start processes of other users, with Linux's setpriv")
    folder = tempfile.mkdtemp(prefix="pyrpl-remote-users-")
    os.mkdir(os.path.join(folder, "locks"))
    for shared in (folder, os.path.join(folder, "locks")):
        os.chmod(shared, 0o1777)

    def make(*ports: int) -> list[User]:
        made = [User(12001 + number, folder, PYRO_NS_PORT=str(port)) for number, port in enumerate(ports)]
        _, error = (probe := made[0].run("import pyrpl_remote.daemon.service, pyrpl")).communicate()
        if probe.returncode != 0:
            pytest.skip(f"{sys.executable} cannot be used by other users here: {error[-200:]}")
        return made

    yield make
    wait_until(lambda: not running(folder, "pyrpl_remote.daemon"), what="the end of the users' daemons")
    wait_until(lambda: not running(folder), what="the end of all their processes")
    shutil.rmtree(folder, ignore_errors=True)


def running(folder: str, module: str = "") -> list[psutil.Process]:
    """The processes of these users that run `module`, or any; some outlive those that the test started."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.environ().get("PYRPL_REMOTE_LOCKS", "").startswith(folder)
            if ours and (not module or module in process.cmdline()):
                found.append(process)
    return [process for process in found if not has_ended(process)]
