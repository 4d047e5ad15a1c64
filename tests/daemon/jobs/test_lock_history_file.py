"""The file with a board's lock history: nothing is lost, it stays small, others read while it is written."""

import os
import signal
import sqlite3
import subprocess
import time

import numpy as np
import pytest

from pyrpl_remote.daemon.jobs.locks import history_file
from pyrpl_remote.daemon.jobs.locks.history_file import HistoryFile, read
from pyrpl_remote.daemon.jobs.locks.recorder import Recorder
from pyrpl_remote.lock_history import LockEvent, history_from_data

from ...processes import python_command


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lab.locks.sqlite"


@pytest.fixture
def file(path):
    file = HistoryFile(path)
    yield file
    file.close()


def history(path, **options):
    return history_from_data(read(path, **options))


def test_an_event_is_read_as_it_was_written(file, path):
    trace = np.vstack([np.linspace(-2, 0, 500), np.full(500, 0.25), np.full(500, -1.0)])
    event = LockEvent(time.time(), "lost", 1, 12.5, "reflection is 0.5 V", "ada", 0, 0.35, 0.01, 0.2, trace)
    file.append(event)
    file.append(LockEvent(time.time(), "relocked", attempt=1))
    first, second = history(path)
    assert first.to_data() == event.to_data()
    assert first.trace == pytest.approx(trace)
    assert (second.kind, second.stage, second.duration, second.attempt) == ("relocked", None, None, 1)
    assert np.isnan(second.error_mean) and second.trace is None


def test_the_latest_events_of_a_time_are_read_and_those_left_out_are_counted(file, path):
    now = time.time()
    for number in range(10):
        file.append(LockEvent(now - 100 + number, "locked" if number % 2 == 0 else "lost"))
    found = history(path, since=now - 98, until=now - 92, limit=3)
    assert [round(event.time - now) for event in found] == [-94, -93, -92]
    assert found.left_out == 4
    assert not found.locked_before  # the event before was a loss


def test_there_is_no_history_before_the_first_watch(path):
    found = history(path)
    assert len(found) == 0 and found.summary().losses == 0
    assert not path.exists()


def test_it_is_bounded_by_rows_age_and_traces(path, monkeypatch):
    monkeypatch.setattr(history_file, "MAX_EVENTS", 10)
    monkeypatch.setattr(history_file, "MAX_TRACES", 2)
    file = HistoryFile(path)
    trace = np.zeros((3, 100))
    for number in range(40):
        file.append(LockEvent(time.time(), "lost", reason=str(number), trace=trace))
    file.close()
    monkeypatch.setattr(history_file, "MAX_AGE", 3600.0)
    HistoryFile(path).close()
    found = history(path)
    assert [event.reason for event in found] == [str(number) for number in range(30, 40)]
    assert [event.trace is not None for event in found] == [False] * 8 + [True] * 2
    monkeypatch.setattr(history_file, "MAX_AGE", -1.0)
    file = HistoryFile(path)
    assert len(history(path)) == 0
    assert file.counts()["lost"] == 40  # the totals count what is no longer there
    file.close()


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX")
def test_a_writer_that_is_killed_loses_no_event_that_was_written(path):
    lines = f"""
        import time
        from pathlib import Path
        from pyrpl_remote.daemon.jobs.locks.history_file import HistoryFile
        from pyrpl_remote.lock_history import LockEvent
        file = HistoryFile(Path({str(path)!r}))
        number = 0
        while True:
            file.append(LockEvent(time.time(), "lost", reason=str(number)))
            report(written=number)
            number += 1
    """
    with subprocess.Popen(python_command(lines), stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(20):
            line = writer.stdout.readline()
        # others read while it writes
        assert len(history(path)) >= 20
        writer.send_signal(signal.SIGKILL)
        rest = [line for line in writer.stdout.read().splitlines() if line.endswith("}")]
    written = int([line, *rest][-1].rpartition(" ")[2].rstrip("}\n"))
    file = HistoryFile(path)
    found = [int(event.reason) for event in history(path, limit=10_000)]
    assert found[: written + 1] == list(range(written + 1))
    assert file.counts()["lost"] == len(found)
    file.close()


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + bytes(4000)])
def test_a_file_that_cannot_be_read_is_put_aside_and_named(path, content, caplog):
    path.write_bytes(content)
    file = HistoryFile(path)
    aside = path.with_name("lab.locks.sqlite.unreadable")
    assert aside.read_bytes() == content
    assert str(aside) in file.set_aside and str(aside) in caplog.text
    file.append(LockEvent(time.time(), "locked"))
    file.close()
    assert len(history(path)) == 1
    path.write_bytes(content)  # once more: the first is kept
    HistoryFile(path).close()
    assert path.with_name("lab.locks.sqlite.unreadable.2").exists()


def test_a_file_of_another_layout_is_put_aside(path):
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
        database.execute("CREATE TABLE event (number INTEGER)")
    database.close()
    file = HistoryFile(path)
    assert "99" in file.set_aside
    file.close()


def test_a_file_that_breaks_while_it_is_used_is_put_aside_and_the_event_written(file, path):
    file.append(LockEvent(time.time(), "locked"))
    path.write_bytes(b"x" * 30_000)
    file.append(LockEvent(time.time(), "lost"))
    assert [event.kind for event in history(path)] == ["lost"]
    assert "cannot be read" in file.set_aside


def test_events_wait_while_the_file_is_no_file(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("pyrpl_remote.daemon.jobs.locks.recorder.RETRY_SECONDS", 0.0)
    path = tmp_path / "lab.locks.sqlite"
    path.mkdir()
    recorder = Recorder(path)
    assert recorder.failure
    for number in range(3):
        recorder.add(LockEvent(time.time(), "lost", reason=str(number)))
    assert caplog.text.count("cannot be written") == 1
    assert recorder.counts["lost"] == 3
    path.rmdir()
    recorder.add(LockEvent(time.time(), "relocked"))
    assert not recorder.failure and "is written again" in caplog.text
    assert [event.reason for event in history(path)] == ["0", "1", "2", ""]
    recorder.close()
    recorder = Recorder(path)
    assert recorder.counts == {"lost": 3, "relocked": 1}
    assert recorder.last({"lost"}).reason == "2"
    # it breaks while it is used: what was there is not known, and the watch goes on
    path.write_bytes(b"x" * 30_000)
    assert recorder.last({"lost"}) is None and recorder.note("seen last") is None
    recorder.add(LockEvent(time.time(), "locked"))
    assert [event.kind for event in history(path)] == ["locked"]
    recorder.close()
