"""Futures: results, errors and cancellation, for threads, callbacks and asyncio."""

import asyncio
import concurrent.futures
import threading

import pytest

from pyrpl_remote import errors
from pyrpl_remote.client.connections.connection import Connections

from ..processes import wait_until
from .conftest import NEVER


def test_many_futures_of_one_module_replace_each_other_and_take_no_threads(p, run_python):
    found = run_python(
        f"""
        import psutil, time
        from pyrpl_remote import connect, errors
        from tests.processes import own_connections

        def used():
            return psutil.Process().num_threads(), len(own_connections())

        before = used()
        with connect("virtual") as p:
            p.rp.scope.stop()
            p.rp.scope.setup(**{NEVER})
            futures = [p.rp.scope.single_async() for _ in range(60)]
            during = used()
            report(
                before=before, during=during,
                replaced=sum(type(f.exception(20)) is errors.AcquisitionCancelled for f in futures[:-1]),
                reason=str(futures[0].exception()), pending=not futures[-1].done(),
                cancelled=futures[-1].cancel(), state=p.rp.scope.running_state,
            )
            p.rp.scope.trigger_source = "immediately"
            report(shape=p.rp.scope.single(timeout=20).shape)
        """
    )
    assert (found["replaced"], found["pending"], found["cancelled"]) == (59, True, True)
    assert "rp.scope" in found["reason"] and "replaced by a later one" in found["reason"]
    assert found["state"] == "stopped"
    assert found["shape"] == [2, 16384]
    threads, connections = (now - before for now, before in zip(found["during"], found["before"]))
    assert threads < 10
    assert connections < 10


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


def test_cancelled_futures_are_done_for_all_who_wait(p, waiting_scope):
    p.networkanalyzer.setup(points=1001, rbw=10, average_per_point=1, trace_average=1)
    first, second = p.networkanalyzer.single_async(), waiting_scope.single_async()
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


def test_an_acquisition_that_ctrl_c_interrupts_as_it_begins_is_stopped(waiting_scope, interrupt_after):
    interrupt_after("begin")
    with pytest.raises(KeyboardInterrupt):
        waiting_scope.single_async()
    assert waiting_scope.running_state == "stopped"


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
    assert not stream._futures
