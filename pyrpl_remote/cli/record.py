"""`record`: lets a board's daemon read attributes at regular times, for days, into a file."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .. import connect, settings
from ..errors import BadParameter
from .attributes import Board
from .completion import complete_member


def record(
    board: Board,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Ends with .h5, .hdf5 or .csv. For a board of another machine: a plain name, there.",
        ),
    ],
    values: Annotated[
        list[str],
        typer.Argument(
            metavar="VALUE...",
            help="Attributes, written as for get: pid0.ival, lockbox.inputs.reflection.mean.",
            autocompletion=complete_member,
        ),
    ],
    every: Annotated[float, typer.Option(metavar="SECONDS", help="Seconds between two samples.")] = 1.0,
    duration: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="End after this time; without it, when it is stopped."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists, whatever it is.")
    ] = False,
) -> None:
    """Let a board's daemon record attributes in a file. It goes on without this command.

    An existing recording of the same values is continued. `pyrpl-remote jobs` shows and ends recordings.

    Example: pyrpl-remote record virtual drift.h5 pid0.ival sampler.in1 --every 0.5
    """
    _require("--every", every, *settings.RECORDED_EVERY)
    if duration is not None:
        _require("--duration", duration, 0.0, sys.float_info.max)
    with connect(board) as p:
        job = p.record(file, values, every, duration, overwrite)
        path = job.status().parameters["file"]
    print(f"recording in {path}; `pyrpl-remote jobs {board} --stop {job.id}` ends it")


def _require(option: str, value: float, least: float, most: float) -> None:
    """Raise BadParameter for a number that the option does not take, before a daemon is started."""
    if not least <= value <= most:
        raise BadParameter(f"{option}={value:g} is not {least:g} to {most:g} s", "correct it")
