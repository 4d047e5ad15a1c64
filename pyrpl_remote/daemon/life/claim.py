"""A claim: a lock on this host that allows only one daemon for each board. It ends with the process."""

from __future__ import annotations

import time

import filelock

from ... import settings
from ...errors import BoardNameTaken
from ...names import directory

CLAIM_SECONDS = 20.0
"""How long a new daemon waits until the previous daemon of the same board has released its claim."""


class Claim:
    """The claim of one board. Attribute: `identity` (of the board, "" before `take`)."""

    def __init__(self) -> None:
        self.identity = ""
        self._lock: filelock.BaseFileLock | None = None

    def take(self, identity: str) -> None:
        """Claim the board with this identity. Raises BoardNameTaken if another daemon has claimed it."""
        self.identity = identity
        lock = filelock.FileLock(settings.lock_path(f"board-{identity}"))
        deadline = time.monotonic() + CLAIM_SECONDS
        served: list[str] = []
        while True:
            try:
                lock.acquire(timeout=0.5)
                self._lock = lock
                return
            except filelock.Timeout:
                # refused if it is registered twice in a row: a daemon that ends removes its name before it
                # releases its lock
                before, served = served, [e.name for e in directory.boards() if e.identity == identity]
                if set(before) & set(served) or time.monotonic() > deadline:
                    raise BoardNameTaken(
                        f"the board {identity} is already served, under the name "
                        f"{', '.join(served) or '(unknown)'}",
                        f"use connect({served[0]!r})"
                        if served
                        else "end the other daemon first: a board has one",
                    ) from None

    def release(self) -> None:
        """Release the claim, if it was taken."""
        if self._lock is not None:
            self._lock.release()
