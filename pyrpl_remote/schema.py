"""How a board is described, as plain data: its modules, and its status.

The daemon makes the description from PyRPL's own descriptors and signatures (daemon/adapter/describe.py). The
client makes classes from it (client/proxies/), the plugins make settings trees. Nothing that PyRPL declares
is typed in a second time.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar


@dataclass(frozen=True)
class Attribute:
    """One attribute of a module.

    `kind` is one of float, int, complex, bool, select, filter, string, list, module, data (a Python property
    or a plain instance attribute, for which PyRPL declares no type). `minimum`, `maximum` and `increment` are
    in `unit`, and None if PyRPL declares none. `options` are those at the time of the description;
    `RemoteModule.options_of` returns the present ones.
    """

    name: str
    kind: str = "data"
    doc: str = ""
    readonly: bool = False
    minimum: Any = None
    maximum: Any = None
    increment: Any = None
    unit: str = ""
    options: list[Any] | None = None
    default: Any = None

    def limits(self) -> str:
        """The limits as text, such as "-1 to 0.999878"; "" if there are none."""
        if self.minimum is None and self.maximum is None:
            return ""
        low = "-inf" if self.minimum is None else f"{self.minimum:g}"
        high = "inf" if self.maximum is None else f"{self.maximum:g}"
        return f"{low} to {high}"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method. `kind` is the name of its `inspect.Parameter` kind."""

    name: str
    kind: str
    has_default: bool = False
    default: Any = None


@dataclass(frozen=True)
class Method:
    """One method of a module; `parameters` are without self.

    `sets_up`: it takes the module's setup attributes as keywords, as `setup` does. `waits`: it calls PyRPL's
    `wait` or `sleep`, which run PyRPL's event loop meanwhile.
    """

    name: str
    doc: str = ""
    parameters: list[Parameter] = field(default_factory=list)
    sets_up: bool = False
    waits: bool = False

    def signature(self) -> inspect.Signature:
        """The signature as seen on an instance."""
        return inspect.Signature(
            [
                inspect.Parameter(
                    p.name,
                    getattr(inspect.Parameter, p.kind),
                    default=p.default if p.has_default else inspect.Parameter.empty,
                )
                for p in self.parameters
            ]
        )


@dataclass(frozen=True)
class ModuleType:
    """What all modules of one PyRPL class have in common.

    `setup_attributes` are the names that PyRPL saves, in its order; `container` is "list", "dict" or "".
    `local_only` are the members that exist in the daemon only, and `former_names` the names that earlier
    releases of PyRPL had, each with the text that says what to use instead. `loggers` are the attributes that
    are loggers, each with the name of the logger: in a client they are loggers of its own process, to which
    PyRPL's warnings come. `signals` are the names of the Qt signals of the module's `_signal_launcher`;
    `parts` those of attributes that are plain objects of Python, which a client may use with
    connect(..., private=True). `classes` are PyRPL's class of the module and its base classes, as
    "module.Name", as far as they can be imported.
    """

    name: str
    doc: str = ""
    attributes: dict[str, Attribute] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    submodules: list[str] = field(default_factory=list)
    setup_attributes: list[str] = field(default_factory=list)
    container: str = ""
    local_only: dict[str, str] = field(default_factory=dict)
    former_names: dict[str, str] = field(default_factory=dict)
    loggers: dict[str, str] = field(default_factory=dict)
    signals: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Description:
    """A board: its module types, and the type of each module by path ("" is the Pyrpl object itself)."""

    types: dict[str, ModuleType]
    modules: dict[str, str]


def to_data(described: Any) -> dict[str, Any]:
    """A description or a status, or a part of it, as dicts and lists."""
    return dataclasses.asdict(described)


Made = TypeVar("Made")


def from_data(kind: type[Made], data: Mapping[str, Any]) -> Made:
    """The object of the dataclass `kind` for the data that `to_data` returned.

    Fields that `kind` does not have are left out, and those that are missing have their defaults: a daemon of
    another release may send more or fewer.
    """
    hashable: Any = kind  # to mypy, a type variable is none
    names = _field_names(hashable)
    return kind(**{name: value for name, value in data.items() if name in names})


@functools.cache
def _field_names(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(kind))


def description_from_data(data: dict[str, Any]) -> Description:
    """The Description for the data that `to_data` returned."""
    return Description({key: _module_type(kind) for key, kind in data["types"].items()}, data["modules"])


def _module_type(data: dict[str, Any]) -> ModuleType:
    methods = {
        name: from_data(Method, {**m, "parameters": [from_data(Parameter, p) for p in m["parameters"]]})
        for name, m in data["methods"].items()
    }
    attributes = {name: from_data(Attribute, a) for name, a in data["attributes"].items()}
    return from_data(ModuleType, {**data, "methods": methods, "attributes": attributes})


