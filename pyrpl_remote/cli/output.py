"""What `get` and `call` write: values as text or JSON, curves as CSV or numpy files, tables of modules."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..client.proxies.ipython import cells
from ..client.proxies.module import RemoteModule
from ..errors import BadParameter, BadValue

Json = Annotated[bool, typer.Option("--json", help="Print the value as JSON. Arrays become lists.")]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Write the curves to a CSV file, a column for each, and x."),
]
Npy = Annotated[Path | None, typer.Option("--npy", metavar="FILE", help="Write the array to a numpy file.")]

X_NAMES = ("times", "frequencies")
"""The attributes with the x axis of a module's curves."""


WIDE = 200
"""The columns of a table that goes to a pipe or a file, which have no width."""


def table_console() -> Console:
    """A console for tables: outside a terminal its lines are not broken."""
    console = Console(soft_wrap=True, highlight=False)
    return console if console.is_terminal else Console(soft_wrap=True, highlight=False, width=WIDE)


def require_writable(path: Path | None) -> None:
    """Raise BadParameter if no file can be written at `path`: before anything is done to get its content."""
    if path is None:
        return
    if path.is_dir():
        raise BadParameter(f"{str(path)!r} is a folder", "name a file in it")
    try:
        existed = path.exists()
        with open(path, "ab"):
            pass
        if not existed:
            path.unlink()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadParameter(
            f"the file {str(path)!r} cannot be written: {reason}", "name a file in a folder that exists"
        ) from error


def require_picture(path: Path) -> None:
    """Raise BadParameter for a file name that does not say its format."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # not at the top: only needed here

    formats = FigureCanvasAgg.get_supported_filetypes()
    if path.suffix.lower().removeprefix(".") not in formats:
        raise BadParameter(
            f"the file {str(path)!r} has no ending of a picture", f"end it in .{', .'.join(sorted(formats))}"
        )


def show(value: Any, as_json: bool) -> None:
    """Print a value: a text as it is, a module as a table, anything else as Python writes it."""
    if as_json:
        print(json.dumps(_plain(value.snapshot() if isinstance(value, RemoteModule) else value)))
    elif isinstance(value, RemoteModule):
        _show_module(value)
    else:
        print(value if isinstance(value, str) else repr(value))


def write_array(value: Any, module: Any, to_csv: Path | None, to_npy: Path | None) -> None:
    """Write an array, or several of one length, to files. `module`, which returned it, has the x axis.

    Raises BadValue for anything that is no array, BadParameter if a file cannot be written.
    """
    try:
        array = np.asarray(value)
    except ValueError:  # arrays of several lengths
        array = np.asarray(None)
    if array.ndim not in (1, 2) or array.dtype.kind not in "biufc":
        raise BadValue(
            f"a value of type {type(value).__name__} is no array, and was not written: {value!r:.200}",
            "--csv and --npy are for curves, such as those of scope.single",
        )
    for path in (to_csv, to_npy):
        try:
            if path is not None and path is to_csv:
                _write_csv(path, _columns(np.atleast_2d(array), module))
            elif path is not None:
                with open(path, "wb") as file:
                    np.save(file, array)
        except OSError as error:
            raise BadParameter(
                f"the file {str(path)!r} cannot be written: {error.strerror}", "name another file"
            ) from error


def _columns(curves: np.ndarray, module: Any) -> dict[str, np.ndarray]:
    """The columns of a CSV file by their titles: the x axis if the module has one, then the curves."""
    columns = {}
    declared = module.description().attributes if isinstance(module, RemoteModule) else {}
    for name in X_NAMES:
        if name in declared:
            x = np.asarray(getattr(module, name))
            if x.shape == curves.shape[1:]:
                columns[name] = x
    for number, curve in enumerate(curves, 1):
        title = f"curve{number}" if len(curves) > 1 else "curve"
        if np.iscomplexobj(curve):
            columns |= {f"{title} real": curve.real, f"{title} imaginary": curve.imag}
        else:
            columns[title] = curve
    return columns


def _write_csv(path: Path, columns: dict[str, np.ndarray]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values())))


def _show_module(module: RemoteModule) -> None:
    kind = module.description()
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(repr(module)))
    values = module.snapshot()
    if values:
        table = Table("attribute", "value", "unit", "limits or options", box=None)
        for name, value in values.items():
            table.add_row(*(Text(cell) for cell in [name, *cells(kind.attributes[name], value)]))
        console.print(table)
    if kind.submodules:
        console.print(Text(f"modules: {', '.join(kind.submodules)}"))


def _plain(value: Any) -> Any:
    """`value` as JSON has it: complex numbers as two, anything that it cannot have as text or null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (np.ndarray, complex)) and np.iscomplexobj(value):
        return {"real": _plain(value.real), "imag": _plain(value.imag)}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (str, int, type(None))) else repr(value)
