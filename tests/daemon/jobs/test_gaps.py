"""Gaps: each missing sample is in one, which says from when to when, how many, and why."""

import itertools

import pytest

from pyrpl_remote.daemon.jobs.recordings.gaps import BUSY, NO_DAEMON, NO_RECORDING, Gap, Gaps


@pytest.fixture
def found() -> list[Gap]:
    return []


@pytest.fixture
def gaps(found) -> Gaps:
    return Gaps(1.0, found.append)


def test_samples_in_time_leave_no_gap(gaps, found):
    for n in range(100):
        gaps.sample(1000.0 + n, 0)
    gaps.close(1100.0)
    assert (found, gaps.missed) == ([], 0)


def test_a_lost_board_is_a_gap_from_the_last_sample_to_the_next(gaps, found):
    gaps.sample(1000.0, 0)
    gaps.open("the board was lost")
    gaps.open("another reason that follows from it")
    assert gaps.reason == "the board was lost"
    gaps.sample(1010.0, 9)
    assert found == [Gap(1000.0, 1010.0, 9, "the board was lost")]
    assert (gaps.missed, gaps.reason) == (9, "")


def test_samples_that_came_too_late_are_counted_as_one_gap_while_they_are_close(gaps, found):
    for n, skipped in ((0, 0), (3, 2), (4, 0), (6, 1), (7, 0)):
        gaps.sample(1000.0 + n, skipped)
    assert found == []
    for n in range(8, 20):
        gaps.sample(1000.0 + n, 0)
    assert found == [Gap(1000.0, 1006.0, 3, BUSY)]
    gaps.sample(1021.0, 1)
    gaps.close(1022.0)
    assert found[1:] == [Gap(1019.0, 1021.0, 1, BUSY)]
    assert gaps.missed == 4


def test_a_daemon_that_is_always_busy_has_a_gap_each_minute(gaps, found):
    for n in range(0, 300, 2):
        gaps.sample(1000.0 + n, 1 if n else 0)
    gaps.close(1300.0)
    assert 4 <= len(found) <= 6
    assert sum(gap.missed for gap in found) == gaps.missed == 149
    assert all(one.until <= other.since for one, other in itertools.pairwise(found))


def test_a_recording_that_goes_on_has_a_gap_since_its_last_sample(gaps, found):
    gaps.begin(1000.0, NO_DAEMON)
    gaps.sample(1005.0, 0)
    assert found == [Gap(1000.0, 1005.0, 4, NO_DAEMON)]


def test_no_sample_is_missing_between_two_recordings(gaps, found):
    gaps.begin(1000.0, NO_RECORDING)
    gaps.sample(5000.0, 0)
    assert found == [Gap(1000.0, 5000.0, 0, NO_RECORDING)]


def test_a_gap_that_lasts_until_the_end_is_named(gaps, found):
    gaps.begin(None, NO_DAEMON)
    assert gaps.reason == ""
    gaps.sample(1000.0, 0)
    gaps.open("the board was lost")
    gaps.close(1003.0)
    gaps.close(1004.0)
    assert found == [Gap(1000.0, 1003.0, 2, "the board was lost")]
