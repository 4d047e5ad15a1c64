"""Claims: locks on this host that allow only one daemon for each board, and one for each name.

A board is claimed by its address, and by the MAC address that it reports: at two addresses it is the same
board. The locks end with the process.
"""

from __future__ import annotations

import time

import filelock

from ... import settings
from ...errors import BoardNameTaken
from ...names import directory
from ...names.directory import Entry

CLAIM_SECONDS = 20.0
"""How long a new daemon waits until the previous daemon of the same board has released its claims."""


class AlreadyServed(BoardNameTaken):
    """Another daemon serves the board; `entry` is that one's."""

    def __init__(self, message: str, entry: Entry):
        super().__init__(message, f"use connect({entry.name!r})")
        self.entry = entry


class Claim:
    """The claims of one daemon. Attribute: `identity` (of the board, the first that it claims, "" before)."""

    def __init__(self) -> None:
        self.identity = ""
        self._claims: dict[str, filelock.BaseFileLock] = {}

    def take(self, claimed: str) -> None:
        """Claim the board with this identity or MAC address, or a name (directory.claim_of_name).

        Raises AlreadyServed if another daemon serves the board, BoardNameTaken if one has claimed it that is
        not registered, or if the name is that of another board.
        """
        self.identity = self.identity or claimed
        lock = filelock.FileLock(settings.lock_path(f"board-{claimed}"))
        deadline = time.monotonic() + CLAIM_SECONDS
        holders: list[Entry] = []
        while True:
            try:
                lock.acquire(timeout=0.5)
                self._claims[claimed] = lock
                return
            except filelock.Timeout:
                # refused if it is registered twice in a row: a daemon that ends removes its name before it
                # releases its lock
                before, holders = holders, [e for e in directory.boards() if claimed in e.claims]
                if set(before) & set(holders):
                    raise self._refusal(claimed, holders[0]) from None
                if time.monotonic() > deadline:
                    raise BoardNameTaken(
                        f"the board {claimed} is already served, under the name (unknown)",
                        "end the other daemon first: a board has one",
                    ) from None

    def release(self) -> None:
        """Release what was claimed."""
        while self._claims:
            self._claims.popitem()[1].release()

    def _refusal(self, claimed: str, holder: Entry) -> BoardNameTaken:
        if claimed == directory.claim_of_name(holder.name) and not holder.claims & set(self._claims):
            return BoardNameTaken(
                f"the name {holder.name!r} is in use for the board {holder.identity}, not {self.identity}",
                "pass another name for this board as the first argument of connect()",
            )
        return AlreadyServed(
            f"the board {holder.identity} is already served, under the name {holder.name}", holder
        )
