"""All checks in their order: which of them needs which, and their findings one after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from ..errors import PyrplRemoteError
from . import board, daemon, elsewhere, machine, network, served
from .finding import FAILED, OK, Finding, failed, skipped
from .limit import in_time
from .target import Target

LIMIT_SECONDS = 40.0
"""How long one check may take; each has shorter limits of its own for what it waits for."""


@dataclass(frozen=True)
class Check:
    """A check: its title, the function that carries it out, and the titles of the checks that it needs."""

    title: str
    function: Callable[[Target], Finding]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The finding of a check; `board`: which one is examined, "" if this machine alone is."""

    board: str
    check: str
    finding: Finding


WAY = (
    Check("name resolved", network.name),
    Check("reachable", network.reachable, ("name resolved",)),
    Check("SSH", network.ssh, ("reachable",)),
    Check("password", network.password, ("SSH",)),
    Check("OS version", board.os_version, ("password",)),
)
"""From this machine to the board's system."""

OVER_SSH = (
    Check("gateware", board.gateware, ("password",)),
    Check("monitor port", board.monitor_port, ("password",)),
    Check("registers", board.registers, ("gateware",)),
)
"""A board that no daemon serves, or one that does not answer."""

BY_DAEMON = (
    Check("gateware", served.gateware),
    Check("monitor port", served.monitor_port),
    Check("registers", served.registers),
)
"""A board that a daemon serves."""

NAMES = (Check("name server", daemon.name_server),)

ELSEWHERE = (
    Check("paired host", elsewhere.host),
    Check("daemon", elsewhere.board, ("paired host",)),
)
"""A board of a paired host, on which this machine starts nothing itself."""

DAEMON = (Check("daemon", daemon.daemon),)

CLIENT = (Check("folders", machine.folders), Check("versions", machine.versions))

MACHINE = (
    CLIENT[0],
    Check("extras", machine.libraries),
    Check("Qt", machine.qt, ("extras",)),
    CLIENT[1],
)


def of_board(target: Target) -> Generator[Result, None, None]:
    """The findings about a board or host, then about this machine, each as soon as it is known."""
    if target.on:
        return _results(target, (*_checks_elsewhere(target), *CLIENT))
    checks = (*_board_checks(target), *NAMES, *DAEMON, *MACHINE)
    return _results(target, checks)


def _checks_elsewhere(target: Target) -> tuple[Check, ...]:
    return (*ELSEWHERE, *(BY_DAEMON if target.status is not None else ()))


def of_machine(targets: Sequence[Target], hosts: Sequence[str] = ()) -> Generator[Result, None, None]:
    """The findings about this machine, then about the boards that are served, each as soon as it is known.

    `hosts`: the paired hosts whose boards this machine may use.
    """
    yield from _results(Target(""), (*NAMES, *MACHINE))
    for host in hosts:
        yield from _results(Target(host, on=host), ELSEWHERE[:1])
    for target in targets:
        yield from _results(target, (*DAEMON, *_board_checks(target)))


def _board_checks(target: Target) -> tuple[Check, ...]:
    reason = ""
    if target.is_simulated:
        reason = "PyRPL simulates this board"
    elif target.is_virtual:
        reason = "a virtual board, which its daemon starts on this machine"
    way = _skipping(WAY, reason) if reason else WAY
    if target.status is not None:
        return (*way, *BY_DAEMON)
    return (*way, *(_skipping(OVER_SSH, reason) if reason else OVER_SSH))


def _skipping(checks: Sequence[Check], reason: str) -> list[Check]:
    return [Check(check.title, lambda target: skipped(reason)) for check in checks]


def _results(target: Target, checks: Sequence[Check]) -> Generator[Result, None, None]:
    outcomes: dict[str, str] = {}
    try:
        for check in checks:
            finding = _finding(target, check, outcomes)
            outcomes[check.title] = finding.outcome
            yield Result(target.name, check.title, finding)
    finally:
        target.ssh.close()


def _finding(target: Target, check: Check, outcomes: dict[str, str]) -> Finding:
    for need in check.needs:
        if outcomes[need] != OK:
            how = "failed" if outcomes[need] == FAILED else "was skipped"
            return skipped(f"it needs the check {need!r}, which {how}")
    try:
        return in_time(LIMIT_SECONDS, lambda: check.function(target))
    except PyrplRemoteError as error:
        return failed(error.message, error.remedy)
    except Exception as error:  # noqa: BLE001 - boundary: the other checks go on, and this one tells its error
        return failed(f"the check ended: {type(error).__name__}: {error}", "try again")


def as_data(result: Result) -> dict[str, str]:
    """A result as JSON has it."""
    finding = result.finding
    return {
        "board": result.board,
        "check": result.check,
        "outcome": finding.outcome,
        "text": finding.text,
        "remedy": finding.remedy,
        "failure": finding.failure,
    }
