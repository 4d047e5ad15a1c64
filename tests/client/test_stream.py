"""The stream of a session: results and events for all who wait for them, or an error when it breaks."""

import asyncio
import concurrent.futures
import gc
import logging
import socket
import threading
import time
from functools import partial

import numpy as np
import psutil
import pytest

from pyrpl_remote import connect, discover, errors, status
from pyrpl_remote.client.connection import Connections
from pyrpl_remote.transport.channel import Channel

from ..processes import wait_until

NEVER = {
    "input1": "off",
    "duration": 1e-3,
    "trigger_source": "ch1_positive_edge",
    "threshold": 0.95,
    "rolling_mode": False,
    "trace_average": 1,
}
"""A scope that waits for an edge that does not come."""


@pytest.fixture
def scope(p):
    """The scope, ready to acquire at once."""
    p.rp.scope.stop()
    p.rp.scope.setup(**{**NEVER, "trigger_source": "immediately"})
    yield p.rp.scope
    p.rp.scope.stop()


@pytest.fixture
def waiting_scope(scope):
    scope.setup(**NEVER)
    return scope


@pytest.fixture
def blocked(p):
    """The thread of callbacks, blocked by one on pid0 until the test ends."""
    entered, go_on = threading.Event(), threading.Event()

    def block(change) -> None:
        entered.set()
        go_on.wait(60)

    with p.rp.pid0.on_change(block):
        p.rp.pid0.setpoint = 0.25
        assert entered.wait(20)
        yield
        go_on.set()


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


def daemon_port(p) -> int:
    (entry,) = (entry for entry in discover() if entry.name == p.status().board)
    return int(entry.uri.rpartition(":")[2])


def test_a_thousand_pending_futures_take_no_threads_and_no_connections(p, run_python):
    found = run_python(
        f"""
        import psutil, time
        from pyrpl_remote import connect

        def used():
            process = psutil.Process()
            return process.num_threads(), len(process.net_connections("tcp"))

        before = used()
        with connect("virtual") as p:
            p.rp.scope.stop()
            p.rp.scope.setup(**{NEVER})
            futures = [p.rp.scope.single_async() for _ in range(1000)]
            during = used()
            pending = sum(not future.done() for future in futures)
            # the last one first: else each would begin to acquire when that before it has left
            cancelled = sum(future.cancel() for future in reversed(futures))
            report(
                before=before, during=during, pending=pending, cancelled=cancelled,
                state=p.rp.scope.running_state, done=sum(future.cancelled() for future in futures),
            )
            p.rp.scope.trigger_source = "immediately"
            report(shape=p.rp.scope.single(timeout=20).shape)
        """
    )
    assert (found["pending"], found["cancelled"], found["done"]) == (1000, 1000, 1000)
    assert found["state"] == "stopped"
    assert found["shape"] == [2, 16384]
    threads, connections = (now - before for now, before in zip(found["during"], found["before"]))
    assert threads < 10
    assert connections < 10


def test_a_client_holds_two_connections_a_thread_and_one_for_its_stream(p, scope):
    def connections() -> int:
        own = psutil.Process().net_connections("tcp")
        return sum(bool(one.raddr) and one.raddr.port == port and one.status == "ESTABLISHED" for one in own)

    def use() -> None:
        scope.single(timeout=20)
        p.status()
        with p.rp.pid0.on_change(lambda change: None):
            scope.single_async().result(20)

    port = daemon_port(p)
    wait_until(
        lambda: not [t for t in threading.enumerate() if "callbacks of" in t.name], what="no callbacks"
    )
    use()
    gc.collect()
    wait_until(lambda: connections() <= 3, what="the ends of other threads' connections")
    done, go_on = threading.Semaphore(0), threading.Event()

    def use_and_stay() -> None:
        use()
        done.release()
        go_on.wait(60)

    users = [threading.Thread(target=use_and_stay) for _ in range(3)]
    for user in users:
        user.start()
    for _ in users:
        assert done.acquire(timeout=60)
    assert connections() <= 2 * 4 + 1
    go_on.set()
    for user in users:
        user.join()
    wait_until(lambda: connections() <= 3, what="the ends of the threads' connections")


def test_results_come_while_a_callback_blocks(scope, blocked):
    for _ in range(3):
        assert scope.single_async().result(20).shape == (2, 16384)


def test_a_result_is_awaited_while_a_callback_blocks(scope, blocked):
    async def measure():
        return await asyncio.wait_for(scope.single_async(), 20)

    assert asyncio.run(measure()).shape == (2, 16384)


