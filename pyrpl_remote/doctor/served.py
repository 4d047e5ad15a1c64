"""Checks of a board that a daemon serves: the daemon's status knows, and the board is not asked."""

from __future__ import annotations

from ..board_status import OTHER_GATEWARE, RECONNECTING, TAKEN, UP, LinkStatus
from .finding import WRONG_GATEWARE, Finding, failed, ok, skipped
from .target import Target

WAIT = "the daemon takes the board again by itself as soon as it answers"
"""The remedy while the link is lost."""


def gateware(target: Target) -> Finding:
    """Whether the FPGA has PyRPL's gateware."""
    link = _link(target)
    if link.state == UP:
        return ok("PyRPL's, as its daemon has just checked")
    if link.state == OTHER_GATEWARE:
        return failed(
            link.reason,
            f"end what uses the other gateware; then `pyrpl-remote stop {target.name}` and connect() again, "
            "which loads PyRPL's",
            WRONG_GATEWARE,
        )
    return skipped(f"not known, as the daemon's link is {link.state}")


def monitor_port(target: Target) -> Finding:
    """Whether the daemon is the one that is connected to the board."""
    assert target.status is not None
    link = _link(target)
    if link.state == TAKEN:
        return failed(link.reason, "end the other program: the board is taken again then")
    if link.state == RECONNECTING:
        return skipped("the daemon is not connected to it just now")
    return ok(f"its daemon is connected (pid {target.status.daemon.pid})")


def registers(target: Target) -> Finding:
    """Whether the daemon reads registers."""
    link = _link(target)
    if link.state == UP:
        return ok("its daemon reads them" + (f" ({link.reason})" if link.reason else ""))
    if link.state == RECONNECTING:
        return failed(f"its daemon does not reach them: {link.reason}", WAIT)
    return skipped(f"the daemon's link is {link.state}")


def _link(target: Target) -> LinkStatus:
    assert target.status is not None
    return target.status.link
