"""`top`: shows the boards at work, their clients and requests, and renews the picture each second."""

from __future__ import annotations

import contextlib
import threading
import time
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..board_status import BoardStatus
from ..client.finding import observer
from ..errors import BoardGone, NameServerSilent, PyrplRemoteError
from ..names import directory, paired
from .boards import none_served
from .completion import complete_board
from .health import board_lines, memory, seconds
from .job_table import job_table
from .output import table_console

REFRESH_SECONDS = 1.0
"""How often the picture is renewed."""

ANSWER_SECONDS = 5.0
"""A daemon that has not answered for this time is shown as silent."""


def top(
    board: Annotated[
        str | None,
        typer.Argument(
            metavar="BOARD",
            help="The board's name: shows its clients and requests too. Without it, all boards.",
            autocompletion=complete_board,
        ),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Print one picture and end, as for a pipe or a file.")
    ] = False,
) -> None:
    """Show the boards at work, renewed each second until Ctrl-C. It starts nothing and disturbs nobody.

    Example: pyrpl-remote top virtual
    """
    console = Console(highlight=False)
    boards = _Boards(board)
    try:
        boards.wait()
        if once or not console.is_terminal:
            table_console().print(_picture(boards, board))
            return
        with Live(_picture(boards, board), console=console, auto_refresh=False) as live:
            while True:
                time.sleep(REFRESH_SECONDS)
                with contextlib.suppress(NameServerSilent):  # the boards that are watched go on
                    boards.follow()
                live.update(_picture(boards, board), refresh=True)
    except KeyboardInterrupt:
        pass
    finally:
        boards.end()


class _Watched:
    """One board: a thread of its own asks for the status, so that a silent daemon delays no other one."""

    def __init__(self, entry: directory.Entry) -> None:
        self.entry = entry
        self.status: BoardStatus | None = None
        self.error = ""
        self.answered = threading.Event()
        self.time = time.monotonic()
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        """Stop asking."""
        self._ended.set()

    def trouble(self) -> str:
        """Why there is no present status, "" if there is one."""
        silent = time.monotonic() - self.time
        return f"has not answered for {silent:.0f} s" if silent > ANSWER_SECONDS else self.error

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.status, self.error = observer.status(self.entry), ""
            except BoardGone:
                self.error = "does not answer"
            except PyrplRemoteError as error:
                self.error = type(error).__name__
            self.time = time.monotonic()
            self.answered.set()
            self._ended.wait(REFRESH_SECONDS)


class _Boards:
    """The boards that are shown: the one called `name`, or all that are served at the time."""

    def __init__(self, name: str | None) -> None:
        """Raises UnknownBoard if no board of this name is served."""
        self._one = None if name is None else observer.find(name)
        self.watched: dict[str, _Watched] = {}
        self.follow()

    def follow(self) -> None:
        """Watch the boards that have come, and no longer those that have gone."""
        if self._one is not None:
            found = {self._one.name: self._one}
            # its daemon may have been replaced
            found |= {
                entry.name: entry
                for entry in paired.boards_on(self._one.on)
                if (entry.name, entry.on) == (self._one.name, self._one.on)
            }
        else:
            found = {entry.full_name: entry for entry in paired.discover()}
        for name, watched in list(self.watched.items()):
            if found.get(name) != watched.entry:
                watched.end()
                del self.watched[name]
        for name, entry in found.items():
            if name not in self.watched:
                self.watched[name] = _Watched(entry)

    def end(self) -> None:
        """Watch no board any more."""
        for watched in self.watched.values():
            watched.end()

    def wait(self) -> None:
        """Wait until all have answered, or are silent."""
        deadline = time.monotonic() + ANSWER_SECONDS
        for watched in self.watched.values():
            watched.answered.wait(max(deadline - time.monotonic(), 0.0))


def _picture(boards: _Boards, name: str | None) -> RenderableType:
    if not boards.watched:
        return Text(none_served())
    table = Table(
        *("board", "Red Pitaya", "link", "clients", "jobs", "calls/s", "p50", "p99", "errors"),
        *("events", "memory", "CPU", "up"),
        box=None,
        padding=(0, 2, 0, 0),
    )
    parts: list[RenderableType] = [table]
    for watched in sorted(boards.watched.values(), key=lambda one: one.entry.name):
        trouble, status = watched.trouble(), watched.status
        if status is None:
            table.add_row(*map(Text, (watched.entry.full_name, watched.entry.identity, trouble or "asking")))
            continue
        table.add_row(*map(Text, _row(watched.entry.full_name, status, trouble)))
        if name is not None:
            parts += [
                Text(),
                *map(Text, board_lines(status)),
                Text(),
                _clients(status),
                Text(),
                job_table(status.jobs) if status.jobs else Text("no jobs"),
                Text(),
                _verbs(status),
            ]
    return Group(*parts)


def _row(name: str, status: BoardStatus, trouble: str) -> list[str]:
    requests, daemon = status.requests, status.daemon
    state = status.link.state if status.state == "connected" else status.state
    return [
        name,
        status.hostname,
        trouble or state,
        str(len(status.clients)),
        str(len(status.jobs)),
        f"{requests.per_second:.1f}",
        seconds(requests.p50),
        seconds(requests.p99),
        str(sum(requests.errors.values())),
        str(status.backlog),
        memory(daemon.memory),
        f"{daemon.cpu:.1f} %",
        str(timedelta(seconds=round(daemon.uptime))),
    ]


def _clients(status: BoardStatus) -> RenderableType:
    if not status.clients:
        return Text("no clients")
    table = Table(
        *("client", "user", "host", "pid", "requests", "events", "holds", "acquires"),
        box=None,
        padding=(0, 2, 0, 0),
    )
    for client in status.clients:
        row = [client.program, client.user, client.host, str(client.pid or "?"), str(client.requests)]
        holds = [str(client.backlog), ", ".join(client.modules), ", ".join(client.acquisitions)]
        table.add_row(*map(Text, row + holds))
    return table


def _verbs(status: BoardStatus) -> RenderableType:
    table = Table(
        *("request", "count", "per s", "p50", "p90", "p99", "slowest"), box=None, padding=(0, 2, 0, 0)
    )
    for verb, one in sorted(status.requests.verbs.items(), key=lambda item: -item[1].count):
        times = map(seconds, (one.p50, one.p90, one.p99))
        table.add_row(verb, str(one.count), f"{one.per_second:.1f}", *times, seconds(one.slowest))
    return table
