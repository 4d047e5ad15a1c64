"""Slots of PyRPL's signals: they may not raise."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)


def guarded(slot: Callable[..., None], failed: str) -> Callable[..., None]:
    """`slot` with its errors logged as `failed`: an error in a slot would make Qt end the process."""

    def run(*args: Any) -> None:
        try:
            slot(*args)
        except Exception:  # boundary: PyRPL's code that sent the signal must not get it
            log.exception(failed)

    return run
