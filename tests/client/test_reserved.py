"""The modules that a program reserved with pop() are free again when it is gone, however it ended."""

import subprocess

import pytest

from pyrpl_remote import connect

from ..processes import python_command, wait_until

CLIENT = """
    from pyrpl_remote import connect
    p = connect("reserving")
    first = p.pids.pop("ada")
    first.setpoint = 0.5
    freed, handed_over = p.asgs.pop("ada"), p.iqs.pop("ada")
    p.asgs.free(freed)
    handed_over.owner = "kept for the night"
    report(taken=[first.name, handed_over.name])
    input()
"""


@pytest.fixture(scope="module")
def p(board):
    with connect(
        "reserving", hostname=board.host, sshport=board.ssh_port, port=board.monitor_port, delay=0.01
    ) as p:
        yield p


@pytest.fixture
def client(p):
    """A program that has reserved pid1, and iq1 under another name."""
    p.rp.pid1.setpoint = 0.25
    process = subprocess.Popen(
        python_command(CLIENT), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert '["pid1", "iq1"]' in process.stdout.readline()
        assert p.rp.pid1.owner == "ada"
        yield process
        process.kill()
    wait_until(lambda: p.rp.pid1.owner is None, what="the module")
    p.rp.iq1.owner = None


@pytest.mark.parametrize("how", ["killed", "ended"])
def test_what_a_program_popped_is_free_when_it_has_ended(p, client, how):
    assert p.rp.pid1.setpoint == 0.5
    if how == "killed":
        client.kill()
    else:
        client.communicate("\n", 20)
    wait_until(lambda: p.rp.pid1.owner is None, what="the module")
    assert p.rp.pid1.setpoint == 0.25  # as before it was popped
    assert p.rp.iq1.owner == "kept for the night"
    with p.pids.pop("bob") as pid:
        assert pid.name == "pid1"


def test_what_others_popped_meanwhile_stays_theirs(p, client):
    p.rp.pid1.owner = None
    pid = p.pids.pop("ada")
    asg = p.asgs.pop("bob")
    client.kill()
    wait_until(lambda: client.pid not in [one.pid for one in p.status().clients], 5, "its end")
    assert p.rp.pid0.p is not None  # what was posted before is done
    assert (pid.name, pid.owner, asg.owner) == ("pid1", "ada", "bob")
    p.pids.free(pid)
    p.asgs.free(asg)


def test_what_cannot_be_freed_because_the_board_is_away_is_freed_when_it_is_back(p, board, client):
    board.control.silence()
    wait_until(lambda: p.status().link.state == "reconnecting", 10, "the loss")
    client.kill()
    wait_until(lambda: client.pid not in [one.pid for one in p.status().clients], 5, "its end")
    board.control.silence(False)
    wait_until(lambda: p.status().link.state == "up", 20, "the board's return")
    wait_until(lambda: p.rp.pid1.owner is None, what="the module")
    assert p.rp.pid1.setpoint == 0.25
