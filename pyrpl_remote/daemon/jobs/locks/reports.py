"""`Reports`: what the watch tells of the lock: in its history, to the clients, and by alarms."""

from __future__ import annotations

import dataclasses
import logging
import time
from dataclasses import replace

from .... import settings
from ....lock_history import LockEvent
from ...adapter.lockbox.lock_seen import Measured
from ..job_board import JobBoard
from .alarms import Alarms
from .options import Options
from .recorder import Recorder

log = logging.getLogger(__name__)

ALIVE = "seen last"
"""The note with the time when the watch was last alive."""


class Reports:
    """The history, the clients and the alarms of one watch. Attribute: `recorder`, of the history."""

    def __init__(self, board: JobBoard, options: Options) -> None:
        self._board = board
        self._alarm_on = options.alarm_on
        self.recorder = Recorder(settings.lock_history_path(board.name))
        self._alarms = Alarms(board.name, options.command, options.webhook)

    def tell(self, events: list[LockEvent], measured: Measured | None = None) -> None:
        """Write events to the history, send them to the clients, raise the alarms."""
        for event in events:
            if measured is not None:
                event = _with(event, measured)
            log.info("the lock: %s%s%s", event.kind, event.reason and ": ", event.reason)
            self.recorder.add(event)
            self._board.announce(event.to_data())
            if event.kind in self._alarm_on:
                self._alarms.send(event)
        self.recorder.flush()

    def note_alive(self) -> None:
        """Note that the watch is alive now."""
        self.recorder.set_note(ALIVE, time.time())

    def failures(self) -> list[str]:
        """What could not be told."""
        found = [f"alarm {failure}" for failure in self._alarms.failures()]
        if self.recorder.failure:
            found.insert(0, f"its history cannot be written: {self.recorder.failure}")
        return found

    def close(self) -> None:
        """The watch ends."""
        self.note_alive()
        self.recorder.close()
        self._alarms.close()


def _with(event: LockEvent, measured: Measured) -> LockEvent:
    """The event with what was measured at its time."""
    values = {field.name: getattr(measured, field.name) for field in dataclasses.fields(Measured)}
    values["reason"] = event.reason
    return replace(event, **values)
