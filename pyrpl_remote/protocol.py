"""The protocol between a client and a board's daemon: verbs, greetings, refusals.

A request is a verb of `VERBS` with its arguments, sent to the board's Pyro5 object. A connection begins with
a `Greeting` in Pyro5's handshake, which the daemon answers with a `Welcome`. Both ends import this file.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ._version import __version__

PROTOCOL = 3
"""A client and a daemon work together if this number is the same in both; their releases may differ. Raise it
with each incompatible change. Release 0.1.0 had no number."""

MAX_TEXT = 200
"""The longest text in a greeting, in characters."""


class Role(enum.IntEnum):
    """What a client may do; each role includes the rights of those before it."""

    VIEWER = 1
    OPERATOR = 2
    OWNER = 3


@dataclass(frozen=True)
class Verb:
    """The properties of one verb.

    `step` describes it in error messages; it is formatted with the verb's arguments. `repeatable`: it may be
    sent again on a new connection, because a second time has no further effect. `direct`: it is carried out
    in the Qt thread, which may serve it without a worker thread. `begins`: it may start something in Qt's
    event loop, which must run before the next request. `values`: its arguments may be any values that wire.py
    encodes, not only texts and numbers. `revives`: a session whose daemon no longer answers looks for another
    one, or starts it, to send it. `observer`: an observer, who has no session, may use it. `private`:
    only a client that may use names with a leading underscore may use it. `role`: the lowest role that may
    use it.
    """

    step: str
    repeatable: bool = False
    direct: bool = True
    begins: bool = False
    values: bool = True
    revives: bool = True
    observer: bool = False
    private: bool = False
    role: Role = Role.OPERATOR


def _read(step: str, **other: Any) -> Verb:
    return Verb(step, repeatable=True, role=Role.VIEWER, **other)


def _private(step: str, **other: Any) -> Verb:
    return Verb(step, private=True, role=Role.OWNER, **other)


VERBS: Mapping[str, Verb] = {
    # modules, addressed by path
    "describe": _read("describing the board", values=False),
    "get": _read("reading {}.{}", values=False),
    "get_many": _read("reading {1!s:.80} of {0}", values=False),
    "options": _read("reading the options of {}.{}", values=False),
    "set": Verb("setting {}.{} to {!s:.80}"),
    "set_many": Verb("setting {1!s:.80} of {0}"),
    "edit": Verb("changing {}.{}"),
    "access_counts": _read("counting the accesses to the board", values=False),
    # methods: the reply to `call` is the result; `begin` is answered at once, and the result is sent on the
    # stream
    "call": Verb("calling {}.{}()", begins=True),
    "begin": Verb("beginning {}.{}()", begins=True),
    "abandon": Verb("giving up a call", repeatable=True, values=False, revives=False),
    "release": Verb(
        "dropping the future of a call", repeatable=True, direct=False, values=False, revives=False
    ),
    # PyRPL's files: its configuration, saved curves
    "config": _read("reading the configuration {!s:.80}"),
    "config_file": _read("reading the configuration's file name"),
    "config_yml": _read("reading the configuration {!s:.80} as YAML"),
    "curve_numbers": _read("listing the saved curves"),
    "curve_names": _read("reading the names of saved curves"),
    "curve": _read("loading the saved curve {!s:.80}"),
    "set_config": Verb("writing {1!s:.80} of the configuration {0!s:.80}"),
    "update_config": Verb("writing to the configuration {!s:.80}"),
    "pop_config": Verb("removing {1!s:.80} of the configuration {0!s:.80}"),
    "config_branch": Verb("making the branch {1!s:.80} of the configuration {0!s:.80}"),
    "set_config_yml": Verb("replacing the configuration {!s:.80}"),
    "rename_config": Verb("renaming the configuration {!s:.80}"),
    "private_config": _private("reading {1} of the configuration {0!s:.80}", repeatable=True),
    "set_private_config": _private("setting {1} of the configuration {0!s:.80}"),
    "call_private_config": _private("calling {1}() of the configuration {0!s:.80}"),
    "save_curve": Verb("saving a curve"),
    "delete_curve": Verb("deleting the saved curve {!s:.80}"),
    # the session
    "subscribe": _read("subscribing to {2}"),
    "unsubscribe": _read("ending a subscription", direct=False, revives=False),
    "stream": _read("waiting for events", direct=False),
    "heartbeat": _read("sending a heartbeat", direct=False),
    # jobs, which go on when their client has left (daemon/jobs/)
    "start_job": Verb("starting a job ({!s:.40})", direct=False),
    "stop_job": Verb("stopping the job {!s:.20}", repeatable=True, direct=False, observer=True),
    "jobs": _read("listing the jobs", direct=False, observer=True),
    "job_data": _read("asking for the data of the job {!s:.20}", direct=False, observer=True),
    "lock_history": _read("reading the history of the lock", direct=False, observer=True),
    # the daemon
    "status": _read("reading the status", direct=False, observer=True),
    "take_over": Verb("taking the board over", repeatable=True, direct=False),
    "restore_gateware": Verb("loading PyRPL's gateware", repeatable=True, direct=False),
    "stop": Verb("stopping the daemon", direct=False, observer=True, role=Role.OWNER),
}
"""All verbs by name."""


class Code(str, enum.Enum):
    """Why a daemon refuses a connection."""

    ENDING = "ending"
    """The daemon is about to end; a new one will serve the board."""
    STOPPED = "stopped"
    """The daemon is about to end, because somebody has stopped it; the detail says who."""
    PROTOCOL = "protocol"
    """Client and daemon speak protocols of different numbers."""
    MALFORMED = "malformed"
    """The greeting, or the welcome, does not conform to this protocol."""
    DENIED = "denied"
    """The client may not do what it asks for; the detail says what."""


class MalformedGreeting(ValueError):
    """The received data are no greeting, or no welcome, of this protocol."""


@dataclass(frozen=True)
class Greeting:
    """A client's description of itself at the beginning of each connection.

    `session` is the id that all connections of one session share, None for an observer, which has no session.
    All sessions of one process begin alike (see `program_of`).
    `program`, `user`, `host` and `pid` are shown to users. `private`: the client may use names with a leading
    underscore. `direct`: the client asks for its requests to be served in the Qt thread.
    `nonce`, `time` (in ms) and `proof` prove that the client is of the daemon's user (transport/secret.py);
    they are empty if it cannot.
    """

    session: str | None
    program: str
    user: str
    host: str
    pid: int
    private: bool = False
    direct: bool = False
    nonce: str = ""
    time: int = 0
    proof: str = ""
    release: str = __version__
    protocol: int = PROTOCOL

    def to_data(self) -> dict[str, Any]:
        """The greeting as plain data."""
        return dict(vars(self))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Greeting:
        """The greeting for the data that `to_data` returned. Raises MalformedGreeting for anything else."""
        require_fields(cls, data)
        return cls(**data)


def program_of(session: str) -> str:
    """The part of a session's id, before the dot, that all sessions of one process have in common."""
    return session.partition(".")[0]


