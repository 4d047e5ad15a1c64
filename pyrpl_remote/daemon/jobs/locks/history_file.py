"""The file with the history of one board's lock: an SQLite database, written by the watch, read by anybody.

Each event is on the disk when `append` returns: a daemon that is killed loses none. A file that is no such
database is put aside, never overwritten.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....errors import JobError
from ....lock_history import (
    BOARD_BACK,
    BOARD_LOST,
    COLUMNS,
    DAEMON_RESTARTED,
    LOCKING,
    LOST,
    RELOCKED,
    UNLOCKING,
    WATCH_ENDED,
    WATCH_STARTED,
    LockEvent,
    packed,
)
from ....machine import files_in_use
from ...adapter.configuration.free_path import free_path

log = logging.getLogger(__name__)

VERSION = 1
"""The number of this layout, in the file as `user_version`."""

MAX_EVENTS = 100_000
"""How many events the file keeps; the oldest are dropped."""

MAX_AGE = 2 * 366 * 86400.0
"""How old an event may become, in s."""

MAX_TRACES = 200
"""How many traces the file keeps, of the latest losses: each takes some 20 kB."""

LOCK_EVENTS, MAX_READ = 1000, 10_000
"""How many events one request reads if it does not say, and at most."""

BUSY_SECONDS = 5.0
"""How long a writer waits for readers, and a reader for the writer."""

_LAYOUT = f"""
BEGIN IMMEDIATE;
CREATE TABLE event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL, kind TEXT NOT NULL, stage INTEGER, duration REAL, reason TEXT NOT NULL,
    who TEXT NOT NULL, attempt INTEGER NOT NULL, error_mean REAL, error_rms REAL, output REAL
);
CREATE INDEX event_time ON event (time);
CREATE TABLE trace (number INTEGER PRIMARY KEY, seconds REAL NOT NULL, points BLOB NOT NULL);
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
PRAGMA user_version = {VERSION};
COMMIT;
"""

_INSERT = f"INSERT INTO event ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_EVENTS = f"SELECT number, {', '.join(COLUMNS)} FROM event"


class HistoryFile:
    """The history of one board, for its one writer. To be used in one thread.

    Attribute: `set_aside` (a sentence about a file that was put aside because it cannot be read, or "").
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises OSError or sqlite3.OperationalError if that is impossible."""
        self._path = path
        self.set_aside = ""
        try:
            self._database = _opened(path)
        except (sqlite3.DatabaseError, _OtherLayout) as error:
            if isinstance(error, sqlite3.OperationalError):  # a full disk, a folder that cannot be written to
                raise
            self._put_aside(error)
            self._database = _opened(path)
        self._appended = 0
        self._trim()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def append(self, event: LockEvent) -> None:
        """Write an event. Raises sqlite3.OperationalError if the disk is full, or the file cannot be used."""
        try:
            self._append(event)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._database.close()
            self._put_aside(error)
            self._database = _opened(self._path)
            self._append(event)

    def counts(self) -> dict[str, int]:
        """How many losses and relocks there ever were: also those that the file no longer has."""
        return {kind: int(self.note(f"count of {kind}") or 0) for kind in (LOST, RELOCKED)}

    def note(self, name: str) -> Any:
        """A value that was kept, None if there is none."""
        row = self._database.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_note(self, name: str, value: Any) -> None:
        """Keep a value, plain data; None removes it."""
        with self._database:
            self._set_note(name, value)

    def last(self, kinds: set[str]) -> LockEvent | None:
        """The latest event of one of these kinds, None if there is none."""
        marks = ", ".join("?" * len(kinds))
        where = f"{_EVENTS} WHERE kind IN ({marks}) ORDER BY number DESC LIMIT 1"
        row = self._database.execute(where, tuple(kinds)).fetchone()
        return None if row is None else _event(row[1:])

    def _append(self, event: LockEvent) -> None:
        with self._database:
            row = event.to_data()
            number = self._database.execute(_INSERT, [row[name] for name in COLUMNS]).lastrowid
            if event.trace is not None:
                self._database.execute("INSERT INTO trace VALUES (?, ?, ?)", (number, *packed(event.trace)))
            if event.kind in (LOST, RELOCKED):
                self._set_note(f"count of {event.kind}", self.counts()[event.kind] + 1)
        self._appended += 1
        if self._appended % 100 == 0:
            self._trim()

    def _set_note(self, name: str, value: Any) -> None:
        if value is None:
            self._database.execute("DELETE FROM note WHERE name = ?", (name,))
        else:
            self._database.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, json.dumps(value)))

    def _trim(self) -> None:
        with self._database:
            newest = "(SELECT max(number) FROM event)"
            self._database.execute(
                f"DELETE FROM event WHERE number <= {newest} - ? OR time < ?",
                (MAX_EVENTS, time.time() - MAX_AGE),
            )
            self._database.execute(
                "DELETE FROM trace WHERE number NOT IN (SELECT number FROM event) OR number NOT IN "
                "(SELECT number FROM trace ORDER BY number DESC LIMIT ?)",
                (MAX_TRACES,),
            )

    def _put_aside(self, error: Exception) -> None:
        aside = free_path(f"{self._path}.unreadable")
        files_in_use.replace(self._path, aside)  # others may read it just now
        # what SQLite had not finished belongs to the file
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{self._path}-journal", f"{aside}-journal")
        self.set_aside = f"the history {self._path} cannot be read ({error}); it is kept as {aside}"
        log.warning("%s; a new one begins", self.set_aside)


def read(
    path: Path, since: float | None = None, until: float | None = None, limit: int = LOCK_EVENTS
) -> dict[str, Any]:
    """The latest `limit` events from `since` to `until` (in s since the epoch), as data for `from_reply`.

    From any thread. The data are empty if there is no file. Raises JobError if it cannot be read.
    """
    for name, value in (("since", since), ("until", until)):
        if value is not None and not (type(value) in (int, float) and math.isfinite(value)):
            raise TypeError(f"{name} is a time in s since the epoch, or None, not {value!r:.80}")
    if type(limit) is not int or not 0 < limit <= MAX_READ:
        raise ValueError(f"limit is a number of events from 1 to {MAX_READ}, not {limit!r:.80}")
    try:
        return _read(path, since, until, limit)
    except sqlite3.Error as error:
        raise JobError(
            f"the history {path} cannot be read: {error}", "a new watch puts it aside, and begins another one"
        ) from error


def _read(path: Path, since: float | None, until: float | None, limit: int) -> dict[str, Any]:
    now = time.time()
    until = now if until is None else min(until, now)
    empty = {"events": [], "since": since if since is not None else until, "until": until}
    if not path.exists():
        return empty
    with _reading(path) as database:
        if not database.execute("PRAGMA user_version").fetchone()[0]:  # its writer is just making it
            return empty
        if since is None:
            since = database.execute("SELECT min(time) FROM event").fetchone()[0] or until
        within = "WHERE time >= ? AND time <= ?"
        rows = database.execute(
            f"{_EVENTS} {within} ORDER BY number DESC LIMIT ?", (since, until, limit)
        ).fetchall()[::-1]
        count = database.execute(f"SELECT count(*) FROM event {within}", (since, until)).fetchone()[0]
        traces = {}
        if rows:
            found = database.execute(
                "SELECT number, seconds, points FROM trace WHERE number BETWEEN ? AND ?",
                (rows[0][0], rows[-1][0]),
            )
            traces = {number: [seconds, points] for number, seconds, points in found}
        left_out = count - len(rows)
        begin = rows[0][1] if left_out else since
        first = rows[0][0] if rows else None
        seen, locked = _state_before(database, begin, first)
    events = [[*row[1:], traces.get(row[0])] for row in rows]
    return {
        "events": events,
        "since": begin,
        "until": until,
        "watched_before": seen,
        "locked_before": locked,
        "left_out": left_out,
    }


def _state_before(database: sqlite3.Connection, begin: float, first: int | None) -> tuple[bool, bool]:
    """Whether the lock was watched, and locked, before `begin` and the event of the number `first`."""
    where = "WHERE time <= ? AND (? IS NULL OR number < ?) AND kind IN ({}) ORDER BY number DESC LIMIT 1"

    def last(kinds: set[str]) -> str:
        query = f"SELECT kind FROM event {where.format(', '.join('?' * len(kinds)))}"
        row = database.execute(query, (begin, first, first, *kinds)).fetchone()
        return "" if row is None else str(row[0])

    return last(_SEES) not in _SEES_NOT, last(LOCKING | UNLOCKING) in LOCKING


_SEES_NOT = {"", BOARD_LOST, WATCH_ENDED}
_SEES = {WATCH_STARTED, BOARD_BACK, DAEMON_RESTARTED, BOARD_LOST, WATCH_ENDED}


class _OtherLayout(Exception):
    """The file is a database, but not one of this layout."""


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.executescript(_LAYOUT)
        elif version != VERSION:
            raise _OtherLayout(f"its layout has the number {version}, this release's {VERSION}")
        found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
    except BaseException:
        database.close()
        raise
    return database


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        database.execute("PRAGMA query_only = 1")
        database.execute("BEGIN")  # all that is read is of one moment
        yield database
    finally:
        database.close()


def _event(row: tuple[Any, ...]) -> LockEvent:
    return LockEvent.from_data(dict(zip(COLUMNS, row)))
