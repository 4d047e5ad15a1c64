"""Claims: locks on this host that allow only one daemon for each board, and one for each name.

A board is claimed by its address, and by the MAC address that it reports: at two addresses it is the same
board. All users of the host share these locks. Names, and the boards that daemons simulate, are claimed for
one name server: under another one they are others. The locks end with the process.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable

import psutil

from ... import settings
from ...errors import BoardNameTaken, NameServerSilent
from ...machine import kill_commands
from ...machine.user_name import user_name
from ...names import directory
from ...names.directory import Entry
from .host_lock import Holder, HostLock

CLAIM_SECONDS = 20.0
"""How long a new daemon waits until the previous daemon of the same board has released its claims."""

START_SECONDS = 180.0
"""How long it waits for one of another user that is still starting."""

RETRY_SECONDS = 0.2
"""The pause between attempts to claim."""

REPORT_SECONDS = 5.0
"""How often the wait is reported."""


class AlreadyServed(BoardNameTaken):
    """Another daemon serves the board; `entry` is that one's."""

    def __init__(self, message: str, entry: Entry):
        super().__init__(message, f"use connect({entry.name!r})")
        self.entry = entry


class Claim:
    """The claims of one daemon. Attribute: `identity` (of the board, the first that it claims, "" before)."""

    def __init__(self, name: str = "", progress: Callable[[str], None] = lambda text: None) -> None:
        """`name`: the board's. `progress(text)` is called while the claim has to wait."""
        self.identity = ""
        self._progress = progress
        self._claims: dict[str, HostLock] = {}
        self._self = Holder(
            os.getpid(), psutil.Process().create_time(), user_name(), name, directory.location(), serves=False
        )

    def take(self, claimed: str) -> None:
        """Claim the board with this identity or MAC address, or a name (directory.claim_of_name).

        Raises AlreadyServed if another daemon serves the board, BoardNameTaken if one has claimed it that is
        not registered with this name server, or if the name is that of another board.
        """
        self.identity = self.identity or claimed
        lock = HostLock(settings.host_lock_path(_subject(claimed)))
        begin = reported = time.monotonic()
        entries: list[Entry] = []
        elsewhere = False
        while not lock.take():
            # refused if it is registered twice in a row: a daemon that ends removes its name before it
            # releases its lock
            before, entries = entries, [e for e in _boards() if claimed in e.claims]
            if set(before) & set(entries):
                raise self._refusal(claimed, entries[0])
            holder = lock.holder()
            elsewhere_before, elsewhere = elsewhere, self._serves_elsewhere(holder)
            now = time.monotonic()
            if (elsewhere and elsewhere_before) or now - begin > _patience(holder):
                raise _unregistered(claimed, lock)
            if now - reported > REPORT_SECONDS:
                reported = now
                self._progress(
                    f"waiting for the board's daemon ({holder or 'unknown'}), which starts or ends"
                )
            time.sleep(RETRY_SECONDS)
        self._claims[claimed] = lock
        lock.describe(self._self)

    def serves(self, serves: bool = True) -> None:
        """Tell those who want the same claims that this daemon is ready, or that it is ending."""
        self._self = dataclasses.replace(self._self, serves=serves)
        for lock in self._claims.values():
            lock.describe(self._self)

    def refresh(self) -> None:
        """To be called now and then: keeps the files of the locks young."""
        for lock in list(self._claims.values()):
            lock.refresh()

    def release(self) -> None:
        """Release what was claimed."""
        while self._claims:
            self._claims.popitem()[1].release()

    def _serves_elsewhere(self, holder: Holder | None) -> bool:
        return holder is not None and holder.serves and holder.name_server != self._self.name_server

    def _refusal(self, claimed: str, holder: Entry) -> BoardNameTaken:
        if claimed == directory.claim_of_name(holder.name) and not holder.claims & set(self._claims):
            return BoardNameTaken(
                f"the name {holder.name!r} is in use for the board {holder.identity}, not {self.identity}",
                "pass another name for this board as the first argument of connect()",
            )
        return AlreadyServed(
            f"the board {holder.identity} is already served, under the name {holder.name}", holder
        )


def _subject(claimed: str) -> str:
    """The subject of the lock for a claim."""
    # an identity ends in a port, and is in lower case
    simulated = claimed.rpartition(":")[0] in (settings.VIRTUAL, *map(str.lower, settings.SIMULATED))
    if simulated or claimed.startswith(directory.claim_of_name("")):
        return f"board-{claimed} at {directory.location()}"
    return f"board-{claimed}"


def _patience(holder: Holder | None) -> float:
    return START_SECONDS if holder is not None and not holder.serves else CLAIM_SECONDS


def _unregistered(claimed: str, lock: HostLock) -> BoardNameTaken:
    """The error if a daemon that is not registered with this name server holds the `lock` of a claim."""
    holder, pid = lock.holder(), lock.pid()
    if holder is None:
        who = "a process of this machine that does not tell" if pid is None else f"pid {pid}"
        return BoardNameTaken(
            f"the board {claimed} is claimed by {who}, the lock {lock.path} says no more",
            "end that process first: a board has one daemon"
            + ("" if pid is None else f" (`{kill_commands.end(pid)}`)"),
        )
    if holder.name_server == directory.location() or not holder.serves:
        return BoardNameTaken(
            f"the board {claimed} is claimed by the daemon of {holder.name!r} ({holder}), which does not "
            "serve it",
            f"end that process first (`{kill_commands.end(holder.pid)}`): a board has one daemon; its log is "
            f"in the folder of user {holder.user}",
        )
    host, _, port = holder.name_server.rpartition(":")
    return BoardNameTaken(
        f"the board {claimed} is already served, under the name {holder.name!r} with another name server "
        f"({holder.name_server}), by {holder}",
        f"share that daemon: set PYRO_NS_HOST={host} and PYRO_NS_PORT={port}, and connect({holder.name!r}); "
        f"or end it, with `pyrpl-remote stop {holder.name}` in that environment",
    )


def _boards() -> list[Entry]:
    """The registered boards; none while the name server is frozen: another one is being started."""
    try:
        return directory.boards()
    except NameServerSilent:
        return []
