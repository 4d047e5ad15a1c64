"""A claim: one daemon a board, held by a lock of the host that ends with its process."""

from __future__ import annotations

import time

import filelock

from ... import settings
from ...errors import BoardNameTaken
from ...names import directory

CLAIM_SECONDS = 20.0
"""How long a new daemon waits for the one before it on the same board to let go."""


class Claim:
    """The right to be a board's daemon. Attribute: `identity` (of the board, empty before it is claimed)."""

    def __init__(self) -> None:
        self.identity = ""
        self._lock: filelock.BaseFileLock | None = None

    def take(self, identity: str) -> None:
        """Become the board's only daemon. Raises BoardNameTaken if another one serves it."""
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
                # twice in a row: one that is ending holds the lock a little longer than its name
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
        """Let the next daemon take the board."""
        if self._lock is not None:
            self._lock.release()