def test_results_come_while_a_viewer_of_curves_is_stuck(scope):
    entered, go_on = threading.Event(), threading.Event()

    def stick(frame) -> None:
        entered.set()
        go_on.wait(60)

    with scope.on_curve(stick):
        scope.single_async()
        assert entered.wait(20)
        assert scope.single_async().result(20).shape == (2, 16384)
        go_on.set()


def test_a_callback_may_wait_for_a_result(p, scope):
    results = []

    def measure(change) -> None:
        results.append(scope.single_async().result(20))

    with p.rp.pid0.on_change(measure):
        p.rp.pid0.setpoint = 0.125
        wait_until(lambda: results, what="the curve")
    assert results[0].shape == (2, 16384)


def test_a_done_callback_may_begin_the_next_acquisition(scope):
    results = []
    finished = threading.Event()

    def again(future) -> None:
        results.append(future.result())
        if len(results) < 3:
            scope.single_async().add_done_callback(again)
        else:
            finished.set()

    scope.single_async().add_done_callback(again)
    assert finished.wait(60)
    assert [curve.shape for curve in results] == [(2, 16384)] * 3


def test_a_done_callback_that_raises_is_logged_and_others_are_called(scope, caplog):
    called = threading.Event()

    def fail(future) -> None:
        raise ZeroDivisionError("in the callback")

    future = scope.single_async()
    future.add_done_callback(fail)
    future.add_done_callback(lambda future: called.set())
    assert future.result(20) is not None
    assert called.wait(20)
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.exc_info[0] is ZeroDivisionError
    assert "callback" in record.getMessage()


def test_a_done_callback_of_a_result_that_is_there_is_called_too(scope):
    future = scope.single_async()
    future.result(20)
    called = []
    future.add_done_callback(called.append)
    wait_until(lambda: called == [future], what="the callback")


def test_an_acquisition_that_pyrpl_cancels_is_an_error_that_names_the_module(waiting_scope):
    future = waiting_scope.single_async()
    waiting_scope.stop()
    with pytest.raises(errors.AcquisitionCancelled, match=r"rp\.scope"):
        future.result(20)


def test_cancelled_futures_are_done_for_all_who_wait(waiting_scope):
    first, second = waiting_scope.single_async(), waiting_scope.single_async()
    waiters = [
        threading.Thread(target=concurrent.futures.wait, args=([first, second],), kwargs={"timeout": 60})
        for _ in range(2)
    ]
    for waiter in waiters:
        waiter.start()
    assert second.cancel() and first.cancel()
    assert first.cancel()
    for waiter in waiters:
        waiter.join(20)
        assert not waiter.is_alive()
    assert concurrent.futures.wait([first, second], 20).done == {first, second}
    with pytest.raises(concurrent.futures.CancelledError):
        first.result(20)


def test_a_result_that_cannot_be_decoded_is_the_futures_error(p, scope):
    connections = scope._handle.session.connections

    def fail(plain):
        raise ZeroDivisionError("while it was decoded")

    future = scope._handle.session.stream.begin(
        fail, lambda number: connections.exchange("begin", ("rp.scope", "single", [], {}, number), []), "step"
    )
    with pytest.raises(ZeroDivisionError):
        future.result(20)
    assert scope.single_async().result(20).shape == (2, 16384)


def test_a_cancelled_await_stops_the_acquisition(waiting_scope):
    async def give_up():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(waiting_scope.single_async(), 0.05)

    asyncio.run(give_up())
    wait_until(lambda: waiting_scope.running_state == "stopped", what="the end of the acquisition")


def test_an_await_of_a_cancelled_future_is_cancelled(waiting_scope):
    async def wait():
        future = waiting_scope.single_async()
        asyncio.get_running_loop().call_later(0.05, future.cancel)
        await future

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(wait())


def test_an_await_raises_what_the_acquisition_raised(waiting_scope):
    async def wait():
        future = waiting_scope.single_async()
        waiting_scope.stop()
        await future

    with pytest.raises(errors.AcquisitionCancelled):
        asyncio.run(wait())


def test_a_loop_that_was_closed_is_not_woken(waiting_scope, caplog):
    future = waiting_scope.single_async()

    async def give_up():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(future), 0.05)

    asyncio.run(give_up())
    waiting_scope.stop()
    concurrent.futures.wait([future], 20)
    assert future.done()
    assert "exception calling callback" not in caplog.text


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
        wait_until(lambda: changes.closed and curves.closed, what="the ends of the subscriptions")
        with pytest.raises(errors.OutcomeUnknown):  # its connection was open, as far as was known
            p.rp.scope.single_async()
        with pytest.raises(errors.BoardGone):
            p.rp.scope.single_async()
        with pytest.raises(errors.BoardGone):
            p.rp.pid0.on_change(print)
        changes.close()
        # the stream reports after it has ended them
        (report,) = wait_until(lambda: [one for one in caplog.records if one.levelno >= logging.ERROR])
        assert "board 'mortal': 2 subscription(s) ended" in report.getMessage()
    wait_until(lambda: not streams("mortal"), what="the end of the thread")


