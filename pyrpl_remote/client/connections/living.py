"""A list of objects that does not keep them: a session's proxies, and its connections."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Living(Generic[Kept]):
    """Those of the added objects that still exist. May be used from any thread, and in a finalizer.

    weakref's own sets and dicts raise RuntimeError if one thread adds to them while another one iterates.
    """

    def __init__(self) -> None:
        # by identity: proxies of one module are equal to each other
        self._objects: weakref.WeakValueDictionary[int, Kept] = weakref.WeakValueDictionary()

    def add(self, one: Kept) -> None:
        """Remember an object for as long as it exists."""
        self._objects[id(one)] = one

    def __iter__(self) -> Iterator[Kept]:
        # valuerefs() copies at once; values() would iterate step by step
        return iter([one for known in self._objects.valuerefs() if (one := known()) is not None])
