"""Find the daemon of a board, or start it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from Pyro5 import errors as pyro_errors

from .. import settings
from ..errors import BoardNameTaken, DaemonFailed
from ..names import directory
from ..names.directory import Entry
from ..protocol import Refused
from .refusal import error_of

START_SECONDS = 180.0
"""How long a client waits while another one starts the same board's daemon."""

RETRY_SECONDS = 0.05
"""How often to check whether a daemon has ended."""

Entered = TypeVar("Entered")


class Locator:
    """Finds the daemon of one board, or starts it."""

    def __init__(self, name: str, identity: str, start: Callable[[], Entry]):
        """`name`: as in connect(); `identity`: of the board, "" if unknown; `start()` starts the daemon."""
        self._name = name
        self._identity = identity
        self._start = start

    def find(self) -> Entry | None:
        """The entry of the running daemon, None if there is none.

        Raises BoardNameTaken if the name belongs to another board.
        """
        boards = directory.boards()
        for entry in boards:
            if self._identity and entry.identity == self._identity:
                return entry
        for entry in boards:
            if entry.name == self._name:
                if self._identity:
                    raise BoardNameTaken(
                        f"the name {self._name!r} is in use for the board {entry.identity}, "
                        f"not {self._identity}",
                        "pass another name for this board as the first argument of connect()",
                    )
                return entry
        return None

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
            entry = self.find()
            if entry is None:
                return None
            try:
                return enter(entry)
            except Refused as refused:
                if not refused.ending:
                    raise error_of(entry.name, refused) from refused
                if not wait_for_end or time.monotonic() > deadline:
                    return None
            except pyro_errors.CommunicationError:
                # it has ended or was killed; the name server removes its name later
                return None
            time.sleep(RETRY_SECONDS)

    def _enter_or_start(self, enter: Callable[[Entry], Entered]) -> Entered:
        # not at the top: it takes a fifth of our import time, and finding a daemon needs no lock
        import filelock

        lock = filelock.FileLock(settings.lock_path(f"start-{self._name}"))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with lock.acquire(timeout=0.1):
                    entered = self._enter_running(enter, wait_for_end=True)
                    return self._enter_started(enter) if entered is None else entered
            except filelock.Timeout:
                entered = self._enter_running(enter)
                if entered is not None:
                    return entered
            except BoardNameTaken:
                # a `pyrpl-remote serve`, which takes no start lock, was faster
                entered = self._enter_running(enter)
                if entered is None:
                    raise
                return entered
        raise DaemonFailed(
            f"another process has been starting board {self._name!r} for {START_SECONDS:g} s",
            f"see its log {settings.log_path(self._name)}",
        )

    def _enter_started(self, enter: Callable[[Entry], Entered]) -> Entered:
        entry = self._start()
        try:
            return enter(entry)
        except (Refused, pyro_errors.CommunicationError) as error:
            raise DaemonFailed(
                f"the daemon of board {entry.name!r} was started, and ended at once ({error})",
                f"see its log {settings.log_path(entry.name)}",
            ) from error
