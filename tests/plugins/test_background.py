"""Remote calls are made in the background, while Qt's events are processed."""

import threading
import time

import pytest
from pymodaq_gui.qt_utils import mkQApp
from qtpy.QtCore import QTimer

from pymodaq_plugins_pyrpl.hardware.background import ACQUISITIONS, Background
from pymodaq_plugins_pyrpl.hardware.following import Follower
from pyrpl_remote.errors import BoardLinkLost, BoardUnreachable, SessionClosed

from ..offscreen import in_qt_loop, qt_until
from ..processes import wait_until

pytestmark = in_qt_loop


@pytest.fixture
def background():
    mkQApp("tests")
    made = Background()
    yield made
    made.close()


def test_a_call_returns_its_result_and_raises_its_error(background):
    assert background.ask(lambda: 1 + 1) == 2
    with pytest.raises(ZeroDivisionError):
        background.ask(lambda: 1 / 0)
    with pytest.raises(TimeoutError, match="its own"):
        background.ask(lambda: (_ for _ in ()).throw(TimeoutError("its own")))


def test_events_arrive_while_a_call_waits_and_a_request_within_it_is_answered(background):
    release, answers = threading.Event(), []

    def within():
        answers.append(background.ask(lambda: "setting"))
        release.set()

    QTimer.singleShot(50, within)
    assert background.ask(lambda: release.wait(10), ACQUISITIONS)
    assert answers == ["setting"]


def test_requests_are_made_in_their_order(background):
    done: list[int] = []

    def slow(number):
        time.sleep(0.1)
        done.append(number)

    QTimer.singleShot(0, lambda: background.ask(lambda: done.append(2)))
    background.ask(lambda: slow(1))
    qt_until(lambda: done == [1, 2], what="both")


@pytest.mark.parametrize("where", ["this thread", "another thread"])
def test_close_ends_all_waits_at_once_and_drops_what_comes_late(background, where):
    release, undone = threading.Event(), []
    began = time.monotonic()
    if where == "this thread":
        QTimer.singleShot(50, background.close)
    else:
        threading.Timer(0.05, background.close).start()
    with pytest.raises(SessionClosed):
        background.ask(lambda: release.wait(10) and "late", undo=undone.append)
    assert time.monotonic() - began < 2
    with pytest.raises(SessionClosed):
        background.ask(lambda: 1)
    release.set()
    wait_until(lambda: undone == ["late"], what="the late result")


def test_what_is_given_up_raises_the_reason_and_later_calls_do_not_wait_for_it(background):
    release = threading.Event()
    QTimer.singleShot(50, lambda: background.give_up(BoardLinkLost("cable")))
    with pytest.raises(BoardLinkLost, match="cable"):
        background.ask(lambda: release.wait(10))
    assert background.ask(lambda: 2) == 2
    release.set()


def test_a_time_limit_ends_a_wait(background):
    release = threading.Event()
    with pytest.raises(BoardUnreachable, match=r"within 0\.1 s"):
        background.ask(lambda: release.wait(10), seconds=0.1)
    release.set()


def test_begin_calls_back_in_the_thread_that_began(background):
    found = []
    background.begin(lambda: 3, lambda future: found.append((future.result(), threading.current_thread())))
    qt_until(lambda: found, what="the call back")
    assert found == [(3, threading.current_thread())]


def test_many_events_are_delivered_as_few_with_the_newest_value():
    mkQApp("tests")
    delivered: list[dict] = []
    follower = Follower(delivered.append)

    def post():
        for number in range(1000):
            follower.post("p", number)
            follower.post("i", -number)

    thread = threading.Thread(target=post)
    thread.start()
    thread.join()
    qt_until(lambda: delivered and delivered[-1].get("p") == 999, what="the last event")
    assert delivered[-1]["i"] == -999
    assert len(delivered) < 20
    follower.close()
    follower.post("p", 1)
    assert delivered[-1]["p"] == 999


def test_a_call_leaves_no_connection_for_qt_to_cut(background):
    # Qt cuts it with a lock held, and needs Python's meanwhile: that froze with a window that was closed then
    calls = []

    def slow():
        calls.extend(background._pending)
        background.give_up(BoardLinkLost("away", ""))

    with pytest.raises(BoardLinkLost) as caught:
        background.ask(slow, patience=0.0)
    assert caught.tb  # its frames keep the event loop
    assert calls[0].receivers(calls[0].returned) == 0
