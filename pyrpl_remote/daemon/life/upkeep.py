"""The daemon's periodic checks: it registers names that the name server has lost, and keeps its claim."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from Pyro5 import errors as pyro_errors

from ...errors import PyrplRemoteError
from .registration import Registration

log = logging.getLogger(__name__)

UPKEEP_SECONDS = 2.0
"""The period of the checks."""


def run_upkeep(
    ending: threading.Event, registration: Registration, refresh_claim: Callable[[], None] = lambda: None
) -> None:
    """Look after both until `ending` is set."""
    while not ending.wait(UPKEEP_SECONDS):
        keep_registered(registration)
        refresh_claim()


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
