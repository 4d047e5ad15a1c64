"""The log of a board's daemon, here or on a paired host. It remains after the daemon's end."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .. import settings
from ..client.finding.configuration import board_name
from ..errors import UnknownBoard
from ..machine.log_reader import LogReader
from ..names import paired

FOLLOW_SECONDS = 0.3
"""How often a log that is followed is read."""


def log(board: str, on: str = "", lines: int = 50, follow: bool = False) -> Iterator[str]:
    """The last `lines` lines of the log of `board`, as one text; with `follow`, then what is new, for ever.

    A text is "" where nothing is new. `on`: the paired host that has the board, "" for this machine. Raises
    UnknownBoard, HostUnreachable, AccessDenied.
    """
    if on:
        yield from paired.logs(on, board, lines, follow)
        return
    path = settings.log_path(board_name(board))
    if not path.exists():
        raise UnknownBoard(
            f"there is no log of a board called {board!r} ({path})", "`pyrpl-remote ls` shows the boards"
        )
    reader = LogReader(path)
    yield reader.last(lines)
    while follow:
        time.sleep(FOLLOW_SECONDS)
        yield reader.new()