def _is_text(value: object) -> bool:
    return type(value) is str and len(value) <= MAX_TEXT


_KINDS: dict[str, Callable[[object], bool]] = {
    "str": _is_text,
    "str | None": lambda value: value is None or (value != "" and _is_text(value)),
    "int": lambda value: type(value) is int and 0 <= value < 2**63,
    "bool": lambda value: type(value) is bool,
}
"""For each type of a field, a function that returns whether a value is valid."""


def require_fields(cls: type[Any], data: Mapping[str, Any]) -> None:
    """Raise MalformedGreeting unless `data` has the fields of the dataclass `cls`, with valid values."""
    what = f"a {cls.__name__.lower()}"
    fields = {field.name: field.type for field in dataclasses.fields(cls)}
    if data.keys() != fields.keys():
        raise MalformedGreeting(f"{what} has the fields {', '.join(sorted(fields))}")
    for name, value in data.items():
        if not _KINDS[str(fields[name])](value):
            raise MalformedGreeting(f"{name} of {what} cannot be {value!r:.80}")


@dataclass(frozen=True)
class Welcome:
    """The daemon's reply to a greeting: its release and protocol, and whether and why it refuses.

    `direct`: requests on this connection are served in the Qt thread. `code` is empty, or one of `Code`;
    `detail` explains it to users, `remedy` says what they can do about it, unless the code says that.
    `owner`: the user who shares the board with the client's user, empty if they are one user. `proof` proves
    that the daemon is of the client's user, if the client has proved that; it covers the greeting's nonce.
    """

    direct: bool = False
    code: str = ""
    detail: str = ""
    remedy: str = ""
    owner: str = ""
    proof: str = ""
    release: str = __version__
    protocol: int = PROTOCOL

    def to_data(self) -> dict[str, Any]:
        """The welcome as plain data."""
        return dict(vars(self))

    @classmethod
    def from_data(cls, data: object) -> Welcome:
        """The welcome for the data that `to_data` returned.

        Data of another protocol, or malformed data, become a welcome with the code of a refusal.
        """
        if not isinstance(data, Mapping):
            return cls(code=Code.PROTOCOL.value, release="0.1.0 or older", protocol=0)
        if data.get("protocol") != PROTOCOL:
            release, protocol = data.get("release", "unknown"), data.get("protocol")
            return cls(
                code=Code.PROTOCOL.value,
                release=str(release)[:MAX_TEXT],
                protocol=protocol if type(protocol) is int else 0,
            )
        try:
            require_fields(cls, data)
        except MalformedGreeting as error:
            return cls(code=Code.MALFORMED.value, detail=str(error))
        return cls(**data)


class Refused(Exception):
    """A daemon has refused the connection, or the client the daemon; `welcome` says why."""

    def __init__(self, welcome: Welcome):
        super().__init__(welcome.detail or welcome.code)
        self.welcome = welcome

    @property
    def ending(self) -> bool:
        """Whether the daemon is about to end: a new one may be started soon."""
        return self.welcome.code in (Code.ENDING, Code.STOPPED)
