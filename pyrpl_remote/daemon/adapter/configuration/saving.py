"""Whether a board's configuration can be saved: the status that clients see, and the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ....board_status import SavingStatus

log = logging.getLogger(__name__)

OK, FAILING, OFF = "ok", "failing", "off"
"""The states of SavingStatus."""


class Saving:
    """Keeps the status for one configuration file.

    Attributes: `status` (replaced, never changed: it may be read from any thread), `changed` (called with
    each new status).
    """

    def __init__(self, filename: str | None):
        self.changed: Callable[[SavingStatus], None] = lambda status: None
        self._filename = filename
        self.status = (
            SavingStatus(OFF, "the board has no configuration file", time.time())
            if filename is None
            else SavingStatus(OK, "", time.time())
        )

    def set(self, reason: str) -> None:
        """Note why the configuration cannot be saved; "" if it can."""
        before = self.status
        if reason == before.reason:
            return
        if reason:
            since = before.since if before.state == FAILING else time.time()
            self.status = SavingStatus(FAILING, reason, since)
            log.warning("the configuration cannot be saved: %s", reason)
        else:
            self.status = SavingStatus(OK, "", time.time())
            seconds = self.status.since - before.since
            log.warning("the configuration is saved again, after %.0f s: %s", seconds, self._filename)
        self.changed(self.status)
