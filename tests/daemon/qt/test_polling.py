"""Qt's event loop polls while an access to the board is due soon, and blocks otherwise."""

import time

import pytest


@pytest.fixture
def polls(rig):
    """A function that returns whether the loop polled, for each time that it was about to block.

    Its argument is the function that returns the time of the board's last reply.
    """
    from qtpy import QtCore

    from pyrpl_remote.daemon.qt.polling import Polling

    made = []

    def observe(last_access) -> list[bool]:
        polling = Polling(rig.dispatcher.acquiring, last_access)
        (timer,) = polling.findChildren(QtCore.QTimer)
        assert timer.interval() == 0
        seen = []
        dispatcher = QtCore.QAbstractEventDispatcher.instance()
        connection = dispatcher.aboutToBlock.connect(lambda: seen.append(timer.isActive()))
        made.append((polling, dispatcher, connection))
        return seen

    yield observe
    for polling, dispatcher, connection in made:
        dispatcher.aboutToBlock.disconnect(connection)
        polling.deleteLater()


@pytest.fixture
def curve(rig, ada):
    """Begin to take a curve of 0.3 s; returns its future."""

    def begin():
        rig.pyrpl.rp.scope.setup(duration=0.3, trigger_source="immediately", rolling_mode=False)
        return rig.dispatcher.call(ada, "rp.scope", "single_async", [], {})

    return begin


def test_the_event_loop_polls_during_an_acquisition_and_blocks_before_and_after(rig, polls, curve):
    polled = polls(time.perf_counter)  # a board that answers all the time
    rig.until(lambda: polled, "the loop's first sleep")
    assert not any(polled)
    future = curve()
    rig.until(lambda: polled[-1], "polling")
    assert not future.done()
    assert rig.result(future).shape == (2, 16384)
    rig.until(lambda: not polled[-1], "the loop to sleep again")
    polled.clear()
    rig.until(lambda: len(polled) >= 10, "ten more sleeps")
    assert not any(polled)


def test_the_event_loop_blocks_while_no_access_to_the_board_is_due(rig, polls, curve):
    polled = polls(lambda: 0.0)
    rig.result(curve())
    assert polled and not any(polled)
