"""What the client makes of values that stand for something in the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..handle import Handle
from .classes import module_proxy
from .config_tree import ConfigBranch
from .curves import make


def private_method(handle: Handle, content: list[str]) -> Callable[..., Any]:
    """The function that calls a method whose name has an underscore.

    `content` is the path of its module and its name.
    """
    path, name = content
    return lambda *args, **kwargs: handle.call(path, name, args, kwargs)


DECODERS: dict[str, Callable[[Handle, Any], Any]] = {
    "!module": module_proxy,
    "!config": ConfigBranch,
    "!curve": make,
    "!method": private_method,
}
"""By a value's tag (see wire.py): makes the object from the receiving handle and the content."""
