"""Two users of one machine, each with own folders, share a board's daemon, or are told who has the board."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

import psutil
import pytest

from ...daemons import has_ended
from ...environment import free_port
from ...processes import python_command, reports, wait_until

CONNECT = """
    from pyrpl_remote import connect, errors
    try:
        p = connect("shared", hostname={host!r}, sshport={ssh}, port={monitor}, delay=0.01, grace=1)
    except errors.PyrplRemoteError as error:
        report(refused=type(error).__name__, message=str(error))
    else:
        report(pid=p.status().daemon.pid, setpoint=p.rp.pid0.setpoint)
        input()
"""


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

    def run(self, lines: str) -> subprocess.Popen:
        """Start a process of this user that runs `lines`."""
        become = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"]
        # the Python of the tests may be in root's folder, which these users may not read otherwise
        may_read = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        return subprocess.Popen(
            ["setpriv", *become, *may_read, *python_command(lines)],
            cwd="/",
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def users():
    """A function that returns two users; its arguments are the ports of their name servers."""
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
    for name_server in running(folder, "pyrpl_remote.names.server"):
        name_server.terminate()  # that of a refused daemon waits a minute for its first name
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


def connected(board, users: list[User]) -> list[dict]:
    """Let all users connect at the same moment; returns what each reported."""
    lines = CONNECT.format(host=board.host, ssh=board.ssh_port, monitor=board.monitor_port)
    processes = [user.run(lines) for user in users]
    first_lines = [process.stdout.readline() for process in processes]
    ends = [process.communicate("\n", timeout=60) for process in processes]
    assert all(first_lines), ends
    return [reports(line) for line in first_lines]


def test_with_one_name_server_they_share_one_daemon(board, users):
    first, second = connected(board, users(*[free_port()] * 2))
    assert first == second
    assert first["pid"]


def test_with_two_name_servers_the_second_is_told_who_has_the_board_and_how_to_reach_it(board, users):
    ports = free_port(), free_port()
    found = connected(board, made := users(*ports))
    (served,) = (number for number in (0, 1) if "pid" in found[number])
    refused = found[1 - served]
    assert refused["refused"] == "BoardNameTaken"
    for part in (
        f"(localhost:{ports[served]}), by pid {found[served]['pid']} of user user{made[served].uid}",
        f"PYRO_NS_PORT={ports[served]}, and connect('shared')",
    ):
        assert part in refused["message"]


def test_the_file_of_a_lock_that_one_user_made_can_be_locked_by_the_other(users):
    first, second = users(9191, 9192)
    lines = """
        from pyrpl_remote.daemon.life.claim import Claim
        claim = Claim("mine")
        claim.take("10.0.0.1:22")
        report(holder=str(claim._claims["10.0.0.1:22"].holder()))
    """
    for user in (first, second, first):
        process = user.run(lines)
        output, error = process.communicate(timeout=60)
        assert reports(output) == {"holder": f"pid {process.pid} of user user{user.uid}"}, error
