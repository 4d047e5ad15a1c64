"""Catches PyRPL's warnings where PyRPL logs them, and adds them to the request that caused them."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Hashable

from ...records import MAX_TEXT, current_cause

MODULES_LOGGER = "pyrpl.modules"
"""The logger that all modules share as their `_logger`."""


@functools.cache
def catch_warnings() -> None:
    """Catch the warnings from now on, Python's own too; to be called before PyRPL is imported.

    A second call does nothing.
    """
    logging.captureWarnings(True)
    logging.getLogger().addHandler(_Catcher(logging.WARNING))
    # before PyRPL adds its own filters, which run after this one
    logging.getLogger(MODULES_LOGGER).addFilter(_OneClientsDuplicates())


class _Catcher(logging.Handler):
    """Adds records of PyRPL, and of a user's own lockbox files, to their cause.

    PyRPL complains of its default configuration at each start, and again in many calls. What it said at the
    start, in the same words, is not repeated to every client.
    """

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._said_at_start: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Add a record to its cause, if it has one."""
        cause = current_cause()
        if cause is None:
            return
        try:
            text = record.getMessage()
            if cause.session is None and not cause.answered:  # the cause is the daemon's start
                self._said_at_start.add(text)
            elif text in self._said_at_start:
                return
            if _is_pyrpls(record, text):
                cause.add([name_in_client(record.name), record.levelno, _cut(text), record.created])
        except Exception:  # noqa: BLE001 - boundary: as in logging's own handlers, the program goes on
            self.handleError(record)


class _OneClientsDuplicates(logging.Filter):
    """Lets PyRPL's filters drop a repeated message only if the one before had the same client's cause.

    PyRPL drops a message of its modules that equals the one before (its DuplicateFilter). Here the one before
    may have been another client's, and this client would never read it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last_session: Hashable = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Let PyRPL's filters forget the last message if it was another client's. Always returns True."""
        cause = current_cause()
        session = None if cause is None else cause.session
        if session is not None and session != self._last_session:
            self._last_session = session
            for other in logging.getLogger(MODULES_LOGGER).filters:
                if other is not self and hasattr(other, "last_log"):
                    other.last_log = None
        return True


def name_in_client(name: str) -> str:
    """The name that a logger of the daemon has in a client: `pyrpl`, or one below it."""
    return name if name.partition(".")[0] == "pyrpl" else f"pyrpl.{name}"


def _is_pyrpls(record: logging.LogRecord, text: str) -> bool:
    """Whether a record with this text comes from PyRPL, or from a user's own lockbox file."""
    if record.name.partition(".")[0] == "pyrpl":
        return True
    # a record of Python's `warnings` begins with the file that caused it (see logging.captureWarnings)
    file = text if record.name == "py.warnings" else record.pathname
    return file.startswith(_folders())


def _folders() -> tuple[str, ...]:
    """The folders of PyRPL and of the user's lockbox files, once PyRPL is imported."""
    pyrpl, directories = sys.modules.get("pyrpl"), sys.modules.get("pyrpl.directories")
    if pyrpl is None or pyrpl.__file__ is None or directories is None:
        return ()
    return os.path.dirname(pyrpl.__file__) + os.sep, directories.user_lockbox_dir + os.sep


def _cut(text: str) -> str:
    cut = text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."
    return cut.encode(errors="replace").decode()  # a message carries valid Unicode only
