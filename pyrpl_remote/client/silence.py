"""The error for a daemon whose process runs, but does not answer, as one that was suspended."""

from __future__ import annotations

import Pyro5.api

from ..errors import DaemonSilent


def silent_error(board: str, uri: str, what: str) -> DaemonSilent:
    """The error for the daemon at `uri`; `what` says what it has not answered."""
    pid = _listening_pid(uri)
    shown = "" if pid is None else f" (pid {pid})"
    signals = "" if pid is None else f": `kill -CONT {pid}` lets it go on, `kill -KILL {pid}` ends it"
    return DaemonSilent(
        f"the daemon of board {board!r}{shown} runs, but does not answer {what}",
        f"it may be suspended{signals}. After its end the next read starts another one",
    )


def _listening_pid(uri: str) -> int | None:
    """The process that listens at a Pyro URI; None if the system does not tell, as for another user's."""
    import psutil  # not at the top: only this error needs it, and importing it takes a while

    port = Pyro5.api.URI(uri).port
    try:
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                return int(one.pid) if one.pid else None
    except psutil.Error:
        pass
    return None
