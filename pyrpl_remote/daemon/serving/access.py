"""Who may use the board, and what they may do: decided at the beginning of each connection.

A client that proves to know the secret of the daemon's user is that user, and so is one of whom the system
says so. Other users may use the board if its owner has shared it with them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ... import shared_users
from ...errors import StateFolderError
from ...introduction import INTRODUCTION, Introduction
from ...machine.users import ROOT, User, name_of, this_user, user_at
from ...protocol import Greeting, Role, Welcome
from ...transport import secret as secrets

log = logging.getLogger(__name__)


class Denied(Exception):
    """The client may not use the board; `detail` and `remedy` are for both sides."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(f"{detail}; {remedy}")
        self.detail, self.remedy = detail, remedy


@dataclass(frozen=True)
class Admitted:
    """What a client may do. `owner`: the board's user, if not the client's; `secret`: what it knows.

    `who`: which user, or which paired host, the client is of; "" for owners.
    """

    role: Role
    owner: str = ""
    who: str = ""
    secret: bytes | None = field(default=None, repr=False)


class Access:
    """Decides who may use the board called `board`."""

    def __init__(self, board: str) -> None:
        self._board = board
        self._nonces = secrets.Nonces()
        self._told = False

    def of_greeting(
        self, connection: Any, address: str, greeting: Greeting, introduction: Introduction | None = None
    ) -> Admitted:
        """What the client of a greeting may do; `address` is that of this daemon. Raises Denied."""
        if introduction is not None:
            introduced = self._of_introduction(connection, address, introduction, greeting.to_data())
            if greeting.private and introduced.role < Role.OWNER:
                raise Denied(
                    f"{introduction.peer} may not use names with an underscore: only owners may",
                    "connect without private=True",
                )
            return introduced
        secret = secrets.own_secret() if greeting.proof else None
        place = ("greeting", address, connection.object_id)
        if secret is not None and self._is_proved(secret, place, greeting, greeting.to_data()):
            return Admitted(Role.OWNER, secret=secret)
        admitted = self._of_user(user_at(connection.sock, greeting.pid), bool(greeting.proof))
        if greeting.private and admitted.role < Role.OWNER:
            raise Denied(
                "only the board's owner may use names with an underscore", "connect without private=True"
            )
        if admitted.role == Role.OWNER and not self._told:
            self._told = True
            log.info("a client did not prove whose it is; the system says that it is of this user")
        return admitted

    def of_bare(
        self, connection: Any, address: str, said: object, introduction: Introduction | None = None
    ) -> Admitted:
        """What a bare Pyro5 client may do that has `said` something as its handshake. Raises Denied."""
        if introduction is not None:
            return self._of_introduction(connection, address, introduction, said)
        if secrets.is_secret(said, secrets.own_secret()):
            return Admitted(Role.OWNER)
        return self._of_user(user_at(connection.sock), False)

    @staticmethod
    def proved(welcome: Welcome, secret: bytes, connection: Any, address: str, greeting: Greeting) -> Welcome:
        """`welcome` with this daemon's proof, for a client that has proved to know `secret`."""
        data = {**welcome.to_data(), "nonce": greeting.nonce}
        return replace(welcome, proof=secrets.proof(secret, "welcome", address, connection.object_id, data))

    def _is_proved(
        self,
        secret: bytes,
        place: tuple[str, str, str],
        signed: Greeting | Introduction,
        data: Mapping[str, Any],
    ) -> bool:
        """Whether `signed` has a proof of `data` that is new; `place`: what for, the address, the object."""
        if not secrets.is_proof(signed.proof, secret, *place, data):
            return False
        if not self._nonces.is_recent(signed.time):
            return False
        if not self._nonces.is_new(signed.nonce):
            raise Denied(f"this {place[0]} has come before: somebody has recorded it", "connect again")
        return True

    def _of_introduction(
        self, connection: Any, address: str, introduction: Introduction, said: object
    ) -> Admitted:
        """What a gate's client may do that has `said` something as its greeting.

        Raises Denied unless the gate is a process of the board's user: others could say anything of a client.
        """
        secret = secrets.own_secret() if introduction.proof else None
        place = (INTRODUCTION, address, connection.object_id)
        if secret is not None and self._is_proved(
            secret, place, introduction, introduction.signed_data(said)
        ):
            return _introduced(introduction)
        gate = self._of_user(user_at(connection.sock), bool(introduction.proof))
        if gate.role < Role.OWNER:
            raise Denied(
                f"it belongs to user {gate.owner}, and only a gate of that user leads other hosts to it",
                f"{gate.owner} shares this machine by `pyrpl-remote share`",
            )
        return _introduced(introduction, gate.owner)

    def _of_user(self, user: User | None, has_proof: bool) -> Admitted:
        me = this_user()
        if user in (me, ROOT):
            return Admitted(Role.OWNER, "" if user == me else name_of(me))
        owner = name_of(me)
        why = "has the secret of another user" if has_proof else "has not proved whose it is"
        if user is None:
            raise Denied(
                f"it belongs to user {owner}; this program {why}, and the system does not tell its user",
                f"user {owner} uses the same PYRPL_REMOTE_DIR, or, with bare Pyro5, the secret as handshake",
            )
        try:
            role = shared_users.role_of(self._board, user)
        except StateFolderError as error:
            log.warning("no other user may connect: %s", error.message)
            role = None
        if role is None:
            raise Denied(
                f"user {name_of(user)} may not use it: it belongs to user {owner}, who has not shared it",
                f"{owner} shares it by `pyrpl-remote share {self._board} --user {_word(user)}`",
            )
        return Admitted(role, owner, f"user {name_of(user)}")


def _introduced(introduction: Introduction, owner: str = "") -> Admitted:
    role = Role(introduction.role)
    return Admitted(role, owner, "" if role == Role.OWNER else f"host {introduction.peer}")


def _word(user: User) -> str:
    """A user as the command line takes it."""
    return name_of(user).removeprefix("uid ")
