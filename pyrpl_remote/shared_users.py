"""Which other users of this machine may use this user's boards: `pyrpl-remote share lab --user NAME`.

The list is a file in the state folder. A daemon reads it whenever another user connects.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import settings
from .errors import BadParameter, StateFolderError
from .machine import files_in_use
from .machine.other_end import has_tables
from .machine.private_file import write_private
from .machine.users import User, name_of, this_user, user_called
from .protocol import Role

FILE = "shared-users.json"


@dataclass(frozen=True)
class SharedUser:
    """A user with whom a board is shared, and what that user may do."""

    board: str
    user: User
    role: Role

    @property
    def name(self) -> str:
        """The user's name."""
        return name_of(self.user)


def shared_users() -> list[SharedUser]:
    """All users with whom boards of this user are shared. Raises StateFolderError."""
    return _read(settings.state_dir_path() / FILE)


def role_of(board: str, user: User) -> Role | None:
    """What another user may do with a board of this user, None if nothing. Raises StateFolderError."""
    return next((one.role for one in shared_users() if (one.board, one.user) == (board, user)), None)


def share(board: str, name: str, role: Role) -> SharedUser:
    """Let the user called `name` use a board from the next connection on.

    Raises BadParameter, StateFolderError.
    """
    if not has_tables():
        raise BadParameter(
            "this system does not tell a daemon which user connects to it, as only Linux does",
            "share the machine with `pyrpl-remote share`, and let the other user join it: docs/lan.md",
        )
    if role >= Role.OWNER:
        raise BadParameter("a board has one owner", "share it with the role viewer or operator")
    made = SharedUser(board, _user(name), role)
    with _changing() as known:
        known[:] = [one for one in known if (one.board, one.user) != (board, made.user)] + [made]
    return made


def unshare(board: str, name: str) -> bool:
    """Let the user called `name` use a board no longer; returns whether it was shared.

    Raises BadParameter, StateFolderError.
    """
    user = _user(name)
    with _changing() as known:
        left = [one for one in known if (one.board, one.user) != (board, user)]
        removed = len(left) < len(known)
        known[:] = left
    return removed


def _user(name: str) -> User:
    user = user_called(name)
    if user is None:
        raise BadParameter(f"this machine has no user {name!r}", "name an account, or its number (uid)")
    if user == this_user():
        raise BadParameter(f"{name} is yourself", "name another user: your own boards are yours already")
    return user


@contextlib.contextmanager
def _changing() -> Iterator[list[SharedUser]]:
    """The list, which is saved as it is at the end of the block."""
    import filelock  # not at the top: daemons only read the list, and importing it takes a while

    with filelock.FileLock(settings.lock_path("shared-users")):
        path = settings.state_dir() / FILE
        known = _read(path)
        yield known
        _write(path, known)


def _read(path: Path) -> list[SharedUser]:
    try:
        with files_in_use.patiently(lambda: open(path, encoding="utf-8")) as file:
            status = os.fstat(file.fileno())
            if os.name == "posix" and (status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o022):
                raise PermissionError("other users could change it")
            return [
                SharedUser(board, user, Role[role])
                for board, users in json.load(file).items()
                for user, role in users
            ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StateFolderError(
            f"the list of users who share your boards, {path}, cannot be used: {error}",
            "remove it, and share your boards again",
        ) from error


def _write(path: Path, known: list[SharedUser]) -> None:
    boards: dict[str, list[tuple[User, str]]] = {}
    for one in known:
        boards.setdefault(one.board, []).append((one.user, one.role.name))
    try:
        write_private(path, json.dumps(boards, indent=1).encode())
    except OSError as error:
        raise StateFolderError(
            f"the list of users who share your boards, {path}, cannot be written: {error.strerror}",
            "make room, or let the folder be written to; PYRPL_REMOTE_DIR names another one",
        ) from error
