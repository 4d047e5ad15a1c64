"""Lists of a module: those that are attributes (`iir.zeros`) write back, those that are modules behave as lists."""

from __future__ import annotations

from typing import Any

from ...errors import RemoteError
from ..handle import Handle


class AttributeList(list):
    """The value of a list attribute, as it was when it was read; changing it changes the board.

    Each change is carried out by PyRPL, which checks and rounds the element, and brings this list up to date.
    Reading it asks nobody: what another client changed is seen when the attribute is read again.
    """

    def __init__(self, handle: Handle, path: str, name: str, items: list):
        super().__init__(items)
        self._handle = handle
        self._path = path
        self._name = name

    def insert(self, index: int, new: Any = None) -> None:
        """Insert `new`, or PyRPL's default element, before `index`."""
        self._edit("insert", index, new)

    def append(self, new: Any = None) -> None:
        """Append `new`, or PyRPL's default element."""
        self._edit("append", new)

    def extend(self, iterable: Any = ()) -> None:
        """Append each element of `iterable`."""
        self._edit("extend", list(iterable))

    def pop(self, index: int = -1) -> Any:
        """Remove an element and give it."""
        return self._edit("pop", index)

    def remove(self, value: Any) -> None:
        """Remove the first element that equals `value`. Raises ValueError."""
        self._edit("remove", value)

    def clear(self) -> None:
        """Remove all elements."""
        self._edit("clear")

    def reverse(self) -> None:
        """Reverse the order."""
        self._edit("reverse")

    def sort(self, key: Any = None, reverse: bool = False) -> None:
        """Sort the elements."""
        self._replace(sorted(self, key=key, reverse=reverse))

    def copy(self) -> list:
        """A plain list, which changes nothing."""
        return list(self)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            items = list(self)
            items[index] = value
            self._replace(items)
        else:
            self._edit("__setitem__", index, value)

    def __delitem__(self, index: Any) -> None:
        if isinstance(index, slice):
            items = list(self)
            del items[index]
            self._replace(items)
        else:
            self._edit("__delitem__", index)

    def __iadd__(self, other: Any) -> AttributeList:
        self.extend(other)
        return self

    def __imul__(self, count: int) -> AttributeList:
        self._replace(list(self) * count)
        return self

    def __reduce__(self):
        # copied or sent elsewhere, it is a plain list
        return list, (list(self),)

    def _replace(self, items: list) -> None:
        try:
            self._handle.set(self._path, self._name, items)
        except RemoteError:
            self._read_again()
            raise
        self._read_again()

    def _edit(self, operation: str, *args: Any) -> Any:
        try:
            result, items = self._handle.ask("edit", self._path, self._name, operation, list(args))
        except RemoteError:
            # PyRPL changes its list first, and may then find that it makes no filter
            self._read_again()
            raise
        super().__setitem__(slice(None), items)
        return result

    def _read_again(self) -> None:
        super().__setitem__(slice(None), self._handle.get(self._path, self._name))
