"""The latency of the link is a mean that follows the last accesses."""

import pytest

from pyrpl_remote.daemon.adapter.board.access_times import SHORT_WORDS, WEIGHT, AccessTimes


def test_the_first_accesses_have_their_mean_and_later_ones_move_it():
    times = AccessTimes()
    assert times.mean is None
    for seconds in (1.0, 2.0, 3.0):
        times.note(seconds, 1)
    assert times.mean == pytest.approx(2.0)
    for _ in range(10 * WEIGHT):
        times.note(0.5, SHORT_WORDS)
    assert times.mean == pytest.approx(0.5, rel=0.01)
    assert times.slowest == 3.0


def test_long_accesses_are_counted_but_not_measured():
    times = AccessTimes()
    times.note(1.0, SHORT_WORDS + 1)
    assert (times.count, times.mean, times.slowest) == (1, None, 0.0)
