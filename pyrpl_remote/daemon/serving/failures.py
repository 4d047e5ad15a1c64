"""Errors of requests as plain data, with the step that failed."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

from ...error_data import describe
from ...errors import AccessDenied
from ...protocol import VERBS
from ...transport.refusals import Refusals
from ..life.metrics import Metrics

LOGGED_A_MINUTE = 60
"""How many requests that a client may not send are logged each minute."""


class Failures:
    """Counts the errors of requests, logs those of clients that may not ask. Attribute: `metrics`."""

    def __init__(self, board: str, metrics: Metrics) -> None:
        self.metrics = metrics
        self._board = board
        self._refusals = Refusals(LOGGED_A_MINUTE)

    def plain(self, step: str, error: Exception) -> dict[str, Any]:
        """The reply to a request that failed with `error`, in this step."""
        self.metrics.failed(error)
        if isinstance(error, AccessDenied):
            self._refusals.say(f"{step} was refused: {error.message}")
        return plain_error(error, f"board {self._board!r}, {step}")


def step_of(verb: str, args: Sequence[Any]) -> str:
    """What a request asks for, in words."""
    try:
        return VERBS[verb].step.format(*args)
    except IndexError:  # arguments are missing
        return verb


def plain_error(error: Exception, where: str) -> dict[str, Any]:
    """The reply to a request that failed with `error`; `where` names the board and the step."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return {"!error": describe(error, where, trace)}
