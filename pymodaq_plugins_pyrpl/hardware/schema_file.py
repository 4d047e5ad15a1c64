"""What PyRPL declares about its modules, from a file: PyMoDAQ asks for units and limits at import.

The file is made from a board: `python -m pymodaq_plugins_pyrpl.hardware.schema_file virtual`.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "resources" / "schema.json"

FIELDS = ("kind", "unit", "minimum", "maximum", "increment", "options")
"""What the file has of each attribute; a connected plugin has the rest from its board."""


SMALLEST_EPSILON = 1e-9
"""The precision of an axis for which PyRPL declares no step."""


@functools.cache
def schema() -> dict[str, dict[str, dict[str, Any]]]:
    """By module, as "pid0" or "lockbox", and by attribute: the FIELDS."""
    modules: dict[str, dict[str, dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return modules


def attribute(module: str, name: str) -> dict[str, Any]:
    """The FIELDS of an attribute. Raises KeyError if PyRPL has none of this name."""
    return schema()[module][name]


def units(module: str, names: list[str]) -> list[str]:
    """The units of attributes."""
    return [attribute(module, name)["unit"] for name in names]


def epsilons(module: str, names: list[str]) -> list[float]:
    """The precisions of attributes as axes of a move: half of the step to which the FPGA rounds.

    SMALLEST_EPSILON for those for which PyRPL declares no step.
    """
    return [(attribute(module, name)["increment"] or 0) / 2 or SMALLEST_EPSILON for name in names]


def schema_of(board: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """The same of a board, by its proxy: of its modules, and of those of its `rp`."""
    parts = {"": board, "rp": board.rp}
    modules = {name: getattr(part, name) for part in parts.values() for name in part.description().submodules}
    return {
        name: {
            one.name: {field: _plain(getattr(one, field)) for field in FIELDS}
            for one in module.description().attributes.values()
            if one.kind != "data"
        }
        for name, module in sorted(modules.items())
        if name != "rp"
    }


def _plain(value: Any) -> Any:
    """The value as JSON returns it."""
    return json.loads(json.dumps(value, default=repr))


def main(board: str) -> None:
    """Write the file from the board of this name."""
    from pyrpl_remote import connect

    with connect(board) as p:
        FILE.write_text(json.dumps(schema_of(p), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
