"""`watch`, `unwatch` and `locks`: the watch of a board's lock, and its history."""

from __future__ import annotations

import csv
import json
import math
import re
import sys
import time
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from .. import connect, settings
from ..board_status import LOCK_WATCH
from ..client.finding import elsewhere, observer
from ..client.finding.configuration import board_name
from ..daemon.jobs.locks import history_file
from ..daemon.jobs.locks.options import Options
from ..errors import BadParameter, JobError, UnknownBoard
from ..lock_history import ALARM_ON, COLUMNS, LockEvent, LockHistory, LockSummary, history_from_data
from .attributes import Board as StartedBoard
from .boards import Board, Json
from .output import table_console

UNITS = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
"""The units of a time that lies back."""


def watch(
    board: StartedBoard,
    relock: Annotated[bool, typer.Option(help="Take a lost lock again, or only watch.")] = True,
    attempts: Annotated[
        int, typer.Option(help="Failures in a row after which it gives up; 0: never.", min=0)
    ] = 3,
    pause: Annotated[
        float, typer.Option(help="Seconds before the second attempt; doubled after each failure.", min=0)
    ] = 30.0,
    command: Annotated[
        str | None,
        typer.Option(help="Command for alarms, run without a shell on the daemon's machine, as its user."),
    ] = None,
    webhook: Annotated[str | None, typer.Option(help="Web address for alarms, which gets JSON.")] = None,
    alarm_on: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help=f"What raises an alarm: {', '.join(ALARM_ON)}...")
    ] = None,
    trace: Annotated[
        bool, typer.Option(help="Let the scope record what comes before a loss, while nobody uses it.")
    ] = True,
) -> None:
    """Let the daemon watch the lock of a board day and night, and take it again. `unwatch` ends that.

    Example: pyrpl-remote watch lab --attempts 5 --command "notify-send 'the lock of lab'"
    """
    options: dict[str, Any] = {
        "relock": relock,
        "attempts": attempts or None,
        "pause": pause,
        "command": command,
        "webhook": webhook,
        "alarm_on": list(ALARM_ON if alarm_on is None else alarm_on),
        "trace": trace,
    }
    try:
        Options.of(options)  # before a daemon is started
    except ValueError as error:
        raise BadParameter(str(error), "`pyrpl-remote watch --help` explains the options") from error
    with connect(board) as p:
        job = p.watch_lock(**options)
        print(f"{board}: its lock is watched (job {job.id})")


def unwatch(board: Board) -> None:
    """End the watch of a board's lock. The lock stays as it is, and so does the history.

    Example: pyrpl-remote unwatch lab
    """
    entry = observer.find(board)
    watches = [job for job in observer.status(entry).jobs if job.kind == LOCK_WATCH]
    if not watches:
        raise JobError(
            f"the lock of board {board!r} is not watched", f"`pyrpl-remote watch {board}` watches it"
        )
    for job in watches:
        observer.stop_job(entry, job.id)
    print(f"{board}: its lock is no longer watched")


def locks(
    board: Board,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="1d, 12h, 30min, or 2026-11-28 or '2026-11-28 10:30'."),
    ] = None,
    lines: Annotated[
        int,
        typer.Option("--lines", "-n", help="The most events, the latest.", min=1, max=history_file.MAX_READ),
    ] = 1000,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the events as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Show the history of a board's lock: losses, time locked, the longest lock, the last reason.

    Example: pyrpl-remote locks lab --since 1d
    """
    if as_csv and as_json:
        raise typer.BadParameter("--csv and --json exclude each other")
    history = _history(board, None if since is None else time_of(since), lines)
    if as_json:
        events = [event.to_data() for event in history]
        summary = {name: _finite(value) for name, value in history.summary().items()}
        print(json.dumps({"board": board, **summary, "left_out": history.left_out, "events": events}))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(event.to_data().values() for event in history)
    else:
        _show(board, history)


def time_of(text: str, now: float | None = None) -> float:
    """The time that a text means, in s since the epoch: a date, or how long ago. Raises BadParameter."""
    ago = re.fullmatch(rf"(\d+(?:\.\d+)?)\s*({'|'.join(UNITS)})", text.strip())
    if ago is not None:
        return (time.time() if now is None else now) - float(ago[1]) * UNITS[ago[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise BadParameter(
            f"{text!r} is no time", "write 1d, 12h or 30min for how long ago, or a date as 2026-11-28"
        ) from None


def _history(board: str, since: float | None, limit: int) -> LockHistory:
    """The history: from the daemon, or from the file of a board that is not served now."""
    try:
        return observer.lock_history(observer.find(board), since, None, limit)
    except UnknownBoard:
        name, on = elsewhere.split(board)
        path = settings.lock_history_path(board_name(name))
        if on not in ("", elsewhere.HERE) or not path.exists():
            raise
        return history_from_data(history_file.read(path, since, None, limit))


def _show(board: str, history: LockHistory) -> None:
    if not history:
        print(
            f"{board}: there is no history of its lock in this time; `pyrpl-remote watch {board}` begins one"
        )
        return
    for line in summary_lines(board, history.summary()):
        print(line)
    if history.left_out:
        print(f"  {history.left_out} older events are left out")
    columns = ["time", "event", "stage", "duration", "error mean (V)", "rms (V)", "output (V)", "reason"]
    table = Table(*columns, box=None, padding=(0, 2))
    for event in history:
        table.add_row(*map(Text, _cells(event)))
    table_console().print(table)


def summary_lines(board: str, one: LockSummary) -> list[str]:
    """A history's summary for people."""
    share = "" if math.isnan(one.locked_fraction) else f", locked {100 * one.locked_fraction:.1f} %"
    failed = "1 failed attempt" if one.failed == 1 else f"{one.failed} failed attempts"
    lines = [
        f"{board}: lost {_times(one.losses)}, taken again {_times(one.relocks)}, {failed}",
        f"  watched for {duration(one.watched)}{share}, the longest lock {duration(one.longest)}",
    ]
    if one.last_loss is not None:
        lines.append(f"  lost last at {_clock(one.last_loss)}: {one.last_reason}")
    return lines


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def duration(seconds: float | None) -> str:
    """A duration for people; "" if it is not known."""
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def _cells(event: LockEvent) -> list[str]:
    attempt = f" (attempt {event.attempt})" if event.attempt else ""
    who = f" [{event.who}]" if event.who else ""
    numbers = [event.error_mean, event.error_rms, event.output]
    return [
        _clock(event.time),
        event.kind + attempt,
        "" if event.stage is None else str(event.stage),
        duration(event.duration),
        *["" if math.isnan(value) else f"{value:.4f}" for value in numbers],
        (event.reason + who).strip(),
    ]


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
