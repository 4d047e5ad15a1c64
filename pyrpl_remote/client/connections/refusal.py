"""Converts a daemon's refusal of a connection to the error that a user gets."""

from __future__ import annotations

from ..._version import __version__
from ...errors import AccessDenied, BoardGone, DaemonFailed, PyrplRemoteError, ReleaseMismatch
from ...protocol import Code, Refused
from ...stop_note import stopped_error


def error_of(board: str, refused: Refused) -> PyrplRemoteError:
    """The error for a refusal.

    BoardGone if the daemon is ending, DaemonStopped if somebody has stopped it, ReleaseMismatch if it uses
    another protocol, AccessDenied if this client may not do that, else DaemonFailed.
    """
    welcome = refused.welcome
    if welcome.code == Code.STOPPED:
        return stopped_error(board, welcome.detail)
    if refused.ending:
        return BoardGone(
            f"the daemon of board {board!r} is ending",
            "connect() again waits for its end and starts a new one",
        )
    if welcome.code == Code.PROTOCOL:
        return ReleaseMismatch(
            f"board {board!r} is served by pyrpl_remote {welcome.release}, which this program's release "
            f"{__version__} cannot work with; the daemon continues to serve its other clients",
            "install the same release in both environments. A daemon ends after its last client has left, or "
            f"with `pyrpl-remote stop {board}` of its own release; connect() then starts one of yours",
        )
    if welcome.code == Code.DENIED:
        return AccessDenied(
            f"board {board!r}: {welcome.detail}",
            welcome.remedy or "ask the owner of the board, or of its host, for a higher role",
        )
    return DaemonFailed(
        f"the daemon of board {board!r} refused the connection: {welcome.detail or welcome.code}",
        f"its log says more: `pyrpl-remote logs {board}`",
    )
