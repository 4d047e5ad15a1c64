"""The Qt thread runs posted work in order, and knows on whose behalf."""

import asyncio
import logging
import threading
from concurrent.futures import Future

import pytest

from pyrpl_remote.daemon.caller import PYRPL
from pyrpl_remote.errors import AcquisitionCancelled


def test_posted_work_runs_in_order_in_the_thread_that_made_the_qt_thread(rig):
    ran = []
    futures = [rig.qt.post(lambda n=n: ran.append((n, threading.get_ident()))) for n in range(100)]
    assert ran == []
    rig.result(futures[-1])
    assert ran == [(n, threading.get_ident()) for n in range(100)]


def test_another_thread_gets_the_result_of_what_it_posts(rig):
    scope = rig.pyrpl.rp.scope
    assert rig.elsewhere(lambda: rig.qt.post(lambda: scope.duration).result()) == scope.duration


def test_an_error_arrives_where_the_work_was_posted_and_the_thread_goes_on(rig):
    future = rig.qt.post(lambda: setattr(rig.pyrpl.rp.pid0, "input", "in3"))
    with pytest.raises(ValueError, match="in3"):
        rig.result(future)
    assert rig.result(rig.qt.post(lambda: "served")) == "served"


def test_work_that_is_cancelled_before_its_turn_is_not_done(rig):
    ran = []
    future = rig.qt.post(lambda: ran.append("cancelled"))
    assert future.cancel()
    rig.result(rig.qt.post(lambda: ran.append("behind it")))
    assert ran == ["behind it"]


def test_many_threads_that_post_at_once_lose_nothing(rig):
    done = []

    def post(thread: int) -> list[Future]:
        return [rig.qt.post(lambda n=n: done.append((thread, n))) for n in range(200)]

    def post_from_many_threads() -> None:
        threads = [threading.Thread(target=post, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    rig.elsewhere(post_from_many_threads)
    rig.until(lambda: len(done) == 20 * 200, "all that was posted")
    for thread in range(20):
        assert [n for number, n in done if number == thread] == list(range(200))


def test_who_is_the_client_whose_work_runs_and_pyrpl_afterwards(rig):
    assert rig.qt.who == PYRPL
    assert rig.qt.run(lambda: rig.qt.who, "ada") == "ada"
    assert rig.result(rig.qt.post(lambda: rig.qt.who, "bob")) == "bob"
    assert rig.result(rig.qt.post(lambda: rig.qt.who)) == PYRPL
    with pytest.raises(ZeroDivisionError):
        rig.qt.run(lambda: 1 / 0, "ada")
    assert rig.qt.who == PYRPL


def test_other_work_runs_while_work_waits_in_an_event_loop_and_who_is_right_for_both(
    rig,
):
    seen = []

    def waits() -> None:
        seen.append(("before", rig.qt.who))
        rig.until(lambda: len(seen) == 3, "the work in between")
        seen.append(("after", rig.qt.who))

    first = rig.qt.post(waits, "ada")
    second = rig.qt.post(lambda: seen.append(("in between", rig.qt.who)), "bob")
    third = rig.qt.post(lambda: seen.append(("pyrpl's", rig.qt.who)))
    for future in (first, second, third):
        rig.result(future)
    assert seen == [("before", "ada"), ("in between", "bob"), ("pyrpl's", PYRPL), ("after", "ada")]
    assert rig.qt.who == PYRPL


def test_a_call_that_waits_for_a_stopped_acquisition_raises_acquisition_cancelled(rig):
    scope = rig.pyrpl.rp.scope
    scope.setup(duration=8.0, trigger_source="immediately", rolling_mode=False, trace_average=1)
    waits = rig.qt.post(scope.single, "ada")
    stops = rig.qt.post(scope.stop, "bob")
    with pytest.raises(AcquisitionCancelled, match="call again") as caught:
        rig.result(waits)
    assert isinstance(caught.value.__cause__, asyncio.CancelledError)
    rig.result(stops)
    assert rig.qt.who == PYRPL


def test_after_calls_once_when_the_time_is_over(rig):
    from pyrpl_remote.daemon.qt.thread import after

    called = []
    cancels = [after(0.02, lambda: called.append("second")), after(0.0, lambda: called.append("first"))]
    assert called == []
    rig.until(lambda: len(called) == 2, "both timers")
    for cancel in cancels:
        cancel()
    assert called == ["first", "second"]


def test_after_calls_nothing_once_it_is_cancelled(rig):
    from pyrpl_remote.daemon.qt.thread import after

    called = []
    cancel = after(0.0, lambda: called.append("cancelled"))
    cancel()
    last = after(0.001, lambda: called.append("behind it"))
    rig.until(lambda: called, "the second timer")
    last()
    assert called == ["behind it"]


def test_a_timer_may_be_cancelled_by_what_it_calls(rig):
    from pyrpl_remote.daemon.qt.thread import after

    called = []

    def cancels_itself() -> None:
        cancel()
        called.append("called")

    cancel = after(0.0, cancels_itself)
    rig.until(lambda: called, "the timer")
    assert called == ["called"]


def test_an_error_of_posted_work_without_a_waiting_thread_is_logged(rig, caplog):
    from pyrpl_remote.daemon.qt.thread import log_failure

    good, bad = rig.qt.post(lambda: None), rig.qt.post(lambda: 1 / 0)
    for future in (good, bad):
        future.add_done_callback(log_failure)
    with caplog.at_level(logging.ERROR):
        rig.until(bad.done)
    (record,) = [record for record in caplog.records if record.name.endswith("qt.thread")]
    assert record.exc_info[0] is ZeroDivisionError
