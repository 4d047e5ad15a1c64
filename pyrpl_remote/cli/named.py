"""Connects to a board as the command line names it: `lab`, or `lab@daq2` on a paired host."""

from __future__ import annotations

from .. import connect
from ..client.elsewhere import split
from ..client.proxies.board import RemotePyrpl


def connect_named(board: str) -> RemotePyrpl:
    """Connect to the board. Raises as `connect` does."""
    name, on = split(board)
    return connect(name, on=on or None)
