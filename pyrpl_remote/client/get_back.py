"""Get a board back that its daemon has lost to another program, or whose FPGA has another gateware."""

from __future__ import annotations

import time

from ..board_status import OTHER_GATEWARE, TAKEN, UP
from ..errors import BoardLinkLost
from .sessions.session import Session

VERB_OF = {TAKEN: "take_over", OTHER_GATEWARE: "restore_gateware"}
"""The verb that asks the daemon to end a state of its link, which it does not end unasked."""

BACK_SECONDS = 60.0
"""How long that may take: PyRPL needs 12 s to load its gateware, and the board may be slow to answer."""

LOOK_SECONDS = 0.1
"""How often to look at the link meanwhile."""


def get_back(session: Session, lost_by: str) -> None:
    """If the daemon has lost the board by `lost_by`, one of the states, get it back, and wait until it is.

    Does nothing if the link is up. Raises BoardLinkLost if the board does not come back.
    """
    if session.status().link.state == UP:
        return
    session.connections.ask(VERB_OF[lost_by])
    deadline = time.monotonic() + BACK_SECONDS
    while (link := session.status().link).state != UP:
        other = link.state in VERB_OF and link.state != lost_by
        if other or time.monotonic() > deadline:
            waited = "" if other else f" after {BACK_SECONDS:g} s"
            raise BoardLinkLost(
                f"board {session.board!r}: {link.state}{waited}, because {link.reason}",
                f"p.{VERB_OF[link.state]}() ends that, by force"
                if other
                else f"`pyrpl-remote logs {session.board}` shows what was tried",
            )
        time.sleep(LOOK_SECONDS)
