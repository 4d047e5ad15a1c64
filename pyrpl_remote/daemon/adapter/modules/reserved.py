"""The modules that clients reserved with `pop(owner)`: they are freed when their client is gone.

In PyRPL a popped module stays reserved until it is freed, or the program ends. A client's program ends with
its session. Freed, a module is as it was before it was popped, as at the end of `with pids.pop("me")`. Who
gives it another owner meanwhile has handed it over: then it is left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Any

from ....errors import BoardLinkLost

log = logging.getLogger(__name__)


class Reserved:
    """The reserved modules of one board, by session. To be used in the Qt thread only."""

    def __init__(self) -> None:
        self._held: dict[Any, tuple[Hashable, str]] = {}  # by module: the session, and the owner's name
        self._left: dict[Any, str] = {}  # modules of sessions that have ended while the link was lost

    def popped(self, session: Hashable, module: Any) -> None:
        """Note what a `pop` of this session has returned; with an owner, it is a reserved module."""
        owner = getattr(module, "owner", None)
        if owner is not None:
            self._left.pop(module, None)
            self._held[module] = session, owner

    def leave(self, session: Hashable) -> None:
        """Free the modules of a session that has ended."""
        for module, (holder, owner) in list(self._held.items()):
            if holder == session:
                del self._held[module]
                self._left[module] = owner
        self.free_left()

    def free_left(self) -> None:
        """Free the modules of sessions that have ended, as far as the board can be reached."""
        left, self._left = self._left, {}
        for module, owner in left.items():
            if module.owner != owner:  # freed, or handed over
                continue
            log.info("%s is free again: the client that reserved it for %r is gone", module.name, owner)
            try:
                module.owner = None  # which sets it up as it was before
            except BoardLinkLost as error:
                module._owner = owner  # noqa: SLF001 - PyRPL frees it before it writes
                self._left[module] = owner
                log.warning("%s will be freed when the board is back: %s", module.name, error.message)
            except Exception:  # boundary: the other modules must be freed all the same
                log.exception("%s is free, but could not be set up as it was before", module.name)
