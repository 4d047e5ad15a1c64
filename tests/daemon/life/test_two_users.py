"""Two users of one machine: the board of one is closed to the other until it is shared."""

import contextlib
import sys

import pytest

from ...environment import free_port
from ...processes import reports
from ...users import User, other_users

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


@pytest.fixture
def users():
    """A function that returns two users; its arguments are the ports of their name servers."""
    with other_users() as make:
        yield make


def connected(board, users: list[User]) -> list[dict]:
    """Let all users connect at the same moment; returns what each reported."""
    lines = CONNECT.format(host=board.host, ssh=board.ssh_port, monitor=board.monitor_port)
    processes = [user.run(lines) for user in users]
    first_lines = [process.stdout.readline() for process in processes]
    ends = [process.communicate("\n", timeout=60) for process in processes]
    assert all(first_lines), ends
    return [reports(line) for line in first_lines]


def test_the_second_user_is_refused_by_name_until_the_board_is_shared_and_again_after_that(board, users):
    made = users(*[free_port()] * 2)
    found = connected(board, made)
    (served,) = (number for number in (0, 1) if "pid" in found[number])
    owner, other = made[served], made[1 - served]
    refused = found[1 - served]
    assert refused["refused"] == "AccessDenied"
    for part in (
        "board 'shared'",
        f"user uid {other.uid} may not use it: it belongs to user uid {owner.uid}",
        f"`pyrpl-remote share shared --user {other.uid}`",
    ):
        assert part in refused["message"]
    lines = CONNECT.format(host=board.host, ssh=board.ssh_port, monitor=board.monitor_port)
    with closing_input(owner.run(lines)) as first:
        pid = (again := reports(first.stdout.readline())).get("pid")
        assert pid, again
        assert "as operator" in owner.pyrpl_remote("share", "shared", "--user", str(other.uid))
        assert f"uid {other.uid}" in owner.pyrpl_remote("shared")
        second = other.run(lines)
        output, error = second.communicate("\n", timeout=60)
        assert (shared := reports(output)).get("pid") == pid, (shared, error)
        assert f"belongs to user uid {owner.uid}, who shares it with you" in error
        stop = other.start(sys.executable, "-m", "pyrpl_remote", "stop", "shared")
        assert "may not use 'stop': its role is operator" in stop.communicate(timeout=60)[1]
        assert "no longer shared" in owner.pyrpl_remote("unshare", "shared", "--user", str(other.uid))
        third = other.run(lines)
        assert reports(third.communicate("\n", timeout=60)[0])["refused"] == "AccessDenied"


@contextlib.contextmanager
def closing_input(process):
    """The process ends with the block."""
    try:
        yield process
    finally:
        process.communicate("\n", timeout=60)


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
