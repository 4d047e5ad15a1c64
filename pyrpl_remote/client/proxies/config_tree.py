"""The configuration tree, `p.c` and `module.c`: PyRPL's MemoryTree and MemoryBranch in the daemon.

A branch is addressed by the keys that lead to it. Each access is a request, because PyRPL and other clients
write to the same tree. Writing goes through PyRPL's own tree, which saves it to its file.
"""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Sequence
from functools import partial
from typing import Any

from ..doors import door
from ..sessions.handle import Handle
from ..staying import Staying
from .ipython import allow_completion


class ConfigBranch(Staying):
    """A branch of the configuration: `p.c.pyrpl.modules`, `p.c["pyrpl"]["modules"]`, `"scope" in p.c`.

    As in PyRPL, names without a leading underscore are entries of the file; names with one are methods and
    properties of the branch. A branch is dict-like (iterating yields keys) or list-like (iterating yields
    elements). An absent entry raises KeyError.
    """

    __slots__ = ("_handle", "_path")

    _handle: Handle
    _path: tuple[Any, ...]

    def __init__(self, handle: Handle, path: Sequence[Any]):
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_path", tuple(path))

    @property
    @door
    def _data(self) -> dict[Any, Any] | list[Any]:
        """A copy of the branch and all below it, as dicts and lists. Changing it does not change the file."""
        data: dict[Any, Any] | list[Any] = self._handle.ask("config", list(self._path), True)
        return data

    @property
    def _root(self) -> ConfigBranch:
        """The whole tree."""
        return ConfigBranch(self._handle, [])

    @property
    def _parent(self) -> ConfigBranch:
        """The branch above."""
        return ConfigBranch(self._handle, self._path[:-1])

    @property
    def _branch(self) -> Any:
        """The branch's key in the branch above; "" for the whole tree."""
        return self._path[-1] if self._path else ""

    @property
    def _fullbranchname(self) -> str:
        """All keys from the root, joined by dots."""
        return ".".join(map(str, self._path))

    @property
    @door
    def _filename(self) -> str | None:
        """The tree's file on the daemon's machine, None if the tree is kept in memory only."""
        filename: str | None = self._handle.ask("config_file")
        return filename

    @door
    def _keys(self) -> KeysView[Any] | range:
        """The keys of a dict-like branch, the indices of a list-like one."""
        data = self._data
        return range(len(data)) if isinstance(data, list) else data.keys()

    @door
    def _update(self, new_dict: dict[Any, Any]) -> None:
        """Write several entries of this branch."""
        self._handle.ask("update_config", list(self._path), new_dict)

    @door
    def _pop(self, name: Any) -> Any:
        """Remove an entry and return its value."""
        return self._handle.ask("pop_config", list(self._path), name)

    @door
    def _get_or_create(self, name: Any) -> ConfigBranch:
        """The branch `name`, which is made if it does not exist. `name` may be a path, "one.two.three"."""
        branch: ConfigBranch = self._handle.ask("config_branch", list(self._path), name)
        return branch

    @door
    def _rename(self, name: str) -> None:
        """Rename this branch in the branch above."""
        self._handle.ask("rename_config", list(self._path), name)

    @door
    def _erase(self) -> None:
        """Remove this branch from the branch above."""
        self._parent._pop(self._branch)

    @door
    def _get_yml(self, data: Any = None) -> str:
        """The branch as YAML; with `data`, these in the form that PyRPL's file has them."""
        yml: str = self._handle.ask("config_yml", list(self._path), data)
        return yml

    @door
    def _set_yml(self, yml_content: str) -> None:
        """Replace the branch by the content of the YAML text."""
        self._handle.ask("set_config_yml", list(self._path), yml_content)

    @door
    def __getitem__(self, item: Any) -> Any:
        return self._handle.ask("config", [*self._path, item], False)

    @door
    def __setitem__(self, item: Any, value: Any) -> None:
        if isinstance(value, ConfigBranch):
            value = value._data
        self._handle.ask("set_config", list(self._path), item, value)

    @door
    def __delitem__(self, item: Any) -> None:
        self._pop(item)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            return self[name]
        if not self._is_private(name):
            raise AttributeError(
                f"{self!r} has no {name!r}; PyRPL's own names need connect(..., private=True)"
            )
        is_method, value = self._handle.ask("private_config", list(self._path), name)
        return partial(self._call, name) if is_method else value

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            self[name] = value
        elif self._is_private(name):
            self._handle.ask("set_private_config", list(self._path), name, value)
        else:
            raise AttributeError(f"{name!r} of {self!r} cannot be set")

    def _is_private(self, name: str) -> bool:
        """Whether `name` is one of PyRPL's own that this class does not have, and the session may use it."""
        ours = name.startswith(("__", "_ipython", "_repr")) or hasattr(type(self), name)
        return self._handle.private and not ours

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._handle.ask("call_private_config", list(self._path), name, list(args), kwargs)

    @door
    def __delattr__(self, name: str) -> None:
        self._pop(name)

    def __iter__(self) -> Iterator[Any]:
        keys = self._keys()
        return (self[index] for index in keys) if isinstance(keys, range) else iter(keys)

    @door
    def __len__(self) -> int:
        return len(self._data)

    @door
    def __contains__(self, item: Any) -> bool:
        return item in self._data

    @door
    def __add__(self, other: list[Any]) -> list[Any]:
        data: Any = self._data  # adding to a dict raises TypeError
        total: list[Any] = data + other
        return total

    @door
    def __radd__(self, other: list[Any]) -> list[Any]:
        data: Any = self._data
        total: list[Any] = other + data
        return total

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConfigBranch):
            return NotImplemented
        return (self._path, self._handle.identity) == (other._path, other._handle.identity)

    def __hash__(self) -> int:
        return hash((self._path, self._handle.identity))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(key for key in self._keys() if isinstance(key, str))]

    def __repr__(self) -> str:
        where = self._fullbranchname or "(all)"
        state = "closed" if self._handle.released else "connected"
        return f"<configuration {where} of board {self._handle.board!r}, {state}>"


allow_completion(ConfigBranch)
