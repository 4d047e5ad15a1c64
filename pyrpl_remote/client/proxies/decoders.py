"""What stands for something that lives with the daemon, and what it becomes in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..handle import Handle
from .config_tree import ConfigBranch
from .curves import make
from .module import module_proxy


def private_method(handle: Handle, content: list[str]) -> Callable[..., Any]:
    """The function that calls a method whose name has an underscore; `content` is the module's path and the name."""
    path, name = content
    return lambda *args, **kwargs: handle.call(path, name, args, kwargs)


ARRIVALS = {"!module": module_proxy, "!config": ConfigBranch, "!curve": make, "!method": private_method}
"""By the value's tag; see wire.py for the tags."""
