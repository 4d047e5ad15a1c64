"""The commands watch, unwatch and locks, as a user types them."""

import csv
import io
import json
import time

import numpy as np
import pytest

from pyrpl_remote import settings
from pyrpl_remote.cli.locks import time_of
from pyrpl_remote.daemon.jobs.locks.history_file import HistoryFile
from pyrpl_remote.errors import BadParameter
from pyrpl_remote.lock_history import LockEvent

from ..daemons import fake_board

NOW = 1.7e9


@pytest.fixture
def old():
    """The history of a board that is not served now: locked for 1 h of 2 h, lost an hour ago."""
    path = settings.lock_history_path("old")
    file = HistoryFile(path)
    now = time.time()
    for event in (
        LockEvent(now - 7200, "watch started", who="ada"),
        LockEvent(now - 7200, "locked"),
        LockEvent(now - 3600, "lost", 1, 3600.0, "reflection, dark", error_mean=0.35, trace=np.zeros((3, 9))),
        LockEvent(now - 3590, "attempt", 1, 0.4, "still dark", attempt=1),
        LockEvent(now - 0, "watch ended", who="bob"),
    ):
        file.append(event)
    file.close()
    yield
    path.unlink()


def test_locks_shows_losses_time_locked_longest_and_the_last_reason(main, old):
    shown = main("locks", "old").stdout
    assert "lost once, taken again 0 times, 1 failed attempt\n" in shown
    assert "watched for 2:00:00, locked 50.0 %, the longest lock 1:00:00" in shown
    assert "reflection, dark" in shown.splitlines()[2]
    assert "attempt (attempt 1)" in shown and "[bob]" in shown and "0.3500" in shown


def test_locks_of_a_time(main, old):
    shown = json.loads(main("locks", "old", "--since", "3599s", "--json").stdout)
    assert [event["kind"] for event in shown["events"]] == ["attempt", "watch ended"]
    assert shown["losses"] == 0 and shown["locked_fraction"] == 0.0
    shown = json.loads(main("locks", "old", "--since", "90min", "--json").stdout)
    # it was locked before that
    assert shown["losses"] == 1 and shown["locked"] == pytest.approx(1800, abs=5)
    shown = json.loads(main("locks", "old", "-n", "1", "--json").stdout)
    assert shown["left_out"] == 4 and len(shown["events"]) == 1


def test_locks_as_csv(main, old):
    rows = list(csv.DictReader(io.StringIO(main("locks", "old", "--csv").stdout)))
    assert [row["kind"] for row in rows] == ["watch started", "locked", "lost", "attempt", "watch ended"]
    assert rows[2]["reason"] == "reflection, dark" and float(rows[2]["error_mean"]) == 0.35


def test_nonsense_is_an_error_with_a_remedy(main, old):
    for arguments, words in (
        (("locks", "nosuch"), "no daemon serves"),
        (("locks", "old", "--since", "yesterday"), "is no time"),
        (("locks", "old", "--csv", "--json"), "exclude each other"),
        (("unwatch", "nosuch"), "no daemon serves"),
    ):
        done = main(*arguments)
        assert done.returncode and words in done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1d", NOW - 86400), ("12h", NOW - 43200), ("1.5 min", NOW - 90), ("2w", NOW - 14 * 86400)],
)
def test_a_time_is_how_long_ago(text, expected):
    assert time_of(text, NOW) == expected


def test_a_time_is_a_date():
    assert time_of("2026-11-28 10:30") - time_of("2026-11-28") == 10.5 * 3600
    for text in ("", "1", "d", "-1d", "2026-13-01"):
        with pytest.raises(BadParameter):
            time_of(text)


def test_a_board_is_watched_and_no_longer(main):
    with fake_board("watched") as p:
        done = main("watch", "watched", "--no-relock", "--alarm-on", "given up", "--command", "true 1")
        assert "its lock is watched (job 1)" in done.stdout, done.stderr
        (job,) = p.jobs()
        assert job.parameters["relock"] is False and job.parameters["alarm_on"] == ["given up"]
        assert job.parameters["command"] == "true"
        again = main("watch", "watched")
        assert again.returncode and "JobError" in again.stderr
        assert "no longer watched" in main("unwatch", "watched").stdout
        assert "is not watched" in main("unwatch", "watched").stderr
        assert [event.kind for event in p.lock_history()] == ["watch started", "watch ended"]
        assert "lost 0 times" in main("locks", "watched").stdout
        for options, words in (
            (("--webhook", "file:///etc/passwd"), "web address"),
            (("--alarm-on", "found"), "there is no event"),
            (("--command", "echo '"), "quotation"),
        ):
            done = main("watch", "watched", *options)
            assert done.returncode and words in done.stderr
        assert p.jobs() == []
