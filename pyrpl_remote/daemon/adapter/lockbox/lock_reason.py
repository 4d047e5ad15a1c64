"""Why a lockbox is not locked, in the words that PyRPL's `is_locked`, or that of a user's class, logs."""

from __future__ import annotations

import logging
import re
from typing import Any

LEVEL = logging.CRITICAL + 1
"""The level at which the lockbox is asked to log: no other record has it, and no logger leaves it out."""

BEGINNING = re.compile(r"not locked( at stage \d+)?: ?", re.IGNORECASE)
"""What PyRPL's text begins with: the event says that already."""


def why_not_locked(lockbox: Any) -> str:
    """The reason, "" if it is locked or says nothing. The text reaches no log. In the Qt thread."""
    caught = _Catch()
    logger: logging.Logger = lockbox._logger  # noqa: SLF001 - PyRPL's modules share it
    # before PyRPL's filter, which leaves out what it has logged before
    logger.filters.insert(0, caught)
    try:
        locked = lockbox.is_locked(loglevel=LEVEL)
    finally:
        logger.removeFilter(caught)
    return "" if locked or not caught.texts else _sentence(caught.texts[-1])


class _Catch(logging.Filter):
    """Keeps the texts of the records of LEVEL, and lets no logger have them."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != LEVEL:
            return True
        self.texts.append(record.getMessage())
        return False


def _sentence(text: str) -> str:
    # PyRPL's text lacks a space
    return BEGINNING.sub("", " ".join(text.replace(")is not", ") is not").split())).rstrip(".")
