"""A plugin of pytest: a process in which a test is stuck says where, and ends.

pytest-timeout needs Python's lock for that. A thread that waits for ever while it has the lock stops it too.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Generator

import pytest

LATER_SECONDS = 60.0
"""How long pytest-timeout has, beyond the limit of a test."""

_stderr: list[int] = []


def pytest_configure() -> None:
    """Note the standard error output, before pytest captures it."""
    _stderr.append(os.dup(2))


def limit(item: pytest.Item) -> float:
    """The time limit of a test, in s: that of its mark, or that of the configuration."""
    marks = [mark for mark in item.iter_markers("timeout") if mark.args or "timeout" in mark.kwargs]
    if marks:
        return float(marks[0].kwargs.get("timeout", marks[0].args[0] if marks[0].args else 0))
    return float(item.config.getini("timeout"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def _watched(item: pytest.Item) -> Generator[None, object, object]:
    # for each phase anew: pytest gives the watch up when a phase fails
    faulthandler.dump_traceback_later(limit(item) + LATER_SECONDS, file=_stderr[0], exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


pytest_runtest_setup = pytest_runtest_call = pytest_runtest_teardown = _watched
