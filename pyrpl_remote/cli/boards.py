"""`ls`, `status`, `stop` and `logs`: show the boards that the name server lists, and stop their daemons."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .. import board_status, schema, settings
from ..client.finding import elsewhere, observer
from ..client.finding.configuration import board_name
from ..errors import AccessDenied, BoardGone, DaemonSilent
from ..lab.boards import wait_for_end
from ..lab.logs import log
from ..names import directory, paired
from ..transport.lan import paired_hosts
from .completion import complete_board
from .health import board_lines
from .job_table import job_table

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
Board = Annotated[
    str,
    typer.Argument(
        metavar="BOARD",
        help="The board's name, as `ls` shows it, or its file.",
        autocompletion=complete_board,
    ),
]


def status(
    board: Annotated[
        str | None,
        typer.Argument(
            metavar="BOARD",
            help="The board's name; without it, all boards.",
            autocompletion=complete_board,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a board, its link, its daemon, its clients and what they hold. `--json` has all figures.

    Example: pyrpl-remote status virtual
    """
    if board is None:
        entries = paired.discover()
        found = [(entry.on, s) for entry in entries if (s := _status_or_none(entry)) is not None]
        if as_json:
            print(json.dumps([_as_data(one, on) for on, one in found]))
        elif not entries:
            print(none_served())
        for on, one in () if as_json else found:
            _print_status(one, on)
        return
    entry = observer.find(board)
    one = observer.status(entry)
    if as_json:
        print(json.dumps(_as_data(one, entry.on)))
    else:
        _print_status(one, entry.on)


def none_served() -> str:
    """What is said where there is no board."""
    hosts = [one.name for one in paired_hosts.gates()]
    if hosts:
        return f"no board is served, neither on this machine nor on {', '.join(hosts)}"
    return f"no board is served under the name server at {directory.location()}"


def _as_data(one: board_status.BoardStatus, on: str) -> dict[str, Any]:
    """A status for JSON, with the host that has the board, "" for this machine."""
    return {**schema.to_data(one), "on": on}


def stop(
    board: Annotated[
        str | None,
        typer.Argument(metavar="BOARD", help="The board's name.", autocompletion=complete_board),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Stop the daemons of all boards.")] = False,
) -> None:
    """End a board's daemon, even while clients use it. The FPGA keeps running: a locked laser remains locked.

    Its jobs go on with the board's next daemon; `pyrpl-remote jobs BOARD --stop NUMBER` ends one for good.

    Example: pyrpl-remote stop virtual
    """
    if (board is None) != every:
        raise typer.BadParameter("name a board, or use --all")
    entries = directory.boards() if board is None else [observer.find(board)]
    failed: AccessDenied | DaemonSilent | None = None
    for entry in entries:
        try:
            before = observer.status(entry)
            observer.stop(entry)
        except BoardGone:
            print(f"{entry.name}: has already ended")
            continue
        except DaemonSilent as error:
            failed = error
            print(f"{entry.name}: does not answer")
            continue
        except AccessDenied as error:
            failed = error
            print(f"{entry.name}: is not yours to stop")
            continue
        wait_for_end(entry, before.daemon.pid)
        print(f"{entry.name}: stopped{_jobs_go_on(before)}")
    if not entries:
        print("no board is served on this machine")
    if failed is not None:
        raise failed


def _jobs_go_on(before: board_status.BoardStatus) -> str:
    """What is said of the jobs of a daemon that was stopped."""
    if not before.jobs:
        return ""
    count = "its job goes" if len(before.jobs) == 1 else f"its {len(before.jobs)} jobs go"
    return f"; {count} on with the board's next daemon"


def logs(
    board: Board,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Number of lines.", min=1, max=1_000_000)] = 50,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print new lines as they come, until Ctrl-C.")
    ] = False,
) -> None:
    """Print the last lines of the log of a board's daemon. The log remains after the daemon's end.

    Each line names the board, and the client whose request it is about.

    Example: pyrpl-remote logs virtual -n 20
    """
    board, on = _with_log(board)
    with contextlib.suppress(KeyboardInterrupt):
        for text in log(board, on, lines, follow):
            print(text, end="", flush=True)


def _with_log(board: str) -> tuple[str, str]:
    """The board whose log `board` means, and the paired host that has it, "" for this machine."""
    name, on = elsewhere.split(board)
    if on:
        return name, "" if on == elsewhere.HERE else on
    if any(entry.name == board for entry in directory.boards()):
        return board, ""
    there = elsewhere.find_elsewhere(board)
    if there is not None:
        return there.name, there.on
    if settings.log_path(board_name(board)).exists():
        return board, ""
    # the log remains after the daemon's end, on a paired host too
    able = [host.host for host in paired.of_all() if board in host.startable and board != settings.VIRTUAL]
    return board, able[0] if len(able) == 1 else ""


def _status_or_none(entry: directory.Entry) -> board_status.BoardStatus | None:
    try:
        return observer.status(entry)
    except BoardGone:
        return None
    except (AccessDenied, DaemonSilent) as error:
        print(error.message, file=sys.stderr)  # the other boards are shown all the same
        return None


def _print_status(one: board_status.BoardStatus, on: str) -> None:
    console = Console(soft_wrap=True, highlight=False)
    daemon = one["daemon"]
    ends = (
        f"ends {daemon['grace']:g} s after its last client"
        if daemon["grace"] is not None
        else "runs until it is stopped"
    )
    place = f" on {on}" if on else ""
    console.print(Text.assemble((one["board"], "bold"), f"{place} ({one['hostname']}): {one['state']}"))
    console.print(f"  daemon pid {daemon['pid']}, up {timedelta(seconds=round(daemon['uptime']))}, {ends}")
    for line in board_lines(one):
        console.print(Text(f"  {line}"))
    console.print(Text(f"  log {daemon['log']}{place}"))
    if one.saving.state == "failing":
        since = datetime.fromtimestamp(one.saving.since).strftime("%Y-%m-%d %H:%M:%S")
        console.print(f"  [red]not saved[/red] since {since}:", end=" ")
        console.print(one.saving.reason, markup=False)
    if one["clients"]:
        console.print(_client_table(one))
    else:
        console.print("  no clients")
    if one.jobs:
        console.print(Padding(job_table(one.jobs), (0, 0, 0, 2)))


def _client_table(one: board_status.BoardStatus) -> Table:
    table = Table("client", "user", "host", "pid", "since", "holds", box=None, padding=(0, 2))
    for client in one["clients"]:
        since = datetime.fromtimestamp(client["since"]).strftime("%Y-%m-%d %H:%M:%S")
        row = [client["program"], client["user"], client["host"], str(client["pid"] or "?"), since]
        # as it is: rich would take brackets for its own markup
        table.add_row(*map(Text, [*row, ", ".join(client["modules"])]))
    return table
