"""Files that another program has open: Windows lets nobody replace or rename them meanwhile.

Other systems do. Whoever reads one of our files, as another process of ours or a virus scanner does, closes
it soon.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

ACCESS_DENIED, SHARING_VIOLATION = 5, 32
"""Windows' errors for a file that is open elsewhere (winerror.h). The first one also has other reasons."""

PATIENCE_SECONDS = 1.0
"""How long to wait until the other program has closed the file."""

PAUSE_SECONDS = 0.02
"""The pause between attempts."""


def is_in_use(error: OSError) -> bool:
    """Whether Windows may have refused because another program has the file open; False elsewhere."""
    return getattr(error, "winerror", None) in (ACCESS_DENIED, SHARING_VIOLATION)


def replace(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """As os.replace, but wait up to PATIENCE_SECONDS for a program that has `target` open. Raises OSError."""
    patiently(lambda: os.replace(source, target))


def patiently(operation: Callable[[], Result]) -> Result:
    """What `operation()` returns, which is tried again while another program has its file open.

    Raises its OSError after PATIENCE_SECONDS, and any other one at once.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return operation()
        except PermissionError as error:
            if not is_in_use(error) or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE_SECONDS)
