"""Use a board whose daemon runs, without ever starting one: for the completion of a shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..errors import UnknownBoard
from ..names.directory import Entry
from ..schema import Description
from .connect import board_proxy
from .finding.locate import Locator
from .finding.observer import find
from .finding.places import Place, PlaceLocator
from .finding.wanted import Wanted
from .proxies.board import RemotePyrpl
from .sessions.session import Session, join

Used = TypeVar("Used")


def connect_running(board: str) -> RemotePyrpl:
    """As `connect(board)`, but raises UnknownBoard if no daemon serves it."""
    return _join_running(board, board_proxy)


def describe_running(board: str) -> Description:
    """The description of a board that is served. Raises UnknownBoard if no daemon serves it."""
    return _join_running(board, lambda session: session.description)


def _join_running(board: str, use: Callable[[Session], Used]) -> Used:
    def refuse() -> Entry:
        raise UnknownBoard(f"the daemon of board {board!r} has just ended", "connect() starts a new one")

    def locator_for(entry: Entry) -> Locator:
        if entry.on:
            return PlaceLocator(Place(entry.on, entry.name), start=refuse)
        return Locator(Wanted(entry.name), refuse)

    return join(locator_for(find(board)), False, use, locator_for)
