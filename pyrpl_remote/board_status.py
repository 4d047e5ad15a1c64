"""A board's status, as plain data: the link to it, its daemon, its clients and their requests."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .schema import from_data

UP = "up"
"""The state of a link that works."""

RECONNECTING = "reconnecting"
"""The state of a link whose last access failed; it is being brought back."""

TAKEN = "taken"
"""The state of a link to a board that another program uses. It is not taken back by force."""

OTHER_GATEWARE = "other gateware"
"""The state of a link to a board whose FPGA no longer has PyRPL's gateware."""

LINK_STATES = (UP, RECONNECTING, TAKEN, OTHER_GATEWARE)
"""All states of a link."""


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
    """The daemon's process `pid`, with its `threads`.

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

    `program` is its name, such as that of its script; `user` and `host`: whose it is, and where it runs;
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

    `count`, `per_second`, and the percentiles `p50`, `p90` and `p99`, in s, are as those of VerbStatus, for
    all verbs together: without "status", and without "stream" and "heartbeat", which a session sends by
    itself. The percentiles are also without "call", which may wait for an acquisition, and "describe", with
    which a session begins. `verbs`: those that were used, by name; `errors`: how many clients got, by kind.
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
class JobStatus(Record):
    """A job: what the daemon goes on doing after the client that asked for it has left.

    `id` is its number, which no other job of the board gets; `kind` such as "recording"; `since` when it was
    started, in s since the epoch, `by` the label of the client that did so. `text` says in one line what it
    does now, or why it has failed. `state` is "starting", "running", "failed" (it is still stored, and the
    next daemon tries it again), "done" (by itself) or "stopped". `parameters` are those that it has.
    """

    id: int
    kind: str
    since: float
    by: str
    text: str
    state: str
    parameters: dict[str, Any] = field(default_factory=dict)


LOCK_WATCH = "lock watch"
"""The kind of the job that watches the lock."""


@dataclass(frozen=True, eq=False)
class LockStatus(Record):
    """A lock that the daemon watches.

    `phase` is "locked", "not locked" (unlocked on purpose, or never locked), "being locked" (by somebody
    else), "lost", "being relocked", "given up" or "board lost"; `since` when it began, in s since the epoch.
    `losses` and `relocks`: how many the board's history has had in all; `attempt`: the number of the watch's
    last attempt to take the lost lock again.
    """

    phase: str
    locked: bool
    since: float
    losses: int = 0
    relocks: int = 0
    attempt: int = 0


@dataclass(frozen=True, eq=False)
class BoardStatus(Record):
    """A board, the link to it, its daemon and its clients. `state` is "connected" or "ending".

    `board` is its name, `hostname` that of the Red Pitaya; `link`, `daemon` and `saving` say how these are,
    the last one whether the configuration can be saved; `requests`: what clients ask. `gateware` says which
    one the FPGA has; `os_version` is that of the board's system, "" if it is not known; `backlog`: how many
    events and results all clients together have not fetched yet. `jobs`: those that run, or have failed;
    `lock`: the lock, None if it is not watched.
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
    jobs: list[JobStatus] = field(default_factory=list)
    lock: LockStatus | None = None


def status_from_data(data: dict[str, Any]) -> BoardStatus:
    """The BoardStatus for the data that `to_data` returned, from a daemon of this or another release."""
    parts: dict[str, Any] = {
        "link": from_data(LinkStatus, data["link"]),
        "daemon": from_data(DaemonStatus, data["daemon"]),
        "clients": [from_data(ClientStatus, client) for client in data["clients"]],
        "saving": from_data(SavingStatus, data.get("saving", {})),
        "lock": from_data(LockStatus, data["lock"]) if data.get("lock") else None,
        "jobs": [from_data(JobStatus, job) for job in data.get("jobs", [])],
    }
    if "requests" in data:
        requests = data["requests"]
        verbs = {verb: from_data(VerbStatus, one) for verb, one in requests.get("verbs", {}).items()}
        parts["requests"] = from_data(RequestsStatus, {**requests, "verbs": verbs})
    return from_data(BoardStatus, {**data, **parts})
