"""Errors of requests as plain data, with the step that failed."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

from ...error_data import describe
from ...protocol import VERBS


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
