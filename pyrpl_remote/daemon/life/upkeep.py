"""The daemon's periodic checks: it ends sessions without heartbeat, and registers names that were lost.

It also keeps the daemon's claim.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

from Pyro5 import errors as pyro_errors

from ... import settings
from ...errors import PyrplRemoteError
from .registration import Registration

log = logging.getLogger(__name__)

UPKEEP_SECONDS = 5.0
"""The period of the checks."""


def run_upkeep(
    ending: threading.Event,
    silent_connections: Callable[[], list[Any]],
    registration: Registration,
    refresh_claim: Callable[[], None] = lambda: None,
) -> None:
    """Look after all three until `ending` is set."""
    silent: list[Any] = []
    while not ending.wait(UPKEEP_SECONDS):
        # twice in a row: after this process was stopped, or its machine slept, all seem silent at first
        before, silent = silent, silent_connections()
        end_silent_sessions([connection for connection in silent if connection in before])
        keep_registered(registration)
        refresh_claim()


def end_silent_sessions(connections: list[Any]) -> None:
    """End the leases of silent sessions by shutting down their `connections`."""
    for connection in connections:
        log.warning("a session was silent for %g s: its lease ends", settings.LEASE_SECONDS)
        # this wakes the worker thread of the connection, which closes it
        with contextlib.suppress(OSError):  # it is already closed
            connection.sock.shutdown(socket.SHUT_RDWR)


def keep_registered(registration: Registration) -> None:
    """Register the board again if the name server has lost it.

    A failure is logged; the next check retries.
    """
    try:
        if not registration.is_registered():
            log.warning("the name server lost the board: registering again")
            registration.register(again=True)
    except (PyrplRemoteError, pyro_errors.PyroError, OSError):
        log.exception("registering again failed; trying again in %g s", UPKEEP_SECONDS)
