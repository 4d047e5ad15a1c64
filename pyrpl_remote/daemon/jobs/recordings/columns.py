"""What a recording reads: the attributes by their names, checked before anything is recorded."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....errors import PyrplRemoteError, UnknownAttribute
from ..job_board import JobBoard, JobEnded, Reference

NUMBER, TEXT = "number", "text"
"""The kinds of columns."""

TEXT_BYTES = 64
"""How many bytes of a text are recorded, in UTF-8."""

MAX_VALUES = 100
"""How many attributes a recording may read."""

CHANGED_BY_READING = {
    "iq": "reading it makes the module take an iq",
    "pause_gains": "PyRPL writes to the board when it is read",
    "expansion_": "PyRPL makes the pin an input when it is read",
}
"""How the names of attributes begin that PyRPL changes when they are read, each with the reason.

Their reading cannot be tried. For all others, it is checked that reading them once writes nothing.
"""


@dataclass(frozen=True)
class Column:
    """One column of a recording: its name as the user typed it, its unit, and NUMBER or TEXT."""

    name: str
    unit: str = ""
    kind: str = NUMBER

    def value(self, read: Any) -> float | bytes:
        """What is recorded of a value: NaN or "" for one of another kind."""
        if self.kind == TEXT:
            text = "" if read is None else str(read)
            return text.encode(errors="replace")[:TEXT_BYTES].decode(errors="ignore").encode()
        try:
            return float(read)
        except (TypeError, ValueError):
            return math.nan


TIME = Column("time", "s")
"""The first column: when the values were read, in s since the epoch."""


@dataclass(frozen=True)
class Source:
    """A module with the names of its attributes that are recorded."""

    path: str
    names: tuple[str, ...]


def dtype_of(columns: Sequence[Column]) -> np.dtype[Any]:
    """The type of a sample with these columns."""
    return np.dtype(
        [(column.name, f"S{TEXT_BYTES}" if column.kind == TEXT else "<f8") for column in (TIME, *columns)]
    )


def sources_of(values: Sequence[str], board: JobBoard) -> list[Source]:
    """Which attributes of which modules these names mean; modules are in the order of the values.

    `rp.` may be left out. Raises UnknownAttribute or ValueError.
    """
    pairs = [_resolve(value, board) for value in values]
    groups = itertools.groupby(pairs, lambda pair: pair[0])
    return [Source(path, tuple(name for _, name in group)) for path, group in groups]


def columns_of(values: Sequence[str], sources: Iterable[Source], board: JobBoard) -> list[Column]:
    """The columns for these attributes, each of which is read once.

    Raises ValueError for one that is no number or text, or that reading changes, and what PyRPL raises.
    """
    columns: list[Column] = []
    for source in sources:
        declared = board.module_type(source.path).attributes
        for name in source.names:
            value = values[len(columns)]
            why = next((why for start, why in CHANGED_BY_READING.items() if name.startswith(start)), "")
            if why:
                raise ValueError(f"{value} cannot be recorded: {why}")
            read = _read_once(value, source.path, name, board)
            columns.append(Column(value, declared[name].unit, TEXT if isinstance(read, str) else NUMBER))
    return columns


def _read_once(value: str, path: str, name: str, board: JobBoard) -> Any:
    try:
        read, written = board.read_and_count(path, name)
    except (PyrplRemoteError, JobEnded):
        raise
    except Exception as error:
        raise ValueError(f"{value} cannot be recorded: PyRPL cannot read it now ({error!r})") from error
    if written:
        raise ValueError(f"{value} cannot be recorded: PyRPL writes to the board when it is read")
    if not isinstance(read, (bool, int, float, str)) or isinstance(read, Reference):
        raise ValueError(f"{value} cannot be recorded: it is {read!r:.80}, which is no number and no text")
    return read


def _resolve(value: str, board: JobBoard) -> tuple[str, str]:
    path, _, name = value.rpartition(".")
    if not name.isidentifier() or name.startswith("_"):
        raise ValueError(f"{value!r:.80} is no name of an attribute; write it as pid0.ival")
    first = path.partition(".")[0].partition("[")[0]
    whole = f"rp.{path}" if first in board.module_type("rp").submodules else path
    kind = board.module_type(whole)
    if name in kind.submodules:
        raise ValueError(f"{value} cannot be recorded: it is a module")
    if name not in kind.attributes:
        raise UnknownAttribute(
            f"{path or 'the board'} has no {name!r:.80}", f"it has {', '.join(sorted(kind.attributes))}"
        )
    return whole, name


def require_values(values: object) -> list[str]:
    """The names of what to record. Raises TypeError or ValueError."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(
            f"the values of a recording are a list of names such as pid0.ival, not {values!r:.80}"
        )
    if not 1 <= len(values) <= MAX_VALUES:
        raise ValueError(f"a recording has 1 to {MAX_VALUES} values, not {len(values)}")
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is named twice")
    return values