def test_what_is_pending_when_all_connections_are_cut_is_reported_and_the_session_goes_on(
    p, scope, caplog, monkeypatch
):
    with connect("virtual", private=True) as q:
        cut_and_go_on(p, q, caplog, monkeypatch)


def cut_and_go_on(p, q, caplog, monkeypatch) -> None:
    q.rp.scope.setup(**NEVER)
    changes = []
    subscription = q.rp.pid0.on_change(changes.append)
    future = q.rp.scope.single_async()

    session, open_at_once = q._handle.session.connections._greeting.session, Channel.open

    def open_late(channel: Channel) -> None:
        # a session that comes back before the daemon has noticed its loss has lost nothing
        if channel._proxy._pyroHandshake["session"] == session:
            wait_until(lambda: len(status("virtual").clients) == 1, what="the end of the session")
        open_at_once(channel)

    monkeypatch.setattr(Channel, "open", open_late)
    cut(q)
    with pytest.raises(errors.OutcomeUnknown, match=r"rp\.scope\.single_async"):
        future.result(20)
    wait_until(lambda: subscription.closed, what="the end of the subscription")
    monkeypatch.undo()
    wait_until(lambda: "1 subscription(s) ended" in caplog.text, what="the report")
    wait_until(lambda: p.rp.scope.running_state == "stopped", what="the end of the acquisition")
    # the next ones work
    with q.rp.pid0.on_change(changes.append):
        q.rp.pid0.setpoint = 0.5
        wait_until(lambda: changes, what="the change")
    q.rp.scope.trigger_source = "immediately"
    assert q.rp.scope.single_async().result(20).shape == (2, 16384)


def test_a_write_on_a_connection_that_was_cut_says_that_its_outcome_is_unknown(p):
    with connect("virtual", private=True) as q:
        q.rp.pid0.setpoint = 0.25
        cut(q)
        with pytest.raises(errors.OutcomeUnknown, match=r"setting rp\.pid0\.setpoint to 0\.5"):
            q.rp.pid0.setpoint = 0.5
        assert q.rp.pid0.setpoint in (0.25, 0.5)


def test_a_board_that_is_dropped_while_a_callback_runs_ends_its_subscription(p):
    entered, go_on, heard = threading.Event(), threading.Event(), []

    def follow(change) -> None:
        heard.append(change)
        entered.set()
        go_on.wait(60)

    q = connect("virtual")
    stream = q._handle.session.stream
    q.rp.pid0.on_change(follow)
    (number,) = stream._subscriptions
    p.rp.pid0.setpoint = 0.25
    assert entered.wait(20)
    p.rp.pid0.setpoint = 0.5
    del q
    assert stream.is_open(number)  # the callback that runs now may use its board
    go_on.set()
    wait_until(lambda: not stream.is_open(number), what="the end of the subscription")
    p.rp.pid0.setpoint = 0.75
    assert stream._callbacks.wait_until_idle(20)
    assert len(heard) == 1


def test_a_callback_that_uses_a_board_that_was_closed_is_logged_while_its_own_goes_on(p, caplog):
    closed = connect("virtual")
    pid = closed.rp.pid0
    closed.close()
    with p.rp.pid1.on_change(lambda change: pid.p) as subscription:
        p.rp.pid1.setpoint = 0.25
        wait_until(lambda: "used a board that is closed" in caplog.text, what="the report")
        assert not subscription.closed


def test_a_subscription_that_the_daemon_refuses_is_none(p):
    stream = p._handle.session.stream
    before = dict(stream._subscriptions)
    with pytest.raises(errors.PyrplRemoteError):
        p._handle.subscribe("change", "rp.no_such_module", print)
    with pytest.raises(TypeError, match="must be callable"):
        p.rp.pid0.on_change("print")
    assert stream._subscriptions == before


@pytest.fixture
def interrupt_after(monkeypatch):
    """Let Ctrl-C come when a verb has just been answered; returns the requests that this process sends."""
    asked: list[tuple] = []
    exchange = Connections.exchange

    def begin(interrupted: str) -> list[tuple]:
        def exchange_and_interrupt(connections, verb, args, arrays):
            answer = exchange(connections, verb, args, arrays)
            asked.append((verb, *args))
            if verb == interrupted:
                raise KeyboardInterrupt
            return answer

        monkeypatch.setattr(Connections, "exchange", exchange_and_interrupt)
        return asked

    return begin


