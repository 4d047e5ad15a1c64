"""Read the status of boards, and stop one, without a session. The command line uses it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from Pyro5 import errors as pyro_errors

from ... import board_status, settings
from ...errors import AccessDenied, BoardGone, OutcomeUnknown, UnknownBoard
from ...lock_history import LockHistory, history_from_data
from ...names.directory import Entry, as_typed, boards
from ...protocol import Greeting, Refused
from ..connections.connection import Connections
from ..connections.refusal import error_of
from ..connections.whoami import whoami
from . import elsewhere
from .configuration import board_name, find_configuration, is_path, same_file


def find(board: str) -> Entry:
    """The running board called `board`, which may also be its hostname or its configuration file.

    A board of a paired host is also written as `lab@daq2`. Raises UnknownBoard, AmbiguousBoard.
    """
    named, on = elsewhere.split(board)
    if on not in ("", elsewhere.HERE):
        return elsewhere.find(named, on)
    board = named
    entries = boards()
    configuration = find_configuration(board)
    name = board_name(board if configuration is None else configuration.text)
    for entry in entries:
        if entry.name == name:
            if configuration is None or not is_path(board) or same_file(configuration.path, entry.file):
                return entry
            raise UnknownBoard(
                f"board {entry.name!r} is served with {entry.file or 'no configuration file'}, "
                f"not with {configuration.path}",
                f"the running one is called {entry.name}",
            )
    for entry in entries:
        if as_typed(board) in entry.aliases:
            return entry
    there, hosts = (None, []) if on else elsewhere.search(board)
    if there is not None:
        return there
    others = [entry.full_name for host in hosts for entry in host.served]
    names = ", ".join([*(entry.name for entry in entries), *others])
    failed = [host.error for host in hosts if host.error is not None]
    remedy = (
        f"these are served: {names}"
        if names
        else "none is served; connect() or `pyrpl-remote serve` starts one"
    )
    raise UnknownBoard(
        "; ".join([f"no daemon serves a board called {board!r}", *(error.message for error in failed)]),
        failed[0].remedy if failed else remedy,
    )


def status(board: str | Entry) -> board_status.BoardStatus:
    """The status of a board, its link, its daemon and its clients.

    `board` is its name, or an entry of `discover()`. Raises UnknownBoard if no board is served under the
    name, BoardGone if its daemon has ended, DaemonSilent if it runs, but does not answer.
    """
    with _observing(board, settings.STATUS_SECONDS) as connections:
        return board_status.status_from_data(connections.ask("status"))


def stop(board: str | Entry) -> None:
    """Ask the board's daemon to end, even if clients use it. The FPGA keeps running unchanged.

    It does not wait for the daemon's end, which follows soon. Arguments and errors as for `status`.
    """
    with _observing(board) as connections:
        connections.ask("stop")


def stop_job(board: str | Entry, number: int) -> None:
    """End a job of the board's daemon for good.

    Raises JobError if it has none of this number; arguments and other errors as for `status`.
    """
    with _observing(board) as connections:
        connections.ask("stop_job", number)


def lock_history(
    board: str | Entry, since: float | None = None, until: float | None = None, limit: int = 1000
) -> LockHistory:
    """The history of the board's lock: arguments as for `p.lock_history`, errors as for `status`."""
    with _observing(board) as connections:
        return history_from_data(connections.ask("lock_history", since, until, limit))


def end_unused(entry: Entry) -> bool:
    """End the daemon that a client started if no client uses it any more; returns whether it ends.

    Raises protocol.Refused if it is ending already, Pyro5's CommunicationError if it does not answer.
    """
    connections = _connections(entry)
    try:
        connections.open()
        return bool(connections.ask("stop", True))
    except (BoardGone, OutcomeUnknown):  # it ended meanwhile
        return True
    except AccessDenied:  # another user's, who shares it
        return False
    finally:
        connections.close()


def _connections(entry: Entry) -> Connections:
    return Connections(entry.name, entry.uri, Greeting(session=None, **whoami()), on=entry.on)


@contextmanager
def _observing(board: str | Entry, most_seconds: float = math.inf) -> Iterator[Connections]:
    entry = board if isinstance(board, Entry) else find(board)
    connections = _connections(entry)
    connections.most_seconds = most_seconds
    try:
        try:
            connections.open()
        except Refused as refused:
            raise error_of(entry.name, refused) from refused
        except pyro_errors.CommunicationError as error:
            raise BoardGone(
                f"the daemon of board {entry.name!r} does not answer ({error})",
                f"it has just ended, or was killed: `pyrpl-remote logs {entry.name}` shows why",
            ) from error
        yield connections
    finally:
        connections.close()
