"""Writes files of this user's, all of them or nothing."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from . import files_in_use


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only this user may read, in place of an earlier one. Raises OSError.

    Whoever reads it meanwhile, or after a failure, finds the earlier one. Its folder must exist.
    """
    descriptor, made = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # with mode 0600
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        files_in_use.replace(made, path)
    except BaseException:
        with contextlib.suppress(OSError):  # on a full disk its part would take space
            os.unlink(made)
        raise
