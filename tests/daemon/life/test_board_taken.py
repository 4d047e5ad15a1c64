"""A board that another program uses is left to it, and taken only where a user asks for it."""

import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

from pyrpl_remote import connect, discover, errors
from pyrpl_remote.board_status import LinkStatus

from ...daemons import has_ended
from ...processes import wait_for_line, wait_until


@pytest.fixture
def where(board, monkeypatch):
    """The arguments that lead to a board that no program uses."""
    monkeypatch.setenv("PYRPL_REMOTE_GRACE", "0.1")
    wait_until(lambda: not discover(), what="the end of the daemon of the test before")
    yield {"hostname": board.host, "sshport": board.ssh_port, "port": board.monitor_port, "delay": 0.01}
    board.control.deaf(False)
    board.control.load_gateware("pyrpl")
    board.control.drop()


@pytest.fixture
def away(board, where):
    """A session with the board, which another program then takes."""
    with connect("away", **where) as p:
        p.rp.pid0.setpoint = 0.25
        board.control.second_client()
        wait_until(lambda: p.status().link.state == "taken", what="the notice")
        yield p


def clients(board) -> list[str]:
    return board.control.status()["clients"]


def serve(where: dict, *options: str) -> subprocess.Popen:
    words = [f"--{name}={where[name]}" for name in ("hostname", "sshport", "port")]
    return subprocess.Popen(
        [sys.executable, "-m", "pyrpl_remote", "serve", "other", *words, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_board_that_another_program_uses_is_left_to_it_and_that_one_is_named(board, where):
    board.control.second_client()
    (client,) = wait_until(lambda: clients(board))
    begin = time.time()
    with pytest.raises(
        errors.BoardTaken, match=r"board 'other': a program at 127\.0\.0\.1 uses it"
    ) as caught:
        connect("other", **where)
    assert clients(board) == [client]
    assert discover() == []
    since = re.search(r"since (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", str(caught.value))
    assert since is not None
    assert abs(time.mktime(time.strptime(since[1], "%Y-%m-%d %H:%M:%S")) - begin) < 60
    # the other program is the virtual board itself, on this machine
    assert f"pid {board.process.pid} of " in str(caught.value)
    assert "connect('other', take_over=True)" in caught.value.remedy
    with serve(where) as refused:
        _, error = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert "a program at 127.0.0.1 uses it" in error and "--take-over" in error
    assert clients(board) == [client]


def test_it_is_taken_over_where_that_is_asked_for(board, where):
    board.control.second_client()
    (client,) = wait_until(lambda: clients(board))
    steps = []
    with connect("other", **where, take_over=True, progress=steps.append) as p:
        p.rp.pid0.setpoint = 0.375
        assert p.rp.pid0.setpoint == 0.375
        assert client not in clients(board)
    assert any(step.startswith("taking over the board: a program at 127.0.0.1") for step in steps)
    wait_until(lambda: not discover(), what="the end of the daemon")
    board.control.second_client()
    with serve(where, "--take-over") as served:
        wait_for_line(served, "is served at")
        served.send_signal(signal.SIGINT)
        assert served.wait(30) == 0


def test_a_board_that_was_taken_away_is_taken_back_when_a_client_asks(board, away):
    (other,) = clients(board)
    with pytest.raises(errors.BoardLinkLost, match=r"p\.take_over\(\) takes it now"):
        away.rp.pid0.setpoint
    away.take_over()
    link = away.status().link
    assert (link.state, link.reason) == ("up", "another program used it: it may have changed settings")
    assert away.rp.pid0.setpoint == 0.25
    assert other not in clients(board)
    away.take_over()  # there is nothing to do
    # the next program is left alone again
    board.control.second_client()
    wait_until(lambda: away.status().link.state == "taken", what="the notice")
    (next_one,) = clients(board)
    time.sleep(3)  # longer than the pause between two attempts
    assert clients(board) == [next_one]
    assert away.status().link.state == "taken"


def test_connect_takes_it_back_where_a_daemon_has_lost_it(board, where, away):
    with connect("away", **where, take_over=True) as p:
        assert p.status().daemon.pid == away.status().daemon.pid
        assert p.rp.pid0.setpoint == 0.25


@pytest.mark.skipif(os.name == "nt", reason="a process is killed by a POSIX signal")
@pytest.mark.parametrize("noticed", [True, False])
def test_the_connection_of_a_daemon_that_was_killed_locks_nobody_out(board, where, noticed):
    board.control.deaf(not noticed)
    with connect("away", **where) as p:
        p.rp.pid0.setpoint = 0.25
        (own,) = clients(board)
        daemon = psutil.Process(p.status().daemon.pid)
        daemon.kill()
        wait_until(lambda: has_ended(daemon))
    if not noticed:
        assert clients(board) == [own]
    with connect("away", **where) as again:
        assert again.status().daemon.pid != daemon.pid
        assert again.rp.pid0.setpoint is not None
        assert own not in clients(board)


def test_the_gateware_is_restored_when_a_client_asks_or_by_itself_where_the_daemon_was_started_so(
    board, where, launch_board
):
    other = launch_board()
    there = {"hostname": other.host, "sshport": other.ssh_port, "port": other.monitor_port, "delay": 0.01}
    with connect("away", **where) as p, connect("restoring", **there, gateware="restore") as q:
        p.rp.pid0.setpoint, q.rp.pid0.setpoint = 0.25, 0.375
        states: list[LinkStatus] = []
        q.on_link(states.append)
        for one in (board, other):
            one.control.load_gateware("v0.94")
        wait_until(lambda: p.status().link.state == "other gateware", what="the notice")
        with pytest.raises(errors.BoardLinkLost, match=r"p\.restore_gateware\(\)"):
            p.rp.pid0.setpoint
        # asked for something else: said, and nothing is done
        with pytest.raises(errors.BoardLinkLost, match=r"p\.restore_gateware\(\) ends that"):
            p.take_over()
        p.restore_gateware()
        assert board.control.status()["gateware"] == "pyrpl"
        assert "written to it again" in p.status().link.reason
        assert p.rp.pid0.setpoint == 0.25
        wait_until(lambda: states and states[-1].state == "up", 60, "the return")
        assert states[0].state == "other gateware"
        assert "written to it again" in states[-1].reason
        assert q.rp.pid0.setpoint == 0.375


@pytest.mark.parametrize("given", [{"take_over": 1}, {"gateware": "keep"}, {"gateware": ""}])
def test_other_values_are_refused_before_anything_is_started(given):
    with pytest.raises(errors.BadParameter, match=next(iter(given))):
        connect("never", hostname="_FAKE_", **given)
    assert "never" not in [entry.name for entry in discover()]
