"""The history of a lock as a program reads it: rows, an array, a summary."""

import datetime
import math
from typing import Any

import numpy as np
import pytest

from pyrpl_remote import LockHistory
from pyrpl_remote.client.locks import timestamp
from pyrpl_remote.lock_history import COLUMNS, LockEvent, history_from_data, packed, unpacked


def history(*kinds, since=0.0, until=None, **before):
    """A history with an event each 10 s."""
    events = [LockEvent(10.0 * number, kind, reason=f"{number}") for number, kind in enumerate(kinds)]
    return LockHistory(events, since, 10.0 * len(kinds) if until is None else until, **before)


def test_a_history_is_a_sequence_of_events():
    found = history("watch started", "locked", "lost")
    assert [event.kind for event in found] == ["watch started", "locked", "lost"]
    assert len(found) == 3 and found[-1].kind == "lost" and len(found[1:]) == 2
    assert "1 losses, locked 33.3%" in repr(found)


def test_the_summary_adds_up_losses_and_time():
    one = history("watch started", "locked", "lost", "attempt", "relocked", "lost", "given up").summary()
    assert (one.losses, one.relocks, one.failed) == (2, 1, 1)
    assert (one.watched, one.locked, one.longest) == (70.0, 20.0, 10.0)
    assert one.locked_fraction == pytest.approx(2 / 7)
    assert (one.last_reason, one.last_loss) == ("5", 50.0)
    assert one["losses"] == 2  # it reads as a mapping, too


@pytest.mark.parametrize(
    ("kinds", "locked", "watched"),
    [
        (["watch started", "locked"], 10, 20),
        (["watch started", "locked", "watch ended"], 10, 20),
        (["watch started", "locked", "unlocked"], 10, 30),
        (["watch started", "locked", "board lost", "board back", "locked"], 20, 40),
        (["watch started", "locked", "board lost", "board back", "lost"], 10, 40),
        (["watch started", "locked", "daemon restarted", "locked"], 20, 40),
        (["watch started", "locked", "watch ended", "watch started", "locked"], 20, 40),
        ([], 0, 0),
    ],
)
def test_only_what_was_seen_counts(kinds, locked, watched):
    one = history(*kinds).summary()
    assert (one.locked, one.watched) == (locked, watched)


def test_the_time_in_which_the_daemon_was_away_does_not_count():
    events = [
        LockEvent(0.0, "watch started"),
        LockEvent(0.0, "locked"),
        LockEvent(100.0, "daemon restarted", duration=40.0),
        LockEvent(100.0, "locked"),
    ]
    one = LockHistory(events, 0.0, 110.0).summary()
    assert (one.watched, one.locked, one.longest) == (70.0, 70.0, 60.0)


def test_a_history_that_begins_later_knows_what_was_before():
    one = history("lost", "relocked", since=-5.0, watched_before=True, locked_before=True).summary()
    assert (one.locked, one.watched, one.longest) == (15.0, 25.0, 10.0)
    one = history(since=0.0, until=60.0, watched_before=True).summary()
    assert (one.locked_fraction, one.losses) == (0.0, 0)
    assert math.isnan(history(until=60.0).summary().locked_fraction)


def test_an_array_has_a_row_for_each_event():
    events = [
        LockEvent(1.0, "lost", 1, 2.5, "dark", "ada", 0, 0.1, 0.01, -0.5, np.zeros((3, 4))),
        LockEvent(2.0, "unlocked"),
    ]
    array = LockHistory(events, 0.0, 3.0).to_numpy()
    assert array.dtype.names == COLUMNS
    assert array["kind"].tolist() == ["lost", "unlocked"] and array["reason"].tolist() == ["dark", ""]
    assert array["stage"].tolist() == [1, -1] and array["output"][0] == -0.5
    assert np.isnan(array["duration"][1]) and np.isnan(array["error_mean"][1])
    assert len(LockHistory([], 0.0, 1.0).to_numpy()) == 0


def test_a_trace_travels_in_steps_of_the_converters():
    trace = np.vstack([np.linspace(-2.0, 0.0, 50), np.linspace(-1, 1, 50), np.full(50, 0.3)])
    found = unpacked(*packed(trace))
    assert found[0] == pytest.approx(trace[0])
    assert found == pytest.approx(trace, abs=1 / 8192)
    for points in (b"nonsense", packed(trace)[1][:-5]):
        with pytest.raises(ValueError, match="no trace"):
            unpacked(2.0, points)


def test_data_of_another_release_are_read():
    found = history_from_data(
        {"events": [[1.0, "lost", *[None] * 2, "dark", "", 0, *[None] * 3, None]], "since": 0.0, "until": 2.0}
    )
    assert (found[0].kind, found[0].stage) == ("lost", None) and math.isnan(found[0].output)


def test_a_time_is_a_number_or_a_datetime():
    when = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
    assert timestamp(when) == when.timestamp()
    assert timestamp(np.float64(5)) == 5.0 and timestamp(None) is None
    nonsense: Any
    for nonsense in ("now", True, [1]):
        with pytest.raises(TypeError):
            timestamp(nonsense)
