"""Ends the leases of silent sessions, as of a machine that lost power or network, or of a frozen program."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from ... import settings
from ..serving.clients import shut_down

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
"""The period of the checks. A lease ends at the second check in a row that finds it silent: after
settings.LEASE_SECONDS and up to twice this time."""


def run_leases(
    ending: threading.Event,
    silent_connections: Callable[[], list[Any]],
    drop_left: Callable[[], None] = lambda: None,
) -> None:
    """Check all leases until `ending` is set; `drop_left()` forgets sessions that have ended long ago."""
    silent: list[Any] = []
    while not ending.wait(CHECK_SECONDS):
        # twice in a row: after this process was stopped, or its machine slept, all seem silent at first
        before, silent = silent, silent_connections()
        end_silent_sessions([connection for connection in silent if connection in before])
        drop_left()


def end_silent_sessions(connections: list[Any]) -> None:
    """End the leases of silent sessions by shutting down their `connections`."""
    if connections:
        log.warning("a session was silent for %g s: its lease ends", settings.LEASE_SECONDS)
    shut_down(connections)
