"""The callback thread calls functions in order, and exists only while there are functions to call."""

import sys
import threading
from functools import partial

from pyrpl_remote.client.sessions import callbacks as tested
from pyrpl_remote.client.sessions.callbacks import Callbacks

from ..processes import wait_until


def threads(board: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"pyrpl_remote callbacks of {board}"]


def test_functions_are_called_in_order_by_one_other_thread():
    callbacks = Callbacks("ordered")
    called = []
    for number in range(1000):
        callbacks.post(partial(lambda n: called.append((n, threading.current_thread())), number))
    assert callbacks.wait_until_idle(20)
    assert [number for number, _ in called] == list(range(1000))
    assert {thread.name for _, thread in called} == {"pyrpl_remote callbacks of ordered"}


def test_waiting_for_all_to_be_called_has_a_limit():
    callbacks = Callbacks("waiting")
    go_on = threading.Event()
    callbacks.post(lambda: go_on.wait(20))
    assert not callbacks.wait_until_idle(0.01)
    go_on.set()
    assert callbacks.wait_until_idle(20)


def test_a_function_may_post_another_one():
    callbacks = Callbacks("posting")
    called = threading.Event()
    callbacks.post(lambda: callbacks.post(called.set))
    assert called.wait(20)


def test_a_function_that_exits_is_logged_and_the_others_are_called(caplog):
    callbacks = Callbacks("exiting")
    called = threading.Event()
    callbacks.post(sys.exit)
    callbacks.post(called.set)
    assert called.wait(20)
    assert callbacks.wait_until_idle(20)
    assert "SystemExit" in caplog.text


def test_the_thread_ends_without_work_and_the_next_function_starts_another(monkeypatch):
    monkeypatch.setattr(tested, "IDLE_SECONDS", 0.05)
    callbacks = Callbacks("idle")
    assert threads("idle") == []
    for _ in range(3):
        called = threading.Event()
        callbacks.post(called.set)
        assert called.wait(20)
        wait_until(lambda: not threads("idle"), what="the end of the thread")


def test_posts_from_many_threads_are_all_called(monkeypatch):
    monkeypatch.setattr(tested, "IDLE_SECONDS", 0.0)  # the thread ends whenever it can
    callbacks = Callbacks("many")
    called = []
    posters = [
        threading.Thread(target=lambda: [callbacks.post(lambda: called.append(1)) for _ in range(200)])
        for _ in range(10)
    ]
    for poster in posters:
        poster.start()
    for poster in posters:
        poster.join()
    wait_until(lambda: len(called) == 2000, what="all calls")
