"""Log records that a request of this client caused in PyRPL: they are logged again in this process."""

from __future__ import annotations

import logging
import sys
from typing import Any


def log_again(records: list[list[Any]]) -> None:
    """Log records that a daemon sent, each as [name of the logger, level, text, time in s since the epoch].

    The loggers are `pyrpl` and those below it, as PyRPL names them. A program that has set up no logging
    shows their text on stderr.
    """
    for name, level, text, created in records:
        logger = logging.getLogger(name)
        if logger.isEnabledFor(level):
            content = {"name": name, "levelno": level, "levelname": logging.getLevelName(level), "msg": text}
            times = {"created": created, "msecs": created % 1 * 1000}
            logger.handle(logging.makeLogRecord({**content, **times}))


def log_start_again(records: list[list[Any]]) -> None:
    """Log the records of a daemon's start, of which PyRPL has several on any board.

    A program without logging and without a terminal stays silent: the daemon's log has them.
    """
    # a program without a console has no stderr
    if logging.getLogger("pyrpl").hasHandlers() or (sys.stderr is not None and sys.stderr.isatty()):
        log_again(records)
