"""The error for a daemon whose process runs, but does not answer, as one that was suspended."""

from __future__ import annotations

import Pyro5.api

from ...errors import DaemonSilent
from ...machine.kill_commands import go_on_or_end
from ...machine.listener import listening_pid


def silent_error(board: str, uri: str, what: str, on: str = "") -> DaemonSilent:
    """The error for the daemon at `uri` of the paired host `on`; `what` says what it has not answered."""
    if on:
        return DaemonSilent(
            f"board {board!r} on {on} does not answer {what}",
            f"its daemon may be suspended, or the network to {on} cut: the session goes on when it is back",
        )
    pid = listening_pid(Pyro5.api.URI(uri).port)
    shown = "" if pid is None else f" (pid {pid})"
    return DaemonSilent(
        f"the daemon of board {board!r}{shown} runs, but does not answer {what}",
        f"it may be suspended{go_on_or_end(pid)}. After its end the next read starts another one",
    )
