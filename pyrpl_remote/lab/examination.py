"""Find out what is wrong with a board, or with this machine (see doctor/)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..doctor.examination import Result, of_board, of_machine
from ..doctor.finding import FAILED, OK, SKIPPED, Finding
from ..doctor.target import find_target, listed_boards, served_target
from ..transport.lan import paired_hosts

__all__ = ["FAILED", "OK", "SKIPPED", "Finding", "Result", "examine"]


def examine(board: str | None = None, parameters: Mapping[str, Any] | None = None) -> Iterator[Result]:
    """Check a board or a host step by step; each Result comes as soon as it is known.

    Without `board`: this machine, its paired hosts and all boards that it serves. `parameters`: PyRPL's user,
    password, sshport and port, in place of the saved ones. Nothing is disturbed: no program is thrown off the
    board, no daemon is started, nothing is written there. Raises BadParameter, UnknownBoard.
    """
    if board is not None:
        return of_board(find_target(board, parameters or {}))
    hosts = [host.name for host in paired_hosts.gates()]
    return of_machine([served_target(entry, {}) for entry in listed_boards()], hosts)
