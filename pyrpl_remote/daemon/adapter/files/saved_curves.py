"""PyRPL's CurveDB, amended: it lists the saved curves without opening them, and opens them by number only.

PyRPL loads every saved curve to list their numbers, when it is imported and each time that it looks for the
options of an attribute. A curve is a pickle: what a client names must never become the path of one.
"""

from __future__ import annotations

import operator
import os
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

DAMAGED = (
    EOFError,
    pickle.UnpicklingError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ImportError,
)
"""The errors of loading a file that is empty, cut off, no curve, or pickled with a library that is missing.

PyRPL creates an empty file when it chooses a number for a curve.
"""


def open_no_curves(module: ModuleType, run: Callable[[], None]) -> None:
    """Run the code of `pyrpl.curvedb`, and amend its class CurveDB."""
    run()
    # another class is the user's own, which PyRPL's global configuration names
    if module.CurveDB.__module__ == module.__name__ and module.CurveDB.get.__module__ != __name__:
        _amend(module.CurveDB)


def _amend(curves: Any) -> None:
    load = curves.get.__func__

    class Unopened(curves):
        """A saved curve that is opened when its parameters or data are first used."""

        def __init__(self, number: int):
            self._pk = number

        def __getattr__(self, name: str) -> Any:
            if name not in ("params", "data", "logger"):
                raise AttributeError(name)
            self.__dict__.update(vars(curves.get(self._pk)))
            return self.__dict__[name]

    def get(cls: Any, curve: Any) -> Any:
        """The saved curve of a number, or of each number in a list; a curve itself is returned as it is.

        Raises TypeError for anything else, FileNotFoundError if there is none, ValueError for a damaged file.
        """
        if isinstance(curve, curves):
            return curve
        if isinstance(curve, list):
            return [cls.get(one) for one in curve]
        try:
            number = operator.index(curve)
        except TypeError:
            raise TypeError(f"a saved curve is called by its number, not by {curve!r:.80}") from None
        try:
            return load(cls, number)
        except DAMAGED as error:
            raise ValueError(
                f"the saved curve {os.path.join(cls._dirname, f'{number}.dat')} cannot be read: "
                f"{type(error).__name__}: {error}"
            ) from error

    curves.get = classmethod(get)
    curves.all_pks = classmethod(lambda cls: listing(cls)[0])
    curves.all = classmethod(lambda cls: [Unopened(number) for number in cls.all_pks()])


def listing(curves: Any) -> tuple[list[int], list[str]]:
    """The files of PyRPL's class CurveDB: the numbers of the curves, the newest first, and other names.

    The other names are those of .dat files that PyRPL did not write, such as "5 - copy.dat".
    """
    numbers, others = [], []
    for name in os.listdir(curves._dirname):  # noqa: SLF001 - PyRPL has no public name for it
        stem, extension = os.path.splitext(name)
        if extension == curves.file_extension:
            if stem.isascii() and stem.isdigit() and stem == str(int(stem)):
                numbers.append(int(stem))
            else:
                others.append(name)
    return sorted(numbers, reverse=True), sorted(others)
