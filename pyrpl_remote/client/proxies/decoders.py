"""Functions that make proxies, branches, curves and methods from the data that a daemon sends for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..sessions.handle import Handle
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
"""For each tag (see wire.py) a function of the receiving handle and the content; it returns the object."""
