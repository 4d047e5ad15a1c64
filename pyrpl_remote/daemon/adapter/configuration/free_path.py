"""A path for a file that is kept beside another one, and replaces none."""

from __future__ import annotations

import itertools
import os


def free_path(path: str) -> str:
    """`path`, or `path` with the first free number behind it if it exists."""
    numbered = (f"{path}.{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain([path], numbered) if not os.path.exists(one))
