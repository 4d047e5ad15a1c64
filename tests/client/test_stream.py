"""The stream of a session: results, events and the heartbeat share one thread and one connection."""

import asyncio
import gc
import os
import threading
import time
from functools import partial

import numpy as np
import pytest

from pyrpl_remote import connect, discover, errors

from ..processes import own_connections, wait_until
from .conftest import NEVER


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


def daemon_port(p) -> int:
    (entry,) = (entry for entry in discover() if entry.name == p.status().board)
    return int(entry.uri.rpartition(":")[2])


def test_a_client_holds_two_connections_a_thread_and_one_for_its_stream(p, scope):
    def connections() -> int:
        own = own_connections()
        return sum(bool(one.raddr) and one.raddr.port == port and one.status == "ESTABLISHED" for one in own)

    def use() -> None:
        scope.single(timeout=20)
        p.status()
        with p.rp.pid0.on_change(lambda change: None), acquiring:
            scope.single_async().result(20)

    port = daemon_port(p)
    acquiring = threading.Lock()  # another thread's acquisition would replace a future
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


def test_a_board_that_is_dropped_while_a_callback_runs_ends_its_subscription(p):
    entered, go_on, heard = threading.Event(), threading.Event(), []

    def follow(change) -> None:
        heard.append(change)
        entered.set()
        go_on.wait(60)

    q = connect("virtual")
    stream = q._handle.session.stream
    q.rp.pid0.on_change(follow)
    (number,) = stream.subscriptions
    p.rp.pid0.setpoint = 0.25
    assert entered.wait(20)
    p.rp.pid0.setpoint = 0.5
    del q
    assert number in stream.subscriptions  # the callback that runs now may use its board
    go_on.set()
    wait_until(lambda: number not in stream.subscriptions, what="the end of the subscription")
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
    subscriptions = p._handle.session.stream.subscriptions
    before = list(subscriptions)
    with pytest.raises(errors.PyrplRemoteError):
        p._handle.subscribe("change", "rp.no_such_module", print)
    with pytest.raises(TypeError, match="must be callable"):
        p.rp.pid0.on_change("print")
    assert list(subscriptions) == before


def test_a_subscription_that_ctrl_c_interrupts_is_ended_in_the_daemon_too(p, interrupt_after):
    asked = interrupt_after("subscribe")
    with pytest.raises(KeyboardInterrupt):
        p.rp.pid0.on_change(print)
    (number,) = (args[0] for verb, *args in asked if verb == "subscribe")
    wait_until(lambda: ("unsubscribe", number) in asked, what="its end")


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


def test_a_fork_closes_its_copies_of_the_sockets_of_sessions_that_have_ended(run_python):
    found = run_python(
        """
        import os, threading, psutil
        from pyrpl_remote import connect
        from tests.processes import own_connections, wait_until

        p = connect("mortal", hostname="_FAKE_")
        used, go_on = threading.Event(), threading.Event()

        def use():
            p.rp.pid0.p
            used.set()
            go_on.wait(50)  # and keeps its connection, which nobody reads any more

        user = threading.Thread(target=use)
        user.start()
        used.wait(50)
        daemon = psutil.Process(p.status().daemon.pid)
        daemon.kill()
        psutil.wait_procs([daemon], 20)
        q = connect("mortal", hostname="_FAKE_")
        parent = len(own_connections())

        def copies():
            child = os.fork()
            if not child:
                os._exit(len(own_connections()))
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        # while a thread of p still connects to the new daemon, that thread alone knows the socket
        wait_until(lambda: copies() == 0, what="a child without copies")
        report(parent=parent)
        go_on.set()
        q.close()
        p.close()
        """
    )
    # in Pyro5's ordinary way the connection of the session that has ended is closed by now
    assert found["parent"] >= (1 if os.environ.get("PYRPL_REMOTE_TRANSPORT") == "ordinary" else 2)


def test_a_thousand_changes_arrive_in_order_while_results_come(p, scope):
    changes = []
    with p.rp.pid0.on_change(changes.append):
        begin = time.monotonic()
        curves = []
        for number in range(300):
            p.rp.pid0.setpoint = number / 2**12
            if number % 50 == 0:
                curves.append(scope.single_async())
        # each one replaced the one before it, unless that was done
        curves = [curve.result(20) for curve in curves if not curve.exception(20)]
        wait_until(lambda: len(changes) == 300, what="all changes")
        assert time.monotonic() - begin < 60
    values = np.array([change.value for change in changes])
    np.testing.assert_allclose(values, np.arange(300) / 2**12, atol=2**-13)
    assert curves and all(curve.shape == (2, 16384) for curve in curves)
