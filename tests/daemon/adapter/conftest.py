"""PyRPL in the process of the tests, on PyRPL's simulated board, which needs no connection.

The adapter's modules and PyRPL are imported where a test runs, not where it is collected: PyRPL's import
makes the Qt application of the process, and chooses its folders for good.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest


@pytest.fixture(scope="package", autouse=True)
def forgotten_afterwards():
    """Remove PyRPL from sys.modules afterwards: some tests check that a client never imports it."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("pyrpl", "pyrpl_utils") or name.startswith(
            "pyrpl_remote.daemon.adapter"
        ):
            del sys.modules[name]


@pytest.fixture(scope="module")
def start_board(own_pyrpl_folder) -> Iterator[Callable[..., Any]]:
    """A function that starts Boards in this process; all are closed after the tests of a file."""
    from pyrpl_remote.daemon.adapter.starting.start import Board, Request

    with pytest.MonkeyPatch.context() as patch, ExitStack() as boards:
        # Board turns Qt's use of GLib off where nothing else was chosen; the Qt of later tests shall have it
        patch.setenv("QT_NO_GLIB", "")

        def start(config: str = "", **parameters):
            board = Board(Request(config or "adapter", config, None, parameters), print, print)
            boards.callback(board.close)
            return board

        yield start


@pytest.fixture(scope="module")
def pyrpl(start_board):
    """A Pyrpl on PyRPL's simulated board, without a file."""
    return start_board(hostname="_FAKE_").pyrpl


@pytest.fixture(scope="module")
def modules(pyrpl):
    from pyrpl_remote.daemon.adapter.modules.modules import Modules

    return Modules(pyrpl)
