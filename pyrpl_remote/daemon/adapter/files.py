"""What PyRPL keeps in files: its configuration tree, and the curves that it saved.

Both live where the daemon runs. A client gets a branch of the tree as the keys that lead to it, and a curve
as a value with its number. The public methods of `Files` are verbs of protocol.py.
"""

# PyRPL begins the names of its tree's methods with an underscore, so that the others are free for entries
# ruff: noqa: SLF001

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import yaml
from pyrpl.curvedb import CurveDB
from pyrpl.memory import MemoryBranch, MemoryTree, save

from ...errors import NotTransferable
from ...wire import encode

DAMAGED = (
    OSError,
    EOFError,
    pickle.UnpicklingError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ImportError,
)
"""What loading a curve raises if its file is gone, empty, cut off, or of another kind.

PyRPL makes an empty file when it chooses a number for a curve.
"""


class Files:
    """The files of one Pyrpl instance. To be used in the Qt thread only."""

    def __init__(self, tree: MemoryTree):
        self._tree = tree

    def tagged(self, value: Any, plain: Callable[[Any], Any]) -> dict | None:
        """A branch or a curve as plain data for a message (see wire.py), None for anything else.

        `plain(value)` returns plain data for a curve's parts.
        """
        if isinstance(value, MemoryBranch) and value._root is self._tree:
            return {"!config": _keys(value)}
        if isinstance(value, CurveDB):
            # not value.pk: it would give a number to a curve that PyRPL left unsaved
            content = {"pk": getattr(value, "_pk", None), "params": value.params, "data": list(value.data)}
            return {"!curve": plain(content)}
        return None

    def config(self, keys: list, deep: bool) -> Any:
        """The entry at `keys`; a branch as MemoryBranch, or if `deep` as dicts and lists.

        Raises KeyError if there is none.
        """
        entry = self._branch(keys[:-1])[keys[-1]] if keys else self._branch(keys)
        return entry._data if deep and isinstance(entry, MemoryBranch) else entry

    def config_file(self) -> str | None:
        """The file of the tree on the daemon's machine, None if it is kept in memory only."""
        return self._tree._filename

    def config_yml(self, keys: list) -> str:
        """The branch at `keys` as YAML."""
        return self._branch(keys)._get_yml()

    def set_config(self, keys: list, key: Any, value: Any) -> None:
        """Write an entry of the branch at `keys`."""
        _require_yaml(value)
        self._branch(keys)[key] = value

    def update_config(self, keys: list, values: Mapping) -> None:
        """Write several entries of the branch at `keys`."""
        _require_yaml(values)
        self._branch(keys)._update(values)

    def pop_config(self, keys: list, key: Any) -> Any:
        """Remove an entry of the branch at `keys`, and return its value."""
        return self._branch(keys)._pop(key)

    def config_branch(self, keys: list, name: Any) -> MemoryBranch:
        """The branch `name` of the branch at `keys`; it is made if there is none."""
        return self._branch(keys)._get_or_create(name)

    def set_config_yml(self, keys: list, text: str) -> None:
        """Replace the branch at `keys` by what the YAML says."""
        self._branch(keys)._set_yml(text)

    def rename_config(self, keys: list, name: str) -> None:
        """Rename the branch at `keys`."""
        self._branch(keys)._rename(name)

    def curve_numbers(self) -> list[int]:
        """The numbers of all curves in PyRPL's folder, the newest first."""
        return CurveDB.all_pks()

    def curve_names(self, numbers: list[int]) -> list[str | None]:
        """The names of these curves, None for one whose file is damaged or gone."""
        return [_name(number) for number in numbers]

    def curve(self, number: int) -> CurveDB:
        """A curve. Raises FileNotFoundError if there is none of this number."""
        return _load(number)

    def save_curve(self, number: int | None, params: dict, data: list) -> CurveDB:
        """Save a curve, under a new number if `number` is None, and return it.

        Raises ValueError unless `data` are x and y, 1-d and of one length.
        """
        # checked here: PyRPL empties the file before it finds out
        x, y = map(np.asarray, data)
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError(
                f"a curve is x and y, 1-d and of one length, not of shapes {x.shape} and {y.shape}"
            )
        encode([x, y, params])
        curve = CurveDB(params.get("name", "new_curve")) if number is None else self.curve(number)
        curve.params = {"name": "new_curve", "childs": None, **params}
        curve.data = (x, y)
        curve.save()
        return curve

    def delete_curve(self, number: int) -> None:
        """Delete a curve, and the curves that belong to it, as PyRPL does."""
        self.curve(number).delete()

    def _branch(self, keys: list) -> MemoryBranch:
        branch = self._tree
        branch._reload()
        for key in keys:
            branch = branch[key]
            if not isinstance(branch, MemoryBranch):
                raise KeyError(f"{'.'.join(map(str, keys))} is no branch of the configuration")
        return branch


def curve_of(content: dict) -> CurveDB:
    """The saved curve that a client refers to: decodes `{"!curve": content}` (see wire.py)."""
    return _load(content["pk"])


def _load(number: int) -> CurveDB:
    # nothing but an integer: PyRPL puts it into a file's name, and unpickles that file
    return CurveDB.get(operator.index(number))


def _keys(branch: MemoryBranch) -> list:
    keys: list = []
    while branch is not branch._parent:
        keys.insert(0, branch._branch)
        branch = branch._parent
    return keys


def _name(number: int) -> str | None:
    number = operator.index(number)
    try:
        return CurveDB.get(number).name
    except DAMAGED:
        return None


def _require_yaml(value: Any) -> None:
    # PyRPL would accept it, and from then on fail to save its file
    try:
        save(value)
    except yaml.YAMLError as error:
        raise NotTransferable(
            f"PyRPL's configuration cannot hold {value!r:.80}",
            "numbers, strings, lists and dicts can be saved there",
        ) from error
