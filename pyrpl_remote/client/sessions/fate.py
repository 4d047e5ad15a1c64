"""What became of a call whose future waits when the daemon dies, or ends the session."""

from __future__ import annotations

from ... import settings
from ...errors import AcquisitionCancelled, OutcomeUnknown, PyrplRemoteError, SessionClosed, SessionError


def fate(board: str, step: str, error: Exception) -> PyrplRemoteError:
    """The error that the future of the call `step` raises after `error` of its session."""
    if isinstance(error, SessionClosed):
        return error
    if type(error) is SessionError:  # the daemon's answer after it had ended this session
        return AcquisitionCancelled(
            f"board {board!r}: {step} was stopped, because this program lost its connections, or was silent "
            f"for more than {settings.LEASE_SECONDS:g} s, as on a laptop that sleeps. The daemon goes on",
            "begin it again",
        )
    reason = error.message if isinstance(error, PyrplRemoteError) else error
    return OutcomeUnknown(
        f"board {board!r}: the connection broke before {step} was answered ({reason})",
        "it may or may not have happened: read the values back before you go on",
    )
