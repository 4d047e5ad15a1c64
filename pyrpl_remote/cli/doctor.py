"""`doctor`: find out what is wrong with a board, or with this machine, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from ..doctor.examination import Result, as_data
from ..doctor.finding import FAILED, OK, SKIPPED
from ..errors import BadParameter
from ..lab.examination import examine
from .characters import can_print
from .completion import complete_board

MARKS = {OK: "\N{CHECK MARK}", FAILED: "\N{BALLOT X}", SKIPPED: "-"}
"""How the outcomes are shown."""

PLAIN_MARKS = {OK: "ok", FAILED: "FAILED", SKIPPED: "-"}
"""The same, where the output cannot have these characters."""


def doctor(
    board: Annotated[
        str | None,
        typer.Argument(
            metavar="[HOST or BOARD]",
            help="Hostname of a Red Pitaya, or a board's name or file; without it, this machine, its paired "
            "hosts, and all boards that it serves.",
            autocompletion=complete_board,
            show_default=False,
        ),
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="User for SSH on the board (by default the saved one, or root).")
    ] = None,
    password: Annotated[
        str | None,
        typer.Option(help="Password for SSH on the board (by default the saved one, or root)."),
    ] = None,
    sshport: Annotated[
        int | None, typer.Option(help="The board's SSH port (by default the saved one, or 22).")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="The board's port for register access (by default the saved one, or 2222)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")] = False,
) -> None:
    """Check a board step by step, and this machine: one line a check, with the remedy for what failed.

    It disturbs nothing: no program is thrown off the board, no daemon is started, nothing is written there.
    The exit code is 1 if a check has failed.

    Example: pyrpl-remote doctor rp-f08d6c.local
    """
    given = {"user": user, "password": password, "sshport": sshport, "port": port}
    for option, value in given.items():
        if value == "":
            raise BadParameter(f"--{option} is empty", "give it a value, or leave it out")
        if board is None and value is not None:
            raise BadParameter(f"--{option} is for one board", "name the board, or its hostname")
    results = examine(board, given)
    shown = _shown_as_json(results) if as_json else _shown(results, with_board=board is None)
    raise typer.Exit(1 if FAILED in shown else 0)


def _shown(results: Iterator[Result], with_board: bool) -> list[str]:
    """Print each result as soon as it is known; returns the outcomes."""
    marks = MARKS if can_print("".join(MARKS.values())) else PLAIN_MARKS
    outcomes = []
    for result in results:
        finding = result.finding
        subject = f"{result.board}: {result.check}" if with_board and result.board else result.check
        how = "skipped, because " if finding.outcome == SKIPPED else ""
        print(f"{marks[finding.outcome]} {subject}: {how}{finding.text}", flush=True)
        if finding.remedy:
            print(f"    -> {finding.remedy}", flush=True)
        outcomes.append(finding.outcome)
    return outcomes


def _shown_as_json(results: Iterator[Result]) -> list[str]:
    """Print all results as one JSON object; returns the outcomes."""
    checks = [as_data(result) for result in results]
    outcomes = [check["outcome"] for check in checks]
    print(json.dumps({"ok": FAILED not in outcomes, "checks": checks}))
    return outcomes
