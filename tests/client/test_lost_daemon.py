"""Sessions that end, daemons that are killed and connections that are cut: what was pending is reported."""

import socket
import threading

import psutil
import pytest

from pyrpl_remote import connect, errors, status
from pyrpl_remote.client.connections.connection import Connections
from pyrpl_remote.transport.channel import Channel

from ..processes import wait_until
from .conftest import NEVER


@pytest.fixture(scope="module")
def own_board():
    """Begin sessions with a virtual board that a test may kill; a new one is started then."""
    return lambda: connect("mortal", hostname="virtual")


def streams(board: str = "virtual") -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"pyrpl_remote stream of {board}"]


def cut(p) -> None:
    """Cut all connections of a session, as a firewall does."""
    for channel in list(p._handle.session.connections._all):
        if channel.is_open:
            channel._proxy._pyroConnection.sock.shutdown(socket.SHUT_RDWR)


def test_a_future_is_pending_when_the_board_is_closed_and_says_so(p, waiting_scope):
    q = connect("virtual", private=True)  # a session of its own
    future = q.rp.scope.single_async()
    q.close()
    with pytest.raises(errors.SessionClosed, match="closed before the result came"):
        future.result(20)
    wait_until(lambda: len(streams()) == 1, what="the end of the thread")
    wait_until(lambda: waiting_scope.running_state == "stopped", what="the end of its acquisition")


def test_the_stream_ends_with_its_session(p):
    wait_until(lambda: len(streams()) == 1, what="the ends of sessions before")
    q = connect("virtual", private=True)
    assert len(streams()) == 2
    q.rp.pid0.on_change(lambda change: None)
    q.close()
    wait_until(lambda: len(streams()) == 1, what="the end of the thread")
    with pytest.raises(errors.SessionClosed):
        q.rp.pid0.p


def test_a_pending_future_of_a_daemon_that_is_killed_names_its_step(own_board, caplog):
    with own_board() as p:
        p.rp.scope.setup(**NEVER)
        pending, waiting = p.rp.scope.single_async(), p.networkanalyzer.single_async()
        changes, curves = p.on_change(lambda change: None), p.rp.scope.on_curve(lambda frame: None)
        psutil.Process(p.status().daemon.pid).kill()
        for future, step in (
            (pending, r"rp\.scope\.single_async"),
            (waiting, r"networkanalyzer\.single_async"),
        ):
            with pytest.raises(errors.OutcomeUnknown, match=step):
                future.result(20)
        # the stream reports after it has found another daemon, for the subscriptions
        (report,) = wait_until(lambda: [one for one in caplog.records if one.name == "pyrpl_remote"])
        assert "board 'mortal': its daemon had ended" in report.getMessage()
        assert "2 subscription(s) were made again" in report.getMessage()
        assert not changes.closed and not curves.closed
        p.rp.scope.trigger_source = "immediately"
        assert p.rp.scope.single_async().result(20).shape == (2, 16384)
        changes.close()
    wait_until(lambda: not streams("mortal"), what="the end of the thread")


def test_what_is_pending_when_all_connections_are_cut_is_reported_and_events_are_not_lost(
    p, scope, caplog, monkeypatch
):
    with connect("virtual", private=True) as q:
        cut_and_go_on(p, q, caplog, monkeypatch)


def cut_and_go_on(p, q, caplog, monkeypatch) -> None:
    q.rp.scope.setup(**NEVER)
    changes = []
    subscription = q.rp.pid0.on_change(changes.append)
    future = q.rp.scope.single_async()

    late = threading.Event()
    session, open_at_once = q._handle.session.connections._greeting.session, Channel.open

    def open_late(channel: Channel) -> None:
        # a session that comes back before the daemon has noticed its loss has lost nothing
        if not late.is_set() and channel._proxy._pyroHandshake["session"] == session:
            wait_until(lambda: len(status("virtual").clients) == 1, what="the end of the session")
            late.set()
        open_at_once(channel)

    monkeypatch.setattr(Channel, "open", open_late)
    cut(q)
    p.rp.pid0.setpoint = 0.25
    with pytest.raises(errors.AcquisitionCancelled, match=r"rp\.scope\.single_async"):
        future.result(20)
    monkeypatch.undo()
    wait_until(lambda: "the daemon had ended this program's session" in caplog.text, what="the report")
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")
    with subscription:
        q.rp.pid0.setpoint = 0.5
        wait_until(lambda: len(changes) == 2, what="the changes")
    assert [(change.value, change.lost) for change in changes] == [(0.25, 0), (0.5, 0)]
    q.rp.scope.trigger_source = "immediately"
    assert q.rp.scope.single_async().result(20).shape == (2, 16384)


def test_a_write_on_a_connection_that_was_cut_says_that_its_outcome_is_unknown(p):
    with connect("virtual", private=True) as q:
        q.rp.pid0.setpoint = 0.25
        cut(q)
        with pytest.raises(errors.OutcomeUnknown, match=r"setting rp\.pid0\.setpoint to 0\.5"):
            q.rp.pid0.setpoint = 0.5
        assert q.rp.pid0.setpoint in (0.25, 0.5)


def test_a_request_of_the_stream_that_fails_once_costs_no_event(p, monkeypatch):
    failing, exchange = [], Connections.exchange

    def exchange_or_fail(connections, verb, args, arrays):
        if verb == "stream" and failing:
            failing.clear()
            raise errors.BoardGone("no answer, for once")
        return exchange(connections, verb, args, arrays)

    monkeypatch.setattr(Connections, "exchange", exchange_or_fail)
    changes = []
    with p.rp.pid0.on_change(changes.append):
        p.rp.pid0.setpoint = 0.125
        wait_until(lambda: changes, what="the first change")
        failing.append(True)
        wait_until(lambda: not failing, what="the failure")
        p.rp.pid0.setpoint = 0.25
        wait_until(lambda: len(changes) == 2, what="the next change")
    assert [(change.value, change.lost) for change in changes] == [(0.125, 0), (0.25, 0)]


def test_the_garbage_collector_may_end_a_session_in_the_middle_of_the_streams_pause(own_board, caplog):
    """It may run at any point of the stream's thread: here it does so at each of them."""
    sessions = []

    def collect(frame, event, argument) -> None:
        if sessions and threading.current_thread().name.startswith("pyrpl_remote stream"):
            sessions[0].stream.wake()  # as the finalizer of a dropped board does

    threading.setprofile(collect)
    try:
        p = own_board()
    finally:
        threading.setprofile(None)
    with p:
        sessions.append(p._handle.session)
        psutil.Process(p.status().daemon.pid).kill()
        wait_until(lambda: p._handle.state == "gone", what="the failure")
    wait_until(lambda: not streams("mortal"), what="the end of the thread")
