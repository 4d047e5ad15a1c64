"""Curves that PyRPL saved. The data are in this process; the numbers and files are the daemon's."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import NotTransferable, SessionClosed
from ..doors import door
from ..sessions.handle import Handle

CHUNK = 50
"""How many names to request at once: PyRPL loads each curve to get its name, and other requests wait
meanwhile."""


class Curve:
    """A curve as PyRPL's CurveDB has it, with the data in this process.

    Attributes:
        pk: number of the curve, None if it was never saved.
        params: dict of the settings with which it was taken.
        data: the pair (x, y), each of shape (n,); y may be complex.

    Changes are local until `save()`.
    """

    def __init__(
        self,
        handle: Handle | None,
        pk: int | None,
        params: dict[str, Any],
        data: Sequence[np.ndarray],
        home: tuple[str, str] = ("", ""),
    ):
        """`handle` belongs to the curve's board, None for a curve that came from another process.

        `home` is the name and the identity of that board, if there is no handle.
        """
        # weak: keeping a curve must not keep the session
        self._handle: Callable[[], Handle | None] = _no_handle if handle is None else weakref.ref(handle)
        self._home = home if handle is None else (handle.board, handle.identity)
        self.pk = pk
        self.params = params
        self.data = tuple(data)

    @property
    def name(self) -> str:
        """The curve's name, one of its `params`."""
        name: str = self.params["name"]
        return name

    @name.setter
    def name(self, value: str) -> None:
        self.params["name"] = value

    @property
    def x(self) -> np.ndarray:
        """The abscissa, shape (n,): times in s, frequencies in Hz, or others."""
        return self.data[0]

    @property
    def y(self) -> np.ndarray:
        """The values of the curve, shape (n,); may be complex."""
        return self.data[1]

    @property
    @door
    def childs(self) -> list[Curve]:
        """The curves that belong to this one. Raises FileNotFoundError if one was deleted."""
        return [load(self._board(), pk) for pk in self.params.get("childs") or []]

    @property
    @door
    def parent(self) -> Curve | None:
        """The curve to which this one belongs, or None. Raises FileNotFoundError if it was deleted."""
        return load(self._board(), self.params["parent"]) if "parent" in self.params else None

    def get_child(self, name: str) -> Curve | None:
        """The first curve called `name` that belongs to this one, None if there is none."""
        return next((child for child in self.childs if child.name == name), None)

    @door
    def save(self) -> None:
        """Save the curve in PyRPL's folder on the daemon's machine. A new curve gets its number, `pk`.

        Raises SessionClosed where it has no connection to its board: copies, and curves of a closed board.
        """
        saved: Curve = self._board().ask("save_curve", self.pk, self.params, list(self.data))
        self.pk = saved.pk

    @door
    def delete(self) -> None:
        """Delete the saved curve and the curves that belong to it. This object keeps its data.

        Raises SessionClosed as `save` does.
        """
        self._board().ask("delete_curve", self.pk)

    def _board_of(self) -> tuple[str, str]:
        return self._home

    def _on_the_wire(self) -> dict[str, Any]:
        if self.pk is None:
            raise NotTransferable(f"{self!r} was never saved", "call its save() first")
        return {"!curve": {"pk": self.pk}}

    def _board(self) -> Handle:
        handle = self._handle()
        if handle is None:
            raise SessionClosed(
                f"{self!r} has no connection to its board: the board's proxy no longer exists, "
                "or the curve came from another process",
                "load it again with p.load_curve(pk)",
            )
        return handle

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy, here or in another process, has the data but no board
        return Curve, (None, self.pk, self.params, self.data, self._home)

    def __repr__(self) -> str:
        return f"<Curve {self.pk} {self.params.get('name')!r}, {len(self.x)} points>"


def make(handle: Handle, content: dict[str, Any]) -> Curve:
    """The curve that a message contains."""
    return Curve(handle, content["pk"], content["params"], content["data"])


@door
def create(handle: Handle, x: np.ndarray, y: np.ndarray, params: dict[str, Any]) -> Curve:
    """Save a new curve."""
    curve: Curve = handle.ask("save_curve", None, params, [x, y])
    return curve


@door
def load(handle: Handle, pk: int) -> Curve:
    """The saved curve number `pk`. Raises FileNotFoundError (also a RemoteError) if there is none."""
    curve: Curve = handle.ask("curve", pk)
    return curve


@door
def names(handle: Handle) -> dict[int, str]:
    """The names of all saved curves by number, the newest first, without those whose file is damaged."""
    numbers: list[int] = handle.ask("curve_numbers")
    found: dict[int, str | None] = {}
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        found.update(zip(chunk, handle.ask("curve_names", chunk)))
    return {number: name for number, name in found.items() if name is not None}


def _no_handle() -> None:
    return None
