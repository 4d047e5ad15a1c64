"""`Caller`: who sent a request.

It is made once for each connection and passed on with each of its requests.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from ..errors import AccessDenied, PyrplRemoteError
from ..protocol import VERBS, Role, program_of

PYRPL = "PyRPL"
"""The label for changes that no client makes: those of PyRPL itself, or of the user of its window."""


class Sent:
    """How many `requests` came on a connection: one thread at a time serves it, so that no lock is needed."""

    __slots__ = ("requests",)

    def __init__(self) -> None:
        self.requests = 0


@dataclass(frozen=True)
class Caller:
    """The client at the other end of a connection.

    `session` is its session's id, None for an observer; `label` describes it to users; `private`: it may use
    names with a leading underscore; `direct`: its requests are served in the Qt thread; `role`: its rights;
    `sent`: how much it has asked for; `here`: it is a program of this machine, not of a paired host.
    """

    session: Hashable
    label: str
    private: bool = False
    direct: bool = False
    role: Role = Role.OWNER
    sent: Sent = field(default_factory=Sent, compare=False)
    here: bool = False

    @property
    def program(self) -> Hashable:
        """The same for all sessions of a process. Each connection of a bare Pyro5 client has its own."""
        return program_of(self.session) if isinstance(self.session, str) else self.session

    def require(self, verb: str) -> None:
        """Raise AccessDenied, or PyrplRemoteError, unless the caller may use `verb`."""
        needed = VERBS[verb]
        if self.session is None and not needed.observer:
            raise PyrplRemoteError(f"{verb!r} needs a session; an observer only looks", "use connect()")
        if self.role < needed.role:
            raise AccessDenied(
                f"{self.label} may not use {verb!r}: its role is {self.role.name.lower()}",
                "only programs of the user who serves the board may, on its own machine or over ssh"
                if needed.role is Role.OWNER
                else f"ask the board's owner for the role {needed.role.name.lower()}",
            )
