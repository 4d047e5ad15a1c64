"""Find the daemon of a board, or start it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from Pyro5 import errors as pyro_errors

from ... import settings
from ...errors import BoardNameTaken, DaemonFailed, NameServerSilent
from ...names import directory, starting
from ...names.directory import Entry
from ...progress import Report, ignore
from ...protocol import Refused
from ..connections.refusal import error_of
from . import observer, start_step
from .wanted import Wanted

START_SECONDS = 180.0
"""How long a client waits while another one starts the same board's daemon."""

RETRY_SECONDS = 0.05
"""How often to check whether a daemon has ended."""

LEAVING_SECONDS = 0.7
"""How long a client that has just left, or was killed, may still count as one that uses its daemon."""

Entered = TypeVar("Entered")


class ServedByAnother(Exception):
    """A daemon that was to start has found that another one, of `entry`, serves its board, and has ended."""

    def __init__(self, entry: Entry):
        super().__init__(entry.name)
        self.entry = entry


class _Ending(Exception):
    """The daemon ends, and a new one may be started after it."""


class Locator:
    """Finds the daemon of one board, or starts it."""

    def __init__(self, wanted: Wanted, start: Callable[[], Entry], progress: Report = ignore):
        """`start()` starts the daemon of the board `wanted`; it may raise ServedByAnother.

        `progress(text)` is called when there is something to wait for.
        """
        self._wanted = wanted
        self._name = wanted.name
        self._lock_name = f"start-{wanted.name}"
        self._start = start
        self._progress = progress
        self._reported = ""

    def find(self) -> Entry | None:
        """The entry of the running daemon, None if there is none.

        Raises BoardNameTaken if the name belongs to another board, NameServerSilent if the name server is
        frozen, and cannot be replaced.
        """
        return self._wanted.find(self._boards())

    def _boards(self) -> list[Entry]:
        """The registered boards. A frozen name server is replaced, and has no boards at first.

        Then the daemon of this board is found by the one that would be started, which waits for its names.
        """
        try:
            return directory.boards()
        except NameServerSilent as silent:
            self._report(f"{silent.message}: another one takes its place")
            starting.ensure_name_server()
            return directory.boards()

    def find_running(self, enter: Callable[[Entry], Entered]) -> Entered | None:
        """As `find_or_start`, but starts nothing: returns None if no daemon runs."""
        return self._enter_running(enter)

    def find_or_start(self, enter: Callable[[Entry], Entered]) -> Entered:
        """Call `enter` with the entry of the running daemon, which is started if there is none.

        Returns what `enter(entry)` returns. `enter` connects to the daemon; it raises protocol.Refused if the
        daemon refuses, Pyro5's CommunicationError if it does not answer. Only one client at a time starts a
        daemon; the others wait until it serves. Raises a StartError.
        """
        entered = self._enter_running(enter)
        return self._enter_or_start(enter) if entered is None else entered

    def _enter_running(self, enter: Callable[[Entry], Entered], wait_for_end: bool = False) -> Entered | None:
        """As `find_or_start`, but returns None if no daemon runs.

        `wait_for_end`: wait until a daemon that is ending has ended; the next one cannot start before.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                entry = self.find()
            except BoardNameTaken:
                ends = self._end_namesake() or not self._is_registered()
                if time.monotonic() > deadline or not ends:
                    raise
                time.sleep(RETRY_SECONDS)
                continue
            if entry is None:
                return None
            try:
                return self._enter(entry, enter)
            except _Ending:
                if not wait_for_end or time.monotonic() > deadline:
                    return None
                self._report("waiting for the previous daemon to end")
            except pyro_errors.CommunicationError:
                # it has ended or was killed; the name server removes its name later
                return None
            time.sleep(RETRY_SECONDS)

    def _enter(self, entry: Entry, enter: Callable[[Entry], Entered], led: bool = False) -> Entered:
        """Call `enter(entry)`, unless the daemon has another configuration file than this client asks for.

        Such a daemon is ended if no client uses it. If one does, this client joins it, unless its own file
        exists. `led`: the board itself has told that it is the same. Raises _Ending if the daemon ends,
        BoardNameTaken if it is in use with another file, Pyro5's CommunicationError if it does not answer.
        """
        try:
            conflict = self._wanted.conflict(entry, led)
            other = conflict or self._wanted.asks_for_another_file(entry)
            if not (other and self._end_unused(entry)):
                if not conflict:
                    return enter(entry)
                raise BoardNameTaken(
                    conflict,
                    f"use the running daemon as connect({entry.file or entry.name!r}), or end it first with "
                    f"`pyrpl-remote stop {entry.name}`; two boards need files of different names",
                )
        except Refused as refused:
            if not refused.ending:
                raise error_of(entry.name, refused) from refused
        raise _Ending

    def _end_namesake(self) -> bool:
        """End the daemon of another board with this name if no client uses it; returns whether it ends."""
        for entry in self._boards():
            if entry.name == self._name and self._wanted.can_be_reached:
                try:
                    return self._end_unused(entry)
                except (Refused, pyro_errors.CommunicationError):  # it is ending, or was killed
                    return True
        return False

    def _is_registered(self) -> bool:
        """Whether a daemon has the name: the one that had it may have ended just now."""
        return any(entry.name == self._name for entry in self._boards())

    def _end_unused(self, entry: Entry) -> bool:
        """End a daemon that no client uses; returns whether it ends. Raises as observer.end_unused does."""
        deadline = time.monotonic() + LEAVING_SECONDS
        while not (ends := observer.end_unused(entry)) and time.monotonic() < deadline:
            time.sleep(RETRY_SECONDS)
        return ends

    def _enter_or_start(self, enter: Callable[[Entry], Entered]) -> Entered:
        # not at the top: it takes a fifth of our import time, and finding a daemon needs no lock
        import filelock

        lock = filelock.FileLock(settings.lock_path(self._lock_name))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with lock.acquire(timeout=0.1):
                    entered = self._enter_running(enter, wait_for_end=True)
                    if entered is None:
                        entered = self._enter_started(enter)
                if entered is not None:
                    return entered
            except filelock.Timeout:
                self._report(f"another client starts it: {start_step.of(self._lock_name) or 'waiting'}")
                entered = self._enter_running(enter)
                if entered is not None:
                    return entered
            except BoardNameTaken:
                # a `pyrpl-remote serve`, which takes no start lock, was faster
                entered = self._enter_running(enter)
                if entered is not None:
                    return entered
                if not self._end_namesake():
                    raise
        raise DaemonFailed(
            f"another process has been starting board {self._name!r} for {START_SECONDS:g} s",
            f"see its log {settings.log_path(self._name)}",
        )

    def _report(self, step: str) -> None:
        """Report a step, once: loops call it again and again."""
        if step != self._reported:
            self._reported = step
            self._progress(step)

    def _enter_started(self, enter: Callable[[Entry], Entered]) -> Entered | None:
        """Start a daemon and enter it, or the one that it has found to serve the board.

        Returns None if that one has ended meanwhile.
        """
        self._report("starting the daemon")
        try:
            entry = self._start()
        except ServedByAnother as other:
            try:
                return self._enter(other.entry, enter, led=True)
            except (_Ending, pyro_errors.CommunicationError):
                time.sleep(RETRY_SECONDS)
                return None
        try:
            return enter(entry)
        except (Refused, pyro_errors.CommunicationError) as error:
            raise DaemonFailed(
                f"the daemon of board {entry.name!r} was started, and ended at once ({error})",
                f"see its log {settings.log_path(entry.name)}",
            ) from error
