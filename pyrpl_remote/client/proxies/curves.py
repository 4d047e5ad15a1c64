"""Curves that PyRPL saved: they arrive as values; their numbers and files live with the daemon."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from ...errors import NotTransferable, SessionClosed
from ..handle import Handle

CHUNK = 50
"""How many curves' names are asked for at once: PyRPL must load each, and everybody else waits meanwhile."""


class Curve:
    """A curve as PyRPL's CurveDB has it, with the data in this process.

    Attributes: `pk` (its number, None if it was never saved), `params` (dict of the settings it was taken with), `data` (the pair
    x, y of 1-d arrays of one length; y may be complex). What is changed here is saved by `save()`.
    """

    def __init__(self, handle: Handle, pk: int | None, params: dict, data: tuple[np.ndarray, np.ndarray]):
        # weak: data that a user keeps must not hold the board
        self._handle = weakref.ref(handle)
        self.pk = pk
        self.params = params
        self.data = tuple(data)

    @property
    def name(self) -> str:
        """The curve's name, one of its `params`."""
        return self.params["name"]

    @name.setter
    def name(self, value: str) -> None:
        self.params["name"] = value

    @property
    def x(self) -> np.ndarray:
        """Times in s, frequencies in Hz, or whatever the curve is taken over."""
        return self.data[0]

    @property
    def y(self) -> np.ndarray:
        """The values, as many as `x`."""
        return self.data[1]

    @property
    def childs(self) -> list[Curve]:
        """The curves that belong to this one."""
        return [load(self._board(), pk) for pk in self.params.get("childs") or []]

    @property
    def parent(self) -> Curve | None:
        """The curve to which this one belongs, None if it belongs to none."""
        return load(self._board(), self.params["parent"]) if "parent" in self.params else None

    def get_child(self, name: str) -> Curve | None:
        """The first curve called `name` that belongs to this one."""
        return next((child for child in self.childs if child.name == name), None)

    def save(self) -> None:
        """Save the curve in PyRPL's folder, where the daemon runs; an unsaved one gets its number now."""
        self.pk = self._board().ask("save_curve", self.pk, self.params, list(self.data)).pk

    def delete(self) -> None:
        """Delete the saved curve and those that belong to it. The data here stay."""
        self._board().ask("delete_curve", self.pk)

    def _on_the_wire(self) -> dict:
        if self.pk is None:
            raise NotTransferable(f"{self!r} was never saved", "call its save() first")
        return {"!curve": {"pk": self.pk}}

    def _board(self) -> Handle:
        handle = self._handle()
        if handle is None:
            raise SessionClosed(
                f"{self!r} outlived the proxy of its board", "load it again with p.load_curve(pk)"
            )
        return handle

    def __reduce__(self):
        # a value: it goes to other processes without its board
        return _detached, (self.pk, self.params, self.data)

    def __repr__(self) -> str:
        return f"<Curve {self.pk} {self.params.get('name')!r}, {len(self.x)} points>"


def make(handle: Handle, content: dict) -> Curve:
    """The curve that a message holds."""
    return Curve(handle, content["pk"], content["params"], content["data"])


def load(handle: Handle, pk: int) -> Curve:
    """The saved curve number `pk`. Raises FileNotFoundError (a RemoteError too) if there is none."""
    return handle.ask("curve", pk)


def names(handle: Handle) -> dict[int, str]:
    """The names of all saved curves by their number, the newest first; those whose file is damaged are left out."""
    numbers = handle.ask("curve_numbers")
    found: dict[int, Any] = {}
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        found.update(zip(chunk, handle.ask("curve_names", chunk)))
    return {number: name for number, name in found.items() if name is not None}


def _detached(pk: int | None, params: dict, data: tuple) -> Curve:
    curve = Curve.__new__(Curve)
    curve._handle, curve.pk, curve.params, curve.data = _no_board, pk, params, data
    return curve


def _no_board() -> None:
    return None
