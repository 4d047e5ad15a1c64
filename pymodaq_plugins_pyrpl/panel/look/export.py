"""Writes curves to CSV and npz files, with their units and the settings they were taken with."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .curves import Curves


def save(file: Path, curves: Curves, board: str, module: str) -> None:
    """Write all points of `curves`, of `module` of `board`, to `file`.

    A .csv begins with lines "# name: value": the board, the module, when the curves were taken, and the
    settings as JSON; then come a line with the columns' names and units, and the points.
    `numpy.genfromtxt(file, delimiter=",", names=True)` reads it. A .npz has the arrays `columns` (shape (k,
    n)), `names` and `units` of the columns, and `about`, which is JSON. Raises ValueError for another suffix,
    OSError if the file cannot be written.
    """
    columns = _columns(curves)
    about = {
        "board": board,
        "module": module,
        "taken": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(curves.taken)),
        "settings": {name: _plain(value) for name, value in curves.settings.items()},
    }
    if file.suffix == ".csv":
        _save_csv(file, columns, about)
    elif file.suffix == ".npz":
        names, units, data = zip(*columns)
        np.savez_compressed(
            file,
            columns=np.stack(data),
            names=np.array(names),
            units=np.array(units),
            about=np.array(json.dumps(about)),
        )
    else:
        raise ValueError(
            f"{file.name} is neither .csv nor .npz: choose one of these endings; nothing was written"
        )


Columns = list[tuple[str, str, np.ndarray]]


def _columns(curves: Curves) -> Columns:
    """Name, unit and values of each column."""
    return [
        (curves.x_label, curves.x_unit, curves.x),
        *((trace.label, trace.unit, trace.values) for trace in curves.traces),
        *((name, "", values) for name, values in curves.extra.items()),
    ]


def _save_csv(file: Path, columns: Columns, about: Mapping[str, Any]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        for name, value in about.items():
            stream.write(f"# {name}: {value if isinstance(value, str) else json.dumps(value)}\n")
        csv.writer(stream).writerow(f"{name} ({unit})" if unit else name for name, unit, _ in columns)
        np.savetxt(stream, np.stack([values for *_, values in columns], axis=1), fmt="%.9g", delimiter=",")


def _plain(value: Any) -> Any:
    """A setting as JSON has it."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value if isinstance(value, int | float | str | bool | list | None) else str(value)
