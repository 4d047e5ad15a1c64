"""PyRPL's files: its configuration tree, and the curves that it saved.

Both are on the daemon's machine. A branch of the tree is sent to a client as the keys that lead to it, and a
curve as its data with its number. The public methods of `Files` are verbs of protocol.py.
"""

# PyRPL begins the names of its tree's methods with an underscore, so that the others are free for entries
# ruff: noqa: SLF001

from __future__ import annotations

import logging
import operator
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import yaml
from pyrpl.curvedb import CurveDB
from pyrpl.memory import MemoryBranch, MemoryTree, save

from ....errors import NotTransferable
from ....wire import encode
from ..configuration.guarded_configuration import (
    LINK,
    checked_yaml,
    masked,
    require_bounded,
    require_settable,
    steps,
)
from .curve_names import saved_name
from .saved_curves import listing

log = logging.getLogger(__name__)

CALLABLE = {"_write_to_file", "_save", "_reload"}
"""PyRPL's own methods of the tree that private clients may call; for the others there are verbs."""

FILE_NAMES = ("_file", "_buffer", "_branch", "_known", "_version")
"""How the names of the tree's own attributes begin that say which file it is, or which branch."""

MAX_NAMES = 5000
"""How many curves one request may ask the names of."""

UNREADABLE = (OSError, ValueError)
"""The errors of opening a curve whose file is missing, or no curve (see saved_curves.py)."""


class Files:
    """The files of one Pyrpl instance. To be used in the Qt thread only."""

    def __init__(self, tree: MemoryTree):
        self._tree = tree
        self._left_out: set[str] = set()  # the files of curves that have been reported

    def tagged(self, value: Any, plain: Callable[[Any], Any]) -> dict | None:
        """A branch or a curve as a tagged dict (see wire.py), None for any other value.

        `plain(value)` returns the parts of a curve as plain data.
        """
        if isinstance(value, MemoryBranch) and value._root is self._tree:
            return {"!config": _keys(value)}
        if isinstance(value, CurveDB):
            # not value.pk: reading it assigns a number to an unsaved curve
            content = {"pk": getattr(value, "_pk", None), "params": value.params, "data": list(value.data)}
            return {"!curve": plain(content)}
        return None

    def config(self, keys: list, deep: bool) -> Any:
        """The entry at `keys`; a branch is returned as a MemoryBranch, or as dicts and lists if `deep`.

        Raises KeyError if there is no such entry.
        """
        path = steps(keys)
        entry = self._branch(path[:-1])[path[-1]] if path else self._branch(path)
        if path == [LINK, "password"]:
            return masked({"password": entry})["password"]
        return masked(entry._data) if deep and isinstance(entry, MemoryBranch) else entry

    def config_file(self) -> str | None:
        """The file of the tree on the daemon's machine, with its folder; None for a tree in memory only."""
        filename = self._tree._filename
        return os.path.abspath(filename) if filename else None

    def config_yml(self, keys: list, data: Any = None) -> str:
        """The branch at `keys` as YAML; with `data`, these in the form that PyRPL's file has them.

        Raises NotTransferable for data that YAML cannot store.
        """
        branch = self._branch(steps(keys))
        if data is not None:
            _require_yaml(data)
            return str(branch._get_yml(data))
        return str(branch._get_yml(masked(branch._data)))

    def set_config(self, keys: list, key: Any, value: Any) -> None:
        """Write an entry of the branch at `keys`.

        Raises NotTransferable for a value that YAML cannot store.
        """
        _require_yaml(value)
        path = steps([*keys, key])
        require_settable(self._tree._data, path, value)
        self._branch(path[:-1])[path[-1]] = value

    def update_config(self, keys: list, values: Mapping) -> None:
        """Write several entries of the branch at `keys`. Raises as `set_config` does."""
        _require_yaml(values)
        path = steps(keys)
        for key, value in values.items():
            require_settable(self._tree._data, [*path, key], value)
        self._branch(path)._update(values)

    def pop_config(self, keys: list, key: Any) -> Any:
        """Remove an entry of the branch at `keys`, and return its value."""
        path = steps([*keys, key])
        require_settable(self._tree._data, path, None)
        return self._branch(path[:-1])._pop(path[-1])

    def config_branch(self, keys: list, name: Any) -> MemoryBranch:
        """The branch `name` of the branch at `keys`; it is made if there is none."""
        path = steps([*keys, name])
        if path[:1] == [LINK] and len(path) > 1:
            require_settable(self._tree._data, path, {})
        return self._branch(steps(keys))._get_or_create(name)

    def set_config_yml(self, keys: list, text: str) -> None:
        """Replace the branch at `keys` by the content of the YAML text.

        Raises YAMLError, or ValueError for a text that is too long, too deep, or has aliases.
        """
        path = steps(keys)
        content = checked_yaml(self._tree._data, path, text)
        self._branch(path)._set_yml(save(content).decode())

    def rename_config(self, keys: list, name: str) -> None:
        """Rename the branch at `keys`."""
        path = steps(keys)
        for one in (path, steps([*path[:-1], name])):
            require_settable(self._tree._data, one, None)
        self._branch(path)._rename(name)

    def private_config(self, keys: list, name: str) -> tuple[bool, Any]:
        """PyRPL's own `name`, which begins with an underscore, of the branch at `keys`.

        Returns (True, None) for a method, else (False, its value). Raises AttributeError if there is none.
        """
        value = _private(self._branch(steps(keys)), name)
        return (True, None) if callable(value) else (False, masked(value))

    def set_private_config(self, keys: list, name: str, value: Any) -> None:
        """Set PyRPL's own `name` of the branch at `keys`: a number, a text, True, False or None.

        Raises AttributeError if there is none, or if it is an object that the tree needs.
        """
        branch = self._branch(steps(keys))
        if name.startswith(FILE_NAMES):
            raise AttributeError(
                f"{name!r:.80} of the configuration cannot be set: it names the daemon's file"
            )
        for one in (value, _private(branch, name)):
            if not isinstance(one, (bool, int, float, str, type(None))):
                raise AttributeError(f"{name!r} of the configuration cannot be set to {value!r:.80}")
        setattr(branch, name, value)

    def call_private_config(self, keys: list, name: str, args: list, kwargs: dict) -> Any:
        """Call PyRPL's own method `name` of the branch at `keys`."""
        if name not in CALLABLE:
            raise AttributeError(
                f"{name!r:.80}() of the configuration is not called by clients, but {sorted(CALLABLE)}"
            )
        return _private(self._branch(steps(keys)), name)(*args, **kwargs)

    def curve_numbers(self) -> list[int]:
        """The numbers of all curves in PyRPL's folder, the newest first."""
        numbers, others = listing(CurveDB)
        self._report([f"{name}: its name is no number" for name in others])
        return numbers

    def curve_names(self, numbers: list[int]) -> list[str | None]:
        """The names of these curves, None for one whose file is damaged or gone."""
        if len(numbers) > MAX_NAMES:
            raise ValueError(f"the names of at most {MAX_NAMES} curves are read at once")
        names: list[str | None] = []
        damaged = []
        for number in map(operator.index, numbers):
            try:
                names.append(saved_name(CurveDB, number))
            except UNREADABLE as error:
                names.append(None)
                if not isinstance(error, FileNotFoundError):  # deleted meanwhile
                    damaged.append(f"{number}{CurveDB.file_extension}: {error}")
        self._report(damaged)
        return names

    def curve(self, number: int) -> CurveDB:
        """The saved curve of this number. Raises FileNotFoundError if there is none."""
        return _load(number)

    def save_curve(self, number: int | None, params: dict, data: list) -> CurveDB:
        """Save a curve, under a new number if `number` is None; returns it.

        `data` are x and y, each of shape (n,); otherwise it raises ValueError.
        """
        # checked here: PyRPL would empty the file before it raises its error
        x, y = map(np.asarray, data)
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError(
                f"a curve is x and y, 1-d and of one length, not of shapes {x.shape} and {y.shape}"
            )
        encode([x, y, params])
        _require_numbers(params)
        curve = CurveDB(params.get("name", "new_curve")) if number is None else self.curve(number)
        curve.params = {"name": "new_curve", "childs": None, **params}
        curve.data = (x, y)
        curve.save()
        return curve

    def delete_curve(self, number: int) -> None:
        """Delete a curve, and the curves that belong to it, as PyRPL does."""
        self.curve(number).delete()

    def _report(self, left_out: list[str]) -> None:
        """Log which files are left out of the list of curves, each of them once."""
        new = [text for text in left_out if text not in self._left_out]
        self._left_out.update(new)
        if new:
            log.warning(
                "in the folder of saved curves, %s, these files cannot be read, and are left out: %s",
                CurveDB._dirname,
                "; ".join(new),
            )

    def _branch(self, keys: list) -> MemoryBranch:
        branch = self._tree
        branch._reload()
        for key in keys:
            branch = branch[key]
            if not isinstance(branch, MemoryBranch):
                raise KeyError(f"{'.'.join(map(str, keys))} is no branch of the configuration")
        return branch


