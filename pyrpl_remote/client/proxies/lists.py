"""The values of list attributes, such as `iir.zeros`: changing such a list changes the board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsIndex

from ...errors import RemoteError
from ..doors import door
from ..sessions.handle import Handle


class AttributeList(list[Any]):
    """The value of a list attribute when it was read. Changing it changes the board.

    PyRPL makes each change, and checks and rounds the elements; then this list is updated to the result.
    Reading the list sends no request: to see the changes of another client, read the attribute again.
    """

    def __init__(self, handle: Handle, path: str, name: str, items: Iterable[Any]):
        super().__init__(items)
        self._handle = handle
        self._path = path
        self._name = name

    def insert(self, index: SupportsIndex, new: Any = None) -> None:
        """Insert `new`, or PyRPL's default element, before `index`."""
        self._edit("insert", index, new)

    def append(self, new: Any = None) -> None:
        """Append `new`, or PyRPL's default element."""
        self._edit("append", new)

    def extend(self, iterable: Iterable[Any] = ()) -> None:
        """Append each element of `iterable`."""
        self._edit("extend", list(iterable))

    def pop(self, index: SupportsIndex = -1) -> Any:
        """Remove an element and return it."""
        return self._edit("pop", index)

    def remove(self, value: Any) -> None:
        """Remove the first element that equals `value`. Raises ValueError if there is none."""
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

    def copy(self) -> list[Any]:
        """A plain list of the elements. Changing it does not change the board."""
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

    def __iadd__(self, other: Iterable[Any]) -> AttributeList:  # type: ignore[misc]  # as in typeshed's list
        self.extend(other)
        return self

    def __imul__(self, count: SupportsIndex) -> AttributeList:
        self._replace(list(self) * count)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy, here or in another process, is a plain list
        return list, (list(self),)

    @door
    def _replace(self, items: list[Any]) -> None:
        try:
            self._handle.set(self._path, self._name, items)
        except RemoteError:
            self._read_again()
            raise
        self._read_again()

    @door
    def _edit(self, operation: str, *args: Any) -> Any:
        try:
            result, items = self._handle.ask("edit", self._path, self._name, operation, list(args))
        except RemoteError:
            # what PyRPL had changed before it refused was restored, and another client may have changed it
            self._read_again()
            raise
        super().__setitem__(slice(None), items)
        return result

    @door
    def _read_again(self) -> None:
        super().__setitem__(slice(None), self._handle.get(self._path, self._name))
