"""`Revival`: lets a session go on when its daemon has died, or has ended the session.

The session looks for another daemon of its board, and starts one if none runs, as `connect` does: under the
same lock, so that all clients end at one daemon. Proxies get the new description, and subscriptions are made
again. A daemon that somebody has stopped is not started again: the session goes on when somebody else starts
one.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from ... import board_status, stop_note
from ...errors import AccessDenied, BoardGone, DaemonStopped, SessionError, StartError
from ...names.directory import Entry
from ..connections.connection import Connections
from ..finding.locate import Locator
from .stream import Stream

log = logging.getLogger("pyrpl_remote")

LocatorFor = Callable[[Entry], Locator]
"""Returns a Locator that finds or starts a daemon in place of that of the entry."""


class Revival:
    """Finds the daemon of one session again. Its methods may be called from any thread."""

    def __init__(
        self,
        connections: Connections,
        stream: Stream,
        refresh: Callable[[], None],
        entry: Entry,
        locator_for: LocatorFor,
    ):
        """`refresh()` gives the proxies the daemon's description; `locator_for` is as for Session.

        `entry` is that of the session's daemon.
        """
        self._connections = connections
        self._stream = stream
        self._refresh = refresh
        self._board = entry.name
        self._entry = entry
        self._locator_for = locator_for
        self._joined = time.time()
        self._served = True
        self._stopped: DaemonStopped | None = None
        self._noted = False
        self._attempts = 0
        self._failure: BoardGone | None = None
        # One thread looks for a daemon, the others wait for it. Who holds `_moving` never waits for another
        # process: connect() takes it while it holds the lock of a start, for which the first may wait.
        self._looking = threading.Lock()
        self._moving = threading.Lock()

    def come_back(self, generation: int, gone: BoardGone, may_start: bool = True) -> None:
        """Find a daemon in place of the one that did not serve a request; `may_start`: or start one.

        `generation` is that of the connections when the request began, `gone` its error. Raises BoardGone if
        there is none, DaemonStopped if somebody has stopped it, SessionClosed.
        """
        attempts = self._attempts
        with self._looking, self._connections.present():
            if self._served and generation != self._connections.generation:
                return  # another thread was faster
            if self._failure is not None and attempts != self._attempts and not self._served:
                raise type(self._failure)(self._failure.message, self._failure.remedy)
            known = self._stopped
            stopped = self._stop_of(gone)
            lost = self._lose(stopped or gone)
            if stopped is not None and known is None:
                self._stream.subscriptions.tell_link("stopped", stopped.message)
            elif lost:
                self._stream.subscriptions.tell_link(board_status.RECONNECTING, gone.message)
            try:
                self._look(gone, stopped, may_start)
            except BoardGone as error:
                if may_start:
                    self._failure = error
                    self._attempts += 1
                raise
            self._failure = None

    def follow(self, entry: Entry) -> None:
        """Go on with the daemon of `entry`, which connect() has found, unless the present one serves.

        Raises as Session does.
        """
        if not is_alive(self._connections):
            with self._connections.present():
                ended = BoardGone(f"the daemon of board {self._entry.name!r} has ended")
                if self._lose(ended):
                    self._stream.subscriptions.tell_link(board_status.RECONNECTING, ended.message)
                self._move_to(entry)

    def resumed(self, error: SessionError) -> None:
        """Go on after the daemon had ended the session and given up its calls, as `error` says."""
        self._stream.lose(error)
        self._connections.reopen()
        with contextlib.suppress(SessionError):  # the daemon does not answer now: the next request sees to it
            self._refresh()
        log.warning(
            "board %r: the daemon had ended this program's session (%s); it goes on", self._board, error
        )

    def begin_anew(self, generation: int, error: SessionError) -> None:
        """Begin the session again in its daemon, which has forgotten it, as after a very long silence."""
        with self._looking, self._connections.present():
            if generation != self._connections.generation:
                return  # the error is that of an earlier daemon
            self._connections.reopen()
            self._refresh()
            count = self._stream.renew(moved=True)
            # last: who gets the error of a future, and acts on it, misses no event of that
            self._stream.lose(error)
        log.warning(
            "board %r: the daemon had ended this program's session (%s); it goes on, "
            "and %d subscription(s) were made again",
            self._board,
            error.message,
            count,
        )

    def _lose(self, gone: BoardGone) -> bool:
        """Give up the present daemon; returns False if that was done before."""
        with self._moving:
            if not self._served:
                return False
            self._served = False
            self._connections.lose()
        self._stream.lose(gone)
        return True

    def _look(self, gone: BoardGone, stopped: DaemonStopped | None, may_start: bool) -> None:
        locator = self._locator_for(self._entry)
        try:
            if stopped is not None or not may_start:
                if locator.find_running(self._move_to) is None:
                    raise stopped or gone
            else:
                locator.find_or_start(self._move_to)
        except (StartError, AccessDenied) as error:
            raise BoardGone(
                f"{gone.message}; no other one serves it: {error.message}", error.remedy
            ) from error

    def _stop_of(self, gone: BoardGone) -> DaemonStopped | None:
        """The error that names who has stopped the daemon, None if nobody has."""
        board = self._entry.name
        note = stop_note.read(board) if not self._entry.on else None  # another host has notes of its own
        if note is not None and note.time >= self._joined:
            self._stopped, self._noted = stop_note.stopped_error(board, note.by, note.time), True
        elif isinstance(gone, DaemonStopped):
            self._stopped = gone
        elif self._noted:  # somebody has started it again since
            self._stopped, self._noted = None, False
        return self._stopped

    def _move_to(self, entry: Entry) -> bool:
        """Go on with the daemon of `entry`; returns True.

        Raises BoardGone if it is that of another board, protocol.Refused if it refuses, Pyro5's
        CommunicationError if it does not answer.
        """
        connections = self._connections
        with self._moving:
            if self._served and entry.uri == connections.uri:
                return True
            self._require_same_board(entry)
            moved = entry.uri != connections.uri
            # other threads follow when all is as it was: they miss no event of what they do then
            with connections.moving(entry.uri):
                connections.open()
                self._refresh()
                count = self._stream.renew(moved)
            self._entry, self._joined = entry, time.time()
            self._served, self._stopped, self._noted = True, None, False
        # not Session.status(), for which another thread may hold a lock and wait for this one
        status = board_status.status_from_data(connections.ask("status"))
        began = time.strftime("%H:%M:%S", time.localtime(status.daemon.started))
        what = "its daemon had ended; another one serves it" if moved else "its daemon answers again"
        text = f"{what} (pid {status.daemon.pid}, started at {began})"
        log.warning("board %r: %s; %d subscription(s) were made again", self._board, text, count)
        self._stream.subscriptions.tell_link(
            status.link.state, "; ".join(filter(None, [text, status.link.reason]))
        )
        return True

    def _require_same_board(self, entry: Entry) -> None:
        """Raise BoardGone if the daemon of `entry` serves another board, under the name of this one."""
        before = self._entry
        if entry.identity == before.identity:
            return
        if before.mac_addresses and before.mac_addresses == entry.mac_addresses:
            return  # at another address
        raise BoardGone(
            f"the daemon of board {before.name!r} no longer answers, and its name is now that of the board "
            f"{entry.identity}, not {before.identity}",
            "connect() with the hostname of the board that you mean",
        )


def is_alive(connections: Connections) -> bool:
    """Whether the daemon answers, and is not about to end."""
    try:
        with connections.present():
            return bool(connections.ask("status")["state"] != "ending")
    except BoardGone:
        return False
