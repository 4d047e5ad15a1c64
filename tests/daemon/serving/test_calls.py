"""Unfinished calls: a client gives them up before they begin, while they run, or by leaving."""

import threading
from concurrent.futures import Future

import pytest

from pyrpl_remote.daemon.serving.calls import Calls


@pytest.fixture
def stopped() -> list[Future]:
    return []


@pytest.fixture
def calls(stopped) -> Calls:
    return Calls(stopped.append)


def test_a_finished_call_is_reported_once(calls, stopped):
    future, done = Future(), []
    calls.keep("session", 1, future, done.append)
    assert done == []
    future.set_result("curve")
    assert done == [future]
    calls.leave("session")
    assert stopped == []


def test_a_call_given_up_while_it_runs_is_stopped_and_not_reported(calls, stopped):
    future, done = Future(), []
    calls.keep("session", 1, future, done.append)
    calls.abandon("session", 1)
    assert stopped == [future]
    future.set_result("too late")
    assert done == []


def test_a_call_that_is_given_up_before_it_begins_is_stopped_as_soon_as_it_begins(calls, stopped):
    future, again, done = Future(), Future(), []
    calls.abandon("session", 1)
    calls.keep("session", 1, future, done.append)
    assert stopped == [future]
    future.set_result("too late")
    assert done == []
    # the number means another call now
    calls.keep("session", 1, again, done.append)
    again.set_result("curve")
    assert done == [again] and stopped == [future]


def test_the_same_number_of_another_session_is_another_call(calls, stopped):
    mine, other = Future(), Future()
    calls.keep("mine", 1, mine)
    calls.keep("other", 1, other)
    calls.abandon("mine", 1)
    assert stopped == [mine]


def test_a_session_that_ends_gives_up_its_calls_and_no_others(calls, stopped):
    futures = [Future() for _ in range(3)]
    for number, future in enumerate(futures):
        calls.keep("mine" if number < 2 else "other", number, future)
    calls.abandon("mine", 7)  # never begins
    calls.leave("mine")
    assert stopped == futures[:2]
    calls.keep("mine", 7, futures[2])
    assert stopped == futures[:2]


def test_a_call_that_finishes_while_it_is_given_up_is_either_reported_or_stopped(calls, stopped):
    done = []
    for number in range(300):
        future = Future()
        calls.keep("session", number, future, done.append)
        thread = threading.Thread(target=future.set_result, args=(number,))
        thread.start()
        calls.abandon("session", number)
        thread.join()
    assert len(done) + len(stopped) == 300
    assert not set(done) & set(stopped)
