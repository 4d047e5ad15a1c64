"""What is known of a board, in the words of the panel."""

from __future__ import annotations

import os
import time
from datetime import timedelta

from pyrpl_remote import BoardStatus

from .watch import ANNOUNCED, STARTABLE, Seen


def facts(one: Seen) -> list[tuple[str, str]]:
    """Captions and texts about a board."""
    if one.kind == ANNOUNCED:
        return [("Red Pitaya", f"{one.name}, {one.address}")]
    if one.kind == STARTABLE:
        return [("Daemon", "none serves it now; opening the board starts one")]
    return [] if one.status is None else _of_status(one.status)


def _of_status(status: BoardStatus) -> list[tuple[str, str]]:
    link, daemon = status.link, status.daemon
    latency = "not measured yet" if link.latency is None else f"{1e3 * link.latency:.2f} ms"
    if link.slowest is not None:
        latency += f", at most {1e3 * link.slowest:.1f} ms"
    ends = f"ends {daemon.grace:g} s after its last client"
    if daemon.grace is None:
        ends = "runs until it is stopped"
    came_back = f"; it came back {link.reconnects} times" if link.reconnects > 1 else ""
    came_back = "; it came back once" if link.reconnects == 1 else came_back
    version = status.os_version and f"OS {status.os_version}"
    found = [
        ("Red Pitaya", ", ".join(filter(None, [status.hostname, version]))),
        ("Link", f"{link.state} since {_when(link.since)}" + came_back),
        ("Latency", latency),
        ("Gateware", status.gateware),
        ("Daemon", f"pid {daemon.pid}, up {timedelta(seconds=round(daemon.uptime))}, {ends}"),
        ("CPU", f"{daemon.cpu:.0f} % of one core, {daemon.memory / 2**20:.0f} MiB"),
        ("Requests", f"{status.requests.per_second:.0f} a second"),
    ]
    if status.saving.state == "failing":
        found.append(("Not saved", status.saving.reason))
    if daemon.metrics:
        found.append(("Metrics", daemon.metrics))
    return [(caption, text) for caption, text in found if text]


def clients(status: BoardStatus) -> list[tuple[str, ...]]:
    """A row for each client: program, user, host, since when, what it holds."""
    return [
        (
            f"{client.program} (this panel)" if client.pid == os.getpid() else client.program,
            client.user,
            client.host,
            str(client.pid or ""),
            _when(client.since),
            ", ".join([*client.modules, *(f"{path} (acquires)" for path in client.acquisitions)]),
        )
        for client in status.clients
    ]


def jobs(status: BoardStatus) -> list[tuple[str, ...]]:
    """A row for each job: number, kind, state, what it does, since when, who started it."""
    return [(str(job.id), job.kind, job.state, job.text, _when(job.since), job.by) for job in status.jobs]


def others(status: BoardStatus) -> list[str]:
    """Who else uses the board."""
    return [
        f"{client.program} ({client.user} at {client.host}, pid {client.pid})"
        for client in status.clients
        if client.pid != os.getpid()
    ]


def _when(seconds: float) -> str:
    moment = time.localtime(seconds)
    today = time.localtime()[:3] == moment[:3]
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M", moment)
