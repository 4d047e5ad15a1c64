"""An observer looks at a running daemon, or stops it, without holding the board: the command line is one."""

from __future__ import annotations

from contextlib import contextmanager

from Pyro5 import errors as pyro_errors

from ..errors import BoardGone, UnknownBoard
from ..names.directory import Entry, boards
from .connection import Connections


def find(board: str) -> Entry:
    """The running board called `board`. Raises UnknownBoard."""
    entries = boards()
    for entry in entries:
        if entry.name == board:
            return entry
    names = ", ".join(entry.name for entry in entries)
    raise UnknownBoard(
        f"no daemon serves a board called {board!r}",
        f"these are served: {names}"
        if names
        else "none is served; connect() or `pyrpl-remote serve` starts one",
    )


def status(entry: Entry) -> dict:
    """What `RemotePyrpl.status` gives. Raises BoardGone if the daemon does not answer."""
    with _observing(entry) as connections:
        return connections.ask("status")


def stop(entry: Entry) -> None:
    """End the daemon; the board stays as it is."""
    with _observing(entry) as connections:
        connections.ask("stop")


@contextmanager
def _observing(entry: Entry):
    connections = Connections(entry.name, entry.uri, {"observer": True})
    try:
        try:
            connections.open()
        except pyro_errors.CommunicationError as error:
            raise BoardGone(
                f"the daemon of board {entry.name!r} does not answer ({error})",
                f"it has just ended, or was killed: `pyrpl-remote logs {entry.name}` shows why",
            ) from error
        yield connections
    finally:
        connections.close()
