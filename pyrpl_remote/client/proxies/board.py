"""`RemotePyrpl`, the proxy of a whole board: what `connect` returns."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ...board_status import OTHER_GATEWARE, TAKEN, BoardStatus, JobStatus, LinkStatus
from ...lock_history import ALARM_ON, LockEvent, LockHistory
from ...names import directory
from .. import jobs, locks
from ..doors import door
from ..get_back import get_back
from ..jobs import JobHandle
from ..sessions.handle import Handle
from ..sessions.subscription import Subscription
from . import curves
from .curves import Curve
from .module import RemoteModule


class RemotePyrpl(RemoteModule):
    """A board that a daemon serves, with the attributes of PyRPL's `Pyrpl`. Returned by `connect`."""

    __slots__ = ("_modules",)
    _own = (
        *("close", "status", "on_link", "take_over", "restore_gateware"),
        *("name_server", "curves", "load_curve", "create_curve"),
        *("watch_lock", "unwatch_lock", "lock_history", "on_lock"),
        *("jobs", "stop_job", "record"),
    )

    _modules: dict[str, RemoteModule]

    def __init__(self, handle: Handle, path: str = ""):
        super().__init__(handle, path)
        object.__setattr__(self, "_modules", {})
        handle.board_proxy = weakref.ref(self)

    @property
    def name_server(self) -> str:
        """The Pyro URI of the name server that lists this board and its modules. Raises NameServerError."""
        return directory.uri()

    @door
    def status(self) -> BoardStatus:
        """The status of the board, of the link to it, of its daemon and its clients; see `BoardStatus`.

        It is also a mapping: `p.status()["daemon"]["pid"]` is `p.status().daemon.pid`. It asks the daemon
        only, not the board, and works while the board is lost.
        """
        return self._handle.session.status()

    @door
    def on_link(self, callback: Callable[[LinkStatus], object]) -> Subscription:
        """Call `callback(link)` each time the state of the link to the board changes.

        `link` is a LinkStatus with state ("up", "reconnecting", "taken" by another program, or "other
        gateware"), reason and since. While it is not "up", each access to the board raises BoardLinkLost. The
        reason of an "up" says what happened to the board meanwhile: whether it was restarted. The end of the
        daemon is "reconnecting" too, and "stopped" if somebody has stopped it. Callbacks are called as those
        of on_change.
        """
        return self._handle.subscribe("link", "", callback)

    @door
    def take_over(self) -> None:
        """Take the board now, although another program uses it, whose connection ends.

        For a link whose state is "taken" (see `on_link`); does nothing if it is "up". Returns when the link
        is up again; raises BoardLinkLost if it does not come back.
        """
        get_back(self._handle.session, TAKEN)

    @door
    def restore_gateware(self) -> None:
        """Load PyRPL's gateware again, and write all settings to it, outputs last.

        For a link whose state is "other gateware" (see `on_link`); what used that gateware ends. Returns and
        raises as `take_over` does. With connect(..., gateware="restore") the daemon does it by itself.
        """
        get_back(self._handle.session, OTHER_GATEWARE)

    @door
    def jobs(self) -> list[JobStatus]:
        """The daemon's jobs, which go on without clients: those that run, or have failed, the oldest first.

        A job holds the daemon as a client does, and the next daemon of the board starts it again.
        """
        return [job for job in jobs.every(self._handle) if job.state not in ("done", "stopped")]

    @door
    def stop_job(self, number: int) -> None:
        """End the job whose `id` is `number` for good. Raises JobError if there is none."""
        jobs.stop(self._handle, number)

    @door
    def record(
        self,
        file: str | os.PathLike[str],
        values: Iterable[str],
        every: float = 1.0,
        duration: float | None = None,
        overwrite: bool = False,
    ) -> JobHandle:
        """Let the daemon read attributes each `every` s (0.01 or more), and append them to a file.

        `values` are names such as "pid0.ival" or "lockbox.inputs.reflection.mean": numbers and texts that
        reading does not change. `file` ends with .h5, .hdf5 or .csv; an existing recording of the same values
        is continued, any other file is refused, unless `overwrite`. It ends by itself after `duration` s. The
        file is on the daemon's machine: for a board of another machine or user, `file` is a plain name in the
        folder "recordings" beside the daemon's log.

        Returns the job's handle; `status().parameters["file"]` is the whole path. The recording goes on when
        this program has ended, and with the next daemon. What is missing is named in the file, with the
        reason. Raises UnknownAttribute, JobError, AccessDenied, and ValueError, TypeError or OSError for
        values and files that cannot be used; then nothing is recorded.
        """
        return jobs.record(self._handle, file, values, every, duration, overwrite)

    @door
    def watch_lock(
        self,
        relock: bool = True,
        attempts: int | None = 3,
        pause: float = 30.0,
        command: str | Sequence[str] | None = None,
        webhook: str | None = None,
        alarm_on: Sequence[str] = ALARM_ON,
        trace: bool = True,
    ) -> JobHandle:
        """Let the daemon watch the lock of the lockbox from now on, also when this program has ended.

        `relock`: take a lost lock again with PyRPL's own sequence: the first time at once, then after `pause`
        s, which doubles after each failure; after `attempts` failures in a row it gives up, None for never.
        It never does while somebody else uses the lockbox, or after somebody has unlocked on purpose.
        `command` (a list of words, or a text that is split as a shell does; no shell runs it) and `webhook`
        (an http or https address, which gets JSON) are called for the events of `alarm_on`, kinds of
        LockEvent; only the board's owner may set them, in a program of the daemon's machine. `trace`: the
        scope records what comes before a loss, while nobody uses it. Returns the job's handle. Raises
        JobError if the lock is watched already, AccessDenied for alarms of somebody else, and ValueError or
        TypeError for values that an option does not take; then nothing is watched.
        """
        return locks.watch(
            self._handle,
            relock=relock,
            attempts=attempts,
            pause=pause,
            command=command,
            webhook=webhook,
            alarm_on=alarm_on,
            trace=trace,
        )

    @door
    def unwatch_lock(self) -> None:
        """End the watch of the lock. The lock stays as it is. Raises JobError if it is not watched."""
        locks.unwatch(self._handle)

    @door
    def lock_history(
        self, since: locks.When = None, until: locks.When = None, limit: int = 1000
    ) -> LockHistory:
        """What happened to the watched lock: the latest `limit` events (10000 at most), the oldest first.

        `since` and `until` are times in s since the epoch, or datetimes; without a time zone these are of
        this machine. The history outlives the watch. Raises TypeError or ValueError for other times and
        limits, JobError if the history's file cannot be read.
        """
        return locks.history(self._handle, since, until, limit)

    @door
    def on_lock(self, callback: Callable[[LockEvent], object]) -> Subscription:
        """Call `callback(event)` for each event of the watched lock, as `lock_history` has them.

        Their traces are in `lock_history` only. Callbacks are called as those of on_change.
        """
        return self._handle.subscribe("lock", "", callback)

    @door
    def curves(self) -> dict[int, str]:
        """The names of the curves saved on the daemon's machine, by number, the newest first.

        A curve whose file is damaged is left out.
        """
        return curves.names(self._handle)

    @door
    def load_curve(self, pk: int) -> Curve:
        """The saved curve number `pk`, with data; see `Curve`. Raises FileNotFoundError if there is none."""
        return curves.load(self._handle, pk)

    @door
    def create_curve(self, x: Any, y: Any, **params: Any) -> Curve:
        """Save a curve of your own, as PyRPL's CurveDB.create does.

        `x` and `y`: shape (n,), of numbers; `y` may be complex. `params` are the `name` and any other values
        to be saved with the curve. Returns the saved curve. Raises ValueError for other shapes.
        """
        return curves.create(self._handle, np.asarray(x), np.asarray(y), params)

    @door
    def close(self) -> None:
        """Release the board: from now on this proxy and those of its modules raise SessionClosed.

        The daemon continues while other clients or other `connect()` calls hold the board.
        """
        self._handle.release()

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Pyrpl of board {self._handle.board!r}, {self._handle.state}>"

    def _module(self, path: str, make: Callable[[Handle, str], RemoteModule]) -> RemoteModule:
        """The proxy of the module at `path`. As in PyRPL, each module is one object while this one exists."""
        if path not in self._modules:
            self._modules[path] = make(self._handle, path)
        return self._modules[path]
