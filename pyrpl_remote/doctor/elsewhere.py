"""Checks of a board on a paired host: from this machine to that host's gate, and what serves there."""

from __future__ import annotations

from ..names import paired
from . import daemon
from .finding import Finding, failed, ok
from .target import Target


def host(target: Target) -> Finding:
    """Whether the paired host answers, and what this machine may do there."""
    target.there = paired.on_host(target.on)
    return ok(f"{target.on} answers; this machine's role there is {target.there.role}")


def board(target: Target) -> Finding:
    """Whether a daemon serves the board on its host, and answers; or whether the host can start one."""
    if target.entry is not None:
        return daemon.daemon(target)
    assert target.there is not None
    if target.name not in target.there.startable:
        known = ", ".join(dict.fromkeys([*(e.name for e in target.there.served), *target.there.startable]))
        return failed(
            f"{target.on} has no board called {target.name!r}",
            f"it has {known}; a new one is set up there, with connect() or `pyrpl-remote serve`",
        )
    if target.there.role == "viewer":
        return failed(
            "none serves it, and a viewer cannot let its host start one",
            f"ask somebody on {target.on} to do it",
        )
    return ok(f"none serves it; connect() lets {target.on} start one")
