"""What the client makes of values that stand for something in the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..session import Handle
from .classes import module_proxy
from .config_tree import ConfigBranch
from .curves import make

DECODERS: dict[str, Callable[[Handle, Any], Any]] = {
    "!module": module_proxy,
    "!config": ConfigBranch,
    "!curve": make,
}
"""By a value's tag (see wire.py): makes the object from the receiving handle and the content."""