def curve_of(content: dict) -> CurveDB:
    """The saved curve for the content of a `!curve` tag (see wire.py)."""
    return _load(content["pk"])


def _load(number: int) -> CurveDB:
    # only an integer: PyRPL makes it part of a file name, and unpickles that file
    return CurveDB.get(operator.index(number))


def _keys(branch: MemoryBranch) -> list:
    keys: list = []
    while branch is not branch._parent:
        keys.insert(0, branch._branch)
        branch = branch._parent
    return keys


def _require_numbers(params: Mapping) -> None:
    # PyRPL opens these when it deletes the curve: anything else could become the path of a file
    childs = params.get("childs")
    for name, numbers in (
        ("childs", childs if isinstance(childs, list) else [childs]),
        ("parent", [params.get("parent")]),
    ):
        if not all(number is None or type(number) is int for number in numbers):
            raise ValueError(f"{name} of a curve are numbers of saved curves, not {params[name]!r:.80}")


def _private(branch: MemoryBranch, name: str) -> Any:
    if not name.startswith("_") or name.startswith("__"):
        raise AttributeError(f"{name!r:.80} is none of PyRPL's own names of the configuration")
    return getattr(branch, name)


def _require_yaml(value: Any) -> None:
    require_bounded(value)
    # PyRPL would accept the value, and then could no longer save its file
    try:
        save(value)
    except yaml.YAMLError as error:
        raise NotTransferable(
            f"PyRPL's configuration cannot hold {value!r:.80}",
            "numbers, strings, lists and dicts can be saved there",
        ) from error
