"""The step at which a daemon's start is, in a file that this user's other clients read while they wait."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ... import settings
from ...progress import Report


@contextlib.contextmanager
def noted(lock: str, progress: Report) -> Iterator[Report]:
    """A function that notes each step of the start that holds the lock `lock`, and calls `progress`."""
    path = _path(lock)

    def report(step: str) -> None:
        # without the note others do not see the step, which is no reason to end the start
        with contextlib.suppress(OSError):
            path.write_text(step, encoding="utf-8")
        progress(step)

    try:
        yield report
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def of(lock: str) -> str:
    """The step at which the start that holds the lock `lock` is; "" if it is not known."""
    try:
        return _path(lock).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # not begun, ended, or just being written
        return ""


def _path(lock: str) -> Path:
    return settings.lock_path(lock).with_suffix(".step")
