"""A function that examines a board or a host, and returns the findings by the titles of the checks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from pyrpl_remote.doctor.examination import of_board
from pyrpl_remote.doctor.finding import Finding
from pyrpl_remote.doctor.target import find_target

from ..boards import RunningBoard

ABOUT_THE_BOARD = 8
"""The number of checks before those of this machine, which take longer."""

Examine = Callable[..., dict[str, Finding]]


@pytest.fixture
def examine() -> Examine:
    def run(text: str, number: int = ABOUT_THE_BOARD, **given: object) -> dict[str, Finding]:
        with contextlib.closing(of_board(find_target(text, given))) as results:
            return {result.check: result.finding for result in islice(results, number)}

    return run


@pytest.fixture
def examine_board(examine: Examine, board: RunningBoard) -> Examine:
    def run(**given: object) -> dict[str, Finding]:
        return examine(board.host, **{"sshport": board.ssh_port, "port": board.monitor_port, **given})

    return run


@pytest.fixture
def control(board: RunningBoard) -> Iterator[object]:
    """The board's control channel; what a test has done is undone in the end."""
    yield board.control
    board.control.password("root")
    board.control.os_version("2.07")
    board.control.load_gateware("pyrpl")
    board.control.silence(False)
