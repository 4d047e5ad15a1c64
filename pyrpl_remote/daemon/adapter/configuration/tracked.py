"""Branches of PyRPL's configuration tree that note which of their entries change.

PyRPL's own branches only tell the tree that something changed.
"""

# PyRPL begins the names of its tree's methods with an underscore, so that the others are free for entries
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pyrpl.memory import MemoryBranch, isbranch

from .merge import ABSENT

Path = tuple[Any, ...]
"""The keys that lead to an entry of the configuration."""

COMPARED = (float, int, str, bool, type(None))
"""The types of values that are noted only if they differ from those before."""


class Tracked(MemoryBranch):
    """A branch that notes the path of each entry that changes. A list is noted as a whole."""

    _note: Callable[[Path], None]  # of the tree: notes that the entry at a path is about to change
    _above: Path = ()  # the keys that lead to this branch
    _in_list = False  # whether it is a list, or in one

    def _path(self, key: Any) -> Path:
        return self._above if self._in_list else (*self._above, key)

    # PyRPL's `__getattribute__` looks up each of its own names in Python, which took a third of a write. Here
    # it is Python's own, which does not find the entries: PyRPL's placeholders for completion are left out.
    __getattribute__ = object.__getattribute__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __dir__(self) -> Iterable[str]:
        data = self._data
        return [*super().__dir__(), *(map(str, data) if isinstance(data, dict) else ())]

    def _update_instance_dict(self) -> None:
        pass

    # the methods of MemoryBranch that return branches, or change entries

    def __getitem__(self, item: Any) -> Any:
        self._reload()
        if isinstance(item, str) and "." in item:
            item, rest = item.split(".", 1)
            return self[item][rest]
        entry = self._data[item]
        return TrackedBranch(self, item) if isbranch(entry) else entry

    def __setitem__(self, item: Any, value: Any) -> None:
        kind = type(value)
        if kind in COMPARED:
            data = self._data
            before = data.get(item, ABSENT) if isinstance(data, dict) else ABSENT
            if type(before) is not kind or before != value:
                self._note(self._path(item))
        else:
            self._note(self._path(item))
        super().__setitem__(item, value)
        self.__dict__.pop(item, None)

    def _update(self, new_dict: Any) -> None:
        for key in new_dict:
            self._note(self._path(key))
        super()._update(new_dict)
        for key in new_dict:
            self.__dict__.pop(key, None)

    def _pop(self, name: Any) -> Any:
        self._note(self._path(name))
        return super()._pop(name)

    def _set_yml(self, yml_content: str) -> None:
        self._note(self._above or (self._branch,))
        super()._set_yml(yml_content)

    def _get_or_create(self, name: Any) -> Any:
        if isinstance(name, int) and self._above:  # PyRPL may make this branch a list
            self._note(self._above)
        return super()._get_or_create(name)


class TrackedBranch(Tracked):
    """A branch of a SharedTree."""

    def __init__(self, parent: Tracked, branch: Any):
        super().__init__(parent, branch)
        self._note = parent._note
        self._above = parent._path(branch)
        self._in_list = parent._in_list or isinstance(self._data, list)
