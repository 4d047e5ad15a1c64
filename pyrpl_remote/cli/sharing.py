"""`share BOARD --user NAME` and `shared`: other users of this machine who may use this user's boards."""

from __future__ import annotations

import enum
import json

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import shared_users
from ..client.finding.configuration import board_name
from ..protocol import Role
from .boards import Json


class RoleName(str, enum.Enum):
    """What a paired host, or another user, may do."""

    viewer = "viewer"
    operator = "operator"


def share_with(board: str, user: str, role: str) -> None:
    """Share a board with a user, and print that. Raises BadParameter, StateFolderError."""
    made = shared_users.share(board_name(board), user, Role[role.upper()])
    print(f"{made.board}: shared with user {made.name}, as {role}")


def unshare_from(board: str, user: str) -> None:
    """Take back what `share_with` did, and print that. Raises BadParameter, StateFolderError."""
    name = board_name(board)
    if shared_users.unshare(name, user):
        print(f"{name}: no longer shared with user {user}; connections that are open remain until they end")
    else:
        print(f"{name}: was not shared with user {user}")


def shared(as_json: Json = False) -> None:
    """List the boards that you share with other users of this machine.

    Example: pyrpl-remote shared
    """
    found = shared_users.shared_users()
    if as_json:
        print(
            json.dumps(
                [{"board": one.board, "user": one.name, "role": one.role.name.lower()} for one in found]
            )
        )
        return
    if not found:
        print("no board is shared with another user of this machine")
        return
    table = Table("board", "user", "may", box=None)
    for one in found:
        table.add_row(Text(one.board), Text(one.name), one.role.name.lower())
    Console(soft_wrap=True).print(table)
