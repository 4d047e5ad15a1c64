"""`stubs`: the types of one board's modules, for editors and type checkers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import connect
from ..client.stubs import description_of, stubs_of
from .completion import complete_board
from .output import require_writable


def stubs(
    board: Annotated[
        str,
        typer.Argument(metavar="BOARD", help="The board's name.", autocompletion=complete_board),
    ],
    output: Annotated[
        Path | None, typer.Option(help="File to write, such as lab_types.pyi; by default it is printed.")
    ] = None,
) -> None:
    """Print the types of a board's modules, those of its own lockbox too, as a stub file.

    The types that hold for every board are there without it.

    Example: pyrpl-remote stubs lab --output lab_types.pyi
    """
    if output is not None:
        require_writable(output)
    with connect(board) as p:
        text = stubs_of(description_of(p), board)
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, encoding="utf-8")
