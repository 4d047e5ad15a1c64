"""The link, against a monitor server that fails on demand: after a failure each access fails at once."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from pyrpl_remote import errors

from .monitor_server import MonitorServer, answer_another, half_close, reset_connection, silence

ADDRESS, PROOF_ADDRESS = 0x40300104, 0x40300220


@pytest.fixture
def server():
    with MonitorServer() as server:
        server.registers[PROOF_ADDRESS] = 4
        yield server


@pytest.fixture
def link(server, own_pyrpl_folder):
    """The link to the server, and what PyRPL has of it: its client."""
    from pyrpl import redpitaya_client

    from pyrpl_remote.daemon.adapter.board.link import guarded, link_of

    with guarded():
        client = redpitaya_client.MonitorClient("127.0.0.1", server.port, restartserver=lambda: server.port)
    link: Any = link_of(client)
    link.client = client
    link.states = []
    link.changed = lambda status: link.states.append((status.state, status.reason))
    yield link
    client.close()


def bring_back(server, link, lost: bool = False) -> None:
    """Bring the link back, as the recovery does."""
    from pyrpl_remote.daemon.adapter.board.link import open_connection

    link.resume(open_connection("127.0.0.1", server.port, link.registers, lost), "")


def test_a_link_is_up_from_the_start(link):
    before = time.time()
    assert (link.state, link.reason, link.lost.is_set()) == ("up", "", False)
    assert before - 10 < link.since <= before
    assert link.last_access == 0.0


def test_what_is_written_is_read(server, link):
    assert link.client.writes(ADDRESS, [1, 2, 2**32 - 1]) is True
    words = link.client.reads(ADDRESS, 3)
    assert words.tolist() == [1, 2, 2**32 - 1]
    assert words.dtype == np.uint32
    assert server.registers == {PROOF_ADDRESS: 4, ADDRESS: 1, ADDRESS + 4: 2, ADDRESS + 8: 2**32 - 1}


def test_the_last_access_is_the_time_of_the_last_reply(server, link):
    before = time.perf_counter()
    link.client.reads(ADDRESS, 1)
    first = link.last_access
    assert before < first < time.perf_counter()
    link.client.writes(ADDRESS, [1])
    assert first < link.last_access


def test_the_status_has_the_latency_of_short_accesses_and_counts_reconnects(server, link):
    before = time.perf_counter()
    assert (link.status().latency, link.status().slowest, link.status().reconnects) == (None, None, 0)
    link.client.writes(ADDRESS, range(1, 1001))
    for _ in range(10):
        link.client.reads(ADDRESS, 1)
    elapsed = time.perf_counter() - before
    status = link.status()
    assert 0 < status.latency <= status.slowest <= elapsed
    assert (
        status.accesses == link.client._read_counter + link.client._write_counter + 1
    )  # and the identification
    server.faults.append(reset_connection)
    with pytest.raises(errors.BoardLinkLost):
        link.client.reads(ADDRESS, 1)
    bring_back(server, link)
    status = link.status()
    assert (status.latency, status.slowest, status.reconnects) == (None, None, 1)
    link.client.reads(ADDRESS, 1)
    assert link.status().latency > 0


FAULTS = pytest.mark.parametrize("fault", [half_close, reset_connection, answer_another, silence])


@FAULTS
def test_a_read_that_fails_is_an_error_and_so_is_each_later_one_without_an_attempt(server, link, fault):
    link.client.writes(ADDRESS, [7, 8])
    requests = server.requests
    server.faults.append(fault)
    with pytest.raises(errors.BoardLinkLost, match="reconnecting, because reading 2 words"):
        link.client.reads(ADDRESS, 2)
    assert link.lost.wait(0)
    with pytest.raises(errors.BoardLinkLost, match="nothing was sent"):
        link.client.reads(ADDRESS, 2)
    with pytest.raises(errors.BoardLinkLost, match="nothing was sent"):
        link.client.writes(ADDRESS, [9])
    assert server.requests == requests + 1
    bring_back(server, link)
    assert link.client.reads(ADDRESS, 2).tolist() == [7, 8]
    assert [state for state, _ in link.states] == ["reconnecting", "up"]


@FAULTS
def test_a_write_is_never_repeated(server, link, fault):
    began = link.since
    server.faults.append(fault)
    with pytest.raises(errors.BoardLinkLost, match="they may or may not be there"):
        link.client.writes(ADDRESS, [7])
    assert server.requests == 1
    assert link.since > began
    bring_back(server, link)
    assert server.requests == 3  # the proof of the gateware, and what the failed write may have changed
    assert link.client.reads(ADDRESS, 1).tolist() == [7]


def test_the_same_failure_again_is_no_new_state(server, link):
    link.failed("no answer")
    before = link.status()
    link.failed("no answer")
    link.failed("no route")
    assert link.states == [("reconnecting", "no answer"), ("reconnecting", "no route")]
    assert link.since == before.since
    assert before.reason == "no answer"  # what was asked before does not change


@pytest.mark.parametrize(("use", "argument"), [("reads", 1), ("writes", [1])])
def test_a_board_without_pyrpls_gateware_swallows_no_write_and_returns_no_zeros(server, link, use, argument):
    server.registers[PROOF_ADDRESS] = 0
    with pytest.raises(errors.BoardLinkLost, match=r"other gateware.*(had no effect|nothing but 0)"):
        getattr(link.client, use)(ADDRESS, argument)
    assert link.state == "other gateware"
    assert "loads PyRPL's" in link.error("").remedy
    with pytest.raises(ConnectionError, match="has not PyRPL's gateware"):
        bring_back(server, link)


def test_a_zero_costs_no_second_read_when_the_gateware_was_just_identified(server, link):
    link.client.reads(ADDRESS, 1)
    assert server.requests == 2
    begin = time.perf_counter()
    link.client.reads(ADDRESS, 1)
    if time.perf_counter() - begin < 0.05:
        assert server.requests == 3


def test_the_check_notices_a_loss_and_raises_nothing(server, link):
    link.check()
    assert (link.state, server.requests) == ("up", 1)
    server.faults.append(reset_connection)
    link.verified = 0.0
    link.check()
    assert link.state == "reconnecting"
    link.check()
    assert server.requests == 2


def test_lost_registers_are_written_in_the_order_of_the_last_writes_and_outputs_last(server, link):
    output = 0x40300004
    for address, words in ((output, [1]), (ADDRESS, [5]), (ADDRESS + 4, [6, 7]), (ADDRESS, [8])):
        link.client.writes(address, words)
    server.registers = {PROOF_ADDRESS: 4}
    link.failed("it was restarted")
    bring_back(server, link, lost=True)
    assert list(server.registers.items())[1:] == [
        (ADDRESS + 4, 6),
        (ADDRESS + 8, 7),
        (ADDRESS, 8),
        (output, 1),
    ]


def test_what_a_failed_write_left_is_what_is_restored_later(server, link):
    link.client.writes(ADDRESS, [1])
    server.faults.append(reset_connection)
    with pytest.raises(errors.BoardLinkLost):
        link.client.writes(ADDRESS, [2])
    bring_back(server, link)
    assert link.client.reads(ADDRESS, 1).tolist() == [2]
    server.registers = {PROOF_ADDRESS: 4}
    link.failed("it was restarted")
    bring_back(server, link, lost=True)
    assert server.registers[ADDRESS] == 2


def test_a_closed_connection_has_no_local_port(link):
    assert link.local_port() is not None
    link.client.socket.close()
    assert link.local_port() is None


def test_waiting_for_a_loss_ends_with_it(link):
    waited = []
    waiter = threading.Thread(target=lambda: waited.append(link.lost.wait(20)))
    waiter.start()
    link.failed("no answer")
    waiter.join(20)
    assert waited == [True]


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

    from pyrpl_remote.daemon.adapter.board.link import link_of

    client = DummyClient()
    for link in (link_of(client), link_of(None)):
        assert (link.state, link.reason, link.last_access, link.supervised) == ("up", "", 0.0, False)
        link.check()
    assert type(client) is DummyClient