class Record(Mapping[str, Any]):
    """Base of dataclasses that also read as mappings: `status.daemon.pid` is `status["daemon"]["pid"]`."""

    def __getitem__(self, name: str) -> Any:
        if name not in set(self):
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return (field.name for field in dataclasses.fields(self))  # type: ignore[arg-type]  # subclasses are

    def __len__(self) -> int:
        return len(dataclasses.fields(self))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class LinkStatus(Record):
    """The daemon's link to its board.

    `state` is "up", "reconnecting", "taken" (another program uses the board) or "other gateware"; `reason`
    says why it is not up, or, after it came back, what happened to the board meanwhile; `since` is when the
    state began, in s since the epoch. `latency` is how long the board takes to reply to an access, a mean of
    the last ones, and `slowest` the longest since the link is up, both in s, and None before the first;
    `accesses` is how many the board has replied to, `reconnects` how often the link came back.
    """

    state: str
    reason: str
    since: float
    latency: float | None = None
    slowest: float | None = None
    accesses: int = 0
    reconnects: int = 0


@dataclass(frozen=True, eq=False)
class DaemonStatus(Record):
    """The daemon's process.

    `started` in s since the epoch, `uptime` in s; `version` is its release; `grace`: seconds that it waits
    after its last client has left, None if it runs until it is stopped; `log`: file on the daemon's machine.
    `memory` in bytes; `cpu` in percent of one core, over the last seconds; `cpu_seconds`: since its start;
    `descriptors`: open files and sockets; `versions` of what it runs with, by name; `metrics`: where it
    answers Prometheus, "" if it does not.
    """

    pid: int
    started: float
    uptime: float
    version: str
    grace: float | None
    log: str
    memory: int = 0
    cpu: float = 0.0
    cpu_seconds: float = 0.0
    threads: int = 0
    descriptors: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    metrics: str = ""


@dataclass(frozen=True, eq=False)
class ClientStatus(Record):
    """A client: one process's session.

    `pid` is None if it is not known; `since` is when the session began, in s since the epoch; `modules`: the
    paths of the modules that it holds; `acquisitions`: the paths of those that acquire for it, or will when
    its turn comes; `connections`, `subscriptions` and `requests` are how many it has, and has sent;
    `backlog`: how many events and results it has not fetched yet.
    """

    program: str
    user: str
    host: str
    pid: int | None
    since: float
    modules: list[str]
    acquisitions: list[str] = field(default_factory=list)
    connections: int = 0
    subscriptions: int = 0
    requests: int = 0
    backlog: int = 0


@dataclass(frozen=True, eq=False)
class VerbStatus(Record):
    """The requests of one verb, such as "get".

    `count` since the daemon's start; `per_second` over the last seconds. The times are in s, from when the
    daemon began a request until its reply was ready: `mean` and `slowest` of all; `p50`, `p90` and `p99`:
    half, 90 % and 99 % of the last minute's took no longer, None if there were none.
    """

    count: int
    per_second: float
    mean: float
    slowest: float
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None


@dataclass(frozen=True, eq=False)
class RequestsStatus(Record):
    """The requests of clients.

    The fields are as those of VerbStatus, for all verbs together: without "status", and without "stream" and
    "heartbeat", which a session sends by itself. The percentiles are also without "call", which may wait for
    an acquisition, and "describe", with which a session begins. `verbs`: those that were used, by name;
    `errors`: how many clients got, by kind.
    """

    count: int = 0
    per_second: float = 0.0
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None
    verbs: dict[str, VerbStatus] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SavingStatus(Record):
    """Whether the board's configuration can be saved.

    `state` is "ok", "failing", or "off" for a board without a configuration file; `reason` says why it cannot
    be saved, and where the changes are meanwhile; `since` is when the state began, in s since the epoch.
    """

    state: str = "ok"
    reason: str = ""
    since: float = 0.0


@dataclass(frozen=True, eq=False)
class BoardStatus(Record):
    """A board, the link to it, its daemon and its clients. `state` is "connected" or "ending".

    `gateware` says which one the FPGA has; `os_version` is that of the board's system, "" if it is not known;
    `backlog`: how many events and results all clients together have not fetched yet.
    """

    board: str
    state: str
    hostname: str
    link: LinkStatus
    daemon: DaemonStatus
    clients: list[ClientStatus]
    saving: SavingStatus = field(default_factory=SavingStatus)
    gateware: str = ""
    os_version: str = ""
    backlog: int = 0
    requests: RequestsStatus = field(default_factory=RequestsStatus)


def status_from_data(data: dict[str, Any]) -> BoardStatus:
    """The BoardStatus for the data that `to_data` returned, from a daemon of this or another release."""
    parts = {
        "link": from_data(LinkStatus, data["link"]),
        "daemon": from_data(DaemonStatus, data["daemon"]),
        "clients": [from_data(ClientStatus, client) for client in data["clients"]],
        "saving": from_data(SavingStatus, data.get("saving", {})),
    }
    if "requests" in data:
        requests = data["requests"]
        verbs = {verb: from_data(VerbStatus, one) for verb, one in requests.get("verbs", {}).items()}
        parts["requests"] = from_data(RequestsStatus, {**requests, "verbs": verbs})
    return from_data(BoardStatus, {**data, **parts})
