"""`jobs`: what a board's daemon goes on doing without clients; lists the jobs, and stops one."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .. import schema
from ..client.finding import observer
from .boards import Board, Json
from .job_table import job_table
from .output import table_console


def jobs(
    board: Board,
    stop: Annotated[
        int | None,
        typer.Option("--stop", metavar="NUMBER", help="End this job for good; no later daemon starts it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what a board's daemon goes on doing without clients, such as recordings. It starts no daemon.

    A job goes on with the next daemon of the board, until it is done or stopped.

    Example: pyrpl-remote jobs virtual --stop 1
    """
    entry = observer.find(board)
    if stop is not None:
        observer.stop_job(entry, stop)
        if not as_json:
            print(f"{entry.full_name}: job {stop} is stopped")
            return
    found = observer.status(entry).jobs
    if as_json:
        print(json.dumps([schema.to_data(job) for job in found]))
    elif found:
        table_console().print(job_table(found))
    else:
        print(f"{entry.full_name}: no jobs")