def test_a_subscription_that_ctrl_c_interrupts_is_ended_in_the_daemon_too(p, interrupt_after):
    asked = interrupt_after("subscribe")
    with pytest.raises(KeyboardInterrupt):
        p.rp.pid0.on_change(print)
    (number,) = (args[0] for verb, *args in asked if verb == "subscribe")
    wait_until(lambda: ("unsubscribe", number) in asked, what="its end")


def test_an_acquisition_that_ctrl_c_interrupts_as_it_begins_is_stopped(waiting_scope, interrupt_after):
    interrupt_after("begin")
    with pytest.raises(KeyboardInterrupt):
        waiting_scope.single_async()
    assert waiting_scope.running_state == "stopped"


def test_the_modules_that_proxies_hold_are_told_to_the_daemon(p):
    def held() -> list[str]:
        (client,) = p.status().clients
        return client.modules

    wait_until(lambda: len(p.status().clients) == 1, what="the ends of other sessions")
    changes = []
    with p.rp.pid0.on_change(changes.append):
        for number in range(1, 6):
            with connect("virtual") as q:
                pid = q.rp.pid2
                assert "rp.pid2" in held()
                # a request of the stream that began before comes back meanwhile
                p.rp.pid0.setpoint = number / 16
                wait_until(partial(lambda count: len(changes) == count, number), what="the change")
            del pid, q
            assert "rp.pid2" not in held()


def test_a_fork_leaves_subscriptions_and_results_to_its_parent(p, run_python):
    found = run_python(
        f"""
        import os, threading, time, signal
        from pyrpl_remote import connect, errors
        signal.alarm(50)
        p = connect("virtual")
        p.rp.scope.stop()
        p.rp.scope.setup(**{NEVER})
        heard, called = [], []
        subscription = p.rp.pid0.on_change(heard.append)
        future = p.rp.scope.single_async()
        future.add_done_callback(lambda future: called.append(os.getpid()))
        p.rp.pid0.setpoint = 0.125  # starts the thread of callbacks, which a child does not have
        while not heard:
            time.sleep(0.01)
        child = os.fork()
        if not child:
            code = 1
            try:
                future.result(20)
            except errors.SessionClosed:
                code += 2
            late = threading.Event()
            future.add_done_callback(lambda future: late.set())
            code += 32 * late.wait(20)
            subscription.close()
            assert subscription.closed
            assert not future.cancel()
            try:
                p.rp.scope.single_async()
            except errors.SessionClosed:
                code += 4
            with connect("virtual") as q:
                code += 8 * (q.rp.scope.running_state == "running_single")
            time.sleep(0.1)
            os._exit(code + 16 * len(called))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        report(child=status, pending=not future.done(), closed=subscription.closed)
        p.rp.pid0.setpoint = 0.25
        deadline = time.monotonic() + 20
        while len(heard) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        report(heard=len(heard), cancelled=future.cancel())
        p.close()
        """
    )
    assert found == {"child": 47, "pending": True, "closed": False, "heard": 2, "cancelled": True}


def test_a_thousand_changes_arrive_in_order_while_results_come(p, scope):
    changes = []
    with p.rp.pid0.on_change(changes.append):
        begin = time.monotonic()
        curves = []
        for number in range(300):
            p.rp.pid0.setpoint = number / 2**12
            if number % 50 == 0:
                curves.append(scope.single_async())
        curves = [curve.result(20) for curve in curves]
        wait_until(lambda: len(changes) == 300, what="all changes")
        assert time.monotonic() - begin < 60
    values = np.array([change.value for change in changes])
    np.testing.assert_allclose(values, np.arange(300) / 2**12, atol=2**-13)
    assert all(curve.shape == (2, 16384) for curve in curves)


def test_a_future_whose_daemon_no_longer_answers_is_cancelled_too(waiting_scope, monkeypatch):
    def ask_in_vain(connections: Connections, verb: str, *args: object) -> object:
        if verb == "abandon":
            raise errors.BoardGone("the daemon no longer answers")
        return ask(connections, verb, *args)

    future, ask = waiting_scope.single_async(), Connections.ask
    monkeypatch.setattr(Connections, "ask", ask_in_vain)
    assert future.cancel()
    assert future.cancelled()


def test_a_cancelled_future_ignores_a_result_that_was_on_its_way(scope):
    stream = scope._handle.session.stream
    futures = []
    for _ in range(20):
        future = scope.single_async()
        wait_until(lambda: scope.running_state == "stopped", what="the curve")
        futures.append((future.cancel(), future))
    for cancelled, future in futures:
        assert future.cancelled() == cancelled
        assert cancelled or future.result(20).shape == (2, 16384)
    assert stream._futures == {}
