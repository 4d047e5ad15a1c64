"""The board's link breaks: a read is repeated on a new connection, a write never, failures are reported."""

import time
from typing import Any

import numpy as np
import pytest

from pyrpl_remote import connect, errors

from .monitor_server import MonitorServer, answer_another, half_close, reset_connection, silence

ADDRESS = 0x40300104


@pytest.fixture(scope="module")
def p(board):
    with connect(
        "linked", hostname=board.host, sshport=board.ssh_port, port=board.monitor_port, reloadfpga=False
    ) as p:
        yield p


def test_a_read_is_repeated_on_a_new_connection(board, p):
    p.rp.pid0.setpoint = 0.25
    for reset in (False, True):
        board.control.drop(reset)
        assert p.rp.pid0.setpoint == 0.25
        for after in (3, 10):
            board.control.drop_in_frame(after, reset)
            assert p.rp.pid0.setpoint == 0.25


def test_a_curve_of_which_only_a_part_arrived_is_read_again(board, p):
    p.rp.scope.setup(
        input1="in1", duration=1e-3, trigger_source="immediately", rolling_mode=False, trace_average=1
    )
    p.rp.scope.single(timeout=20)
    board.control.drop_in_frame(1000, True)
    curve = p.rp.scope.single(timeout=20)
    assert curve.shape == (2, 16384) and np.isfinite(curve).all()


@pytest.mark.parametrize("reset", [False, True])
def test_a_failed_write_is_not_repeated_and_is_an_error(board, p, reset):
    p.rp.pid0.setpoint = 0.25
    board.control.drop_in_frame(3, reset)
    with pytest.raises(errors.BoardLinkLost, match="may or may not"):
        p.rp.pid0.setpoint = 0.5
    assert p.rp.pid0.setpoint in (0.25, 0.5)
    p.rp.pid0.setpoint = -0.5
    assert p.rp.pid0.setpoint == -0.5


def test_a_board_that_no_longer_answers_is_an_error_and_comes_back(board, p):
    p.rp.pid0.setpoint = 0.25
    board.control.silence()
    with pytest.raises(errors.BoardLinkLost, match="check the board"):
        p.rp.pid0.setpoint
    board.control.silence(False)
    assert p.rp.pid0.setpoint == 0.25


# What follows is on GuardedClient itself, against a monitor server that fails on demand.


@pytest.fixture
def server():
    with MonitorServer() as server:
        yield server


@pytest.fixture
def link(server, own_pyrpl_folder):
    """The link to the server, and what PyRPL has of it: its client."""
    from pyrpl.redpitaya_client import MonitorClient

    from pyrpl_remote.daemon.adapter.link import Link

    client = MonitorClient("127.0.0.1", server.port, restartserver=lambda: server.port)
    link: Any = Link(client)
    link.client = client
    yield link
    client.close()


def test_a_link_is_up_from_the_start(link):
    before = time.time()
    assert (link.state, link.reason) == ("up", "")
    assert before - 10 < link.since <= before
    assert link.last_access == 0.0


def test_what_is_written_is_read(server, link):
    assert link.client.writes(ADDRESS, [1, 2, 2**32 - 1]) is True
    words = link.client.reads(ADDRESS, 3)
    assert words.tolist() == [1, 2, 2**32 - 1]
    assert words.dtype == np.uint32
    assert server.registers == {ADDRESS: 1, ADDRESS + 4: 2, ADDRESS + 8: 2**32 - 1}


def test_the_last_access_is_the_time_of_the_last_reply(server, link):
    before = time.perf_counter()
    link.client.reads(ADDRESS, 1)
    first = link.last_access
    assert before < first < time.perf_counter()
    link.client.writes(ADDRESS, [1])
    assert first < link.last_access


@pytest.mark.parametrize("fault", [half_close, reset_connection, answer_another, silence])
def test_a_read_is_repeated_on_a_new_connection_after_any_failure(server, link, fault, caplog):
    link.client.writes(ADDRESS, [7, 8])
    began = link.since
    server.faults.append(fault)
    with caplog.at_level("WARNING"):
        assert link.client.reads(ADDRESS, 2).tolist() == [7, 8]
    assert server.requests == 3
    assert (link.state, link.reason) == ("up", "")
    assert link.since > began
    assert "attempt 1" in caplog.text
    assert "it answers again" in caplog.text


@pytest.mark.parametrize("fault", [half_close, reset_connection, answer_another, silence])
def test_a_write_is_never_repeated_and_the_link_is_lost_until_an_access_works(server, link, fault):
    began = link.since
    server.faults.append(fault)
    with pytest.raises(errors.BoardLinkLost, match="they may or may not be there"):
        link.client.writes(ADDRESS, [7])
    assert server.requests == 1
    assert link.state == "lost"
    assert "writing 1 words" in link.reason
    assert link.since > began
    assert link.client.reads(ADDRESS, 1).tolist() == [7]
    assert (link.state, link.reason) == ("up", "")


def test_a_board_that_stays_silent_is_lost_since_the_first_failure(server, link):
    server.faults.extend([silence] * 3)
    with pytest.raises(errors.BoardLinkLost, match="failed 3 times"):
        link.client.reads(ADDRESS, 1)
    lost = link.status()
    assert (lost.state, lost.reason) == ("lost", link.reason)
    assert "attempt 3: timed out" in link.reason
    assert lost.since < time.time() - 1.5  # two more attempts of 1 s each
    link.client.reads(ADDRESS, 1)
    assert link.status().state == "up"
    assert lost.state == "lost"  # what was asked before does not change


def test_a_connection_that_cannot_be_restored_is_lost_with_the_reason(server, link):
    def refuse():
        raise OSError("no route to the board")

    link.client._restartserver = refuse
    server.close()
    with pytest.raises(errors.BoardLinkLost, match=r"broke .* and could not be restored: no route"):
        link.client.reads(ADDRESS, 1)
    assert link.state == "lost"
    assert "no route to the board" in link.reason
    with pytest.raises(errors.BoardLinkLost, match="could not be restored"):
        link.client.writes(ADDRESS, [1])


def test_a_monitor_server_that_does_not_start_is_a_lost_link(server, link):
    # PyRPL's RedPitaya returns no port then
    link.client._restartserver = lambda: None
    server.faults.append(reset_connection)
    with pytest.raises(errors.BoardLinkLost, match="could not be restored"):
        link.client.reads(ADDRESS, 1)


@pytest.mark.parametrize("length", [0, 2**16])
def test_an_invalid_length_is_an_error_and_the_link_goes_on(server, link, length):
    with pytest.raises(ValueError, match=f"1 to 65535 words at once, not {length}"):
        link.client.reads(ADDRESS, length)
    with pytest.raises(ValueError, match="words at once"):
        link.client.writes(ADDRESS, np.zeros(length, dtype=np.uint32))
    assert server.requests == 0
    assert link.state == "up"


def test_the_longest_access_is_complete(server, link):
    words = np.arange(2**16 - 1, dtype=np.uint32)
    link.client.writes(0, words)
    assert np.array_equal(link.client.reads(0, len(words)), words)


def test_the_link_without_a_real_board_is_always_up(own_pyrpl_folder):
    from pyrpl.redpitaya_client import DummyClient

    from pyrpl_remote.daemon.adapter.link import Link

    client = DummyClient()
    for link in (Link(client), Link(None)):
        assert (link.state, link.reason, link.last_access) == ("up", "", 0.0)
    assert type(client) is DummyClient
