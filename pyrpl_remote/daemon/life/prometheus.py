"""Answers Prometheus on this machine: the same figures as the status. docs/metrics.md lists their names."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from ...board_status import LINK_STATES, BoardStatus
from ...machine import extras
from .metrics import BOUNDS, Metrics

if TYPE_CHECKING:
    from prometheus_client import Metric

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
"""The address on which it listens: scrapes come from this machine only."""

PREFIX = "pyrpl_remote_"
"""What all names begin with."""

SHOWN_BOUNDS = [number for number, bound in enumerate(BOUNDS) if f"{bound:e}"[:3] in ("1.0", "2.0", "5.0")]
"""The buckets whose bounds Prometheus gets: 1, 2 and 5 of each power of ten."""

GAUGES: list[tuple[str, str, Callable[[BoardStatus], float | None]]] = [
    ("start_time_seconds", "When the daemon was started, since the epoch", lambda one: one.daemon.started),
    ("clients", "Sessions of clients", lambda one: len(one.clients)),
    (
        "acquisitions",
        "Acquisitions that run or wait for their turn",
        lambda one: sum(len(c.acquisitions) for c in one.clients),
    ),
    ("event_backlog", "Events and results that clients have not fetched yet", lambda one: one.backlog),
    ("memory_bytes", "Memory of the daemon (resident)", lambda one: one.daemon.memory),
    ("threads", "Threads of the daemon", lambda one: one.daemon.threads),
    ("open_descriptors", "Open files and sockets of the daemon", lambda one: one.daemon.descriptors),
    ("link_latency_seconds", "The board's time to reply, mean of the last", lambda one: one.link.latency),
    ("link_slowest_seconds", "The longest since the link is up", lambda one: one.link.slowest),
    (
        "locked",
        "1 while the watched lock is locked",
        lambda one: None if one.lock is None else float(one.lock.locked),
    ),
    (
        "lock_phase_seconds",
        "Seconds since the watched lock became what it is: locked, lost, unlocked",
        lambda one: None if one.lock is None else max(0.0, time.time() - one.lock.since),
    ),
]
"""Name, text and value of each gauge; it is left out while the value is None."""

COUNTERS: list[tuple[str, str, Callable[[BoardStatus], float | None]]] = [
    ("board_accesses", "Accesses to which the board has replied", lambda one: one.link.accesses),
    ("link_reconnects", "How often the link to the board came back", lambda one: one.link.reconnects),
    ("cpu_seconds", "Processor time of the daemon", lambda one: one.daemon.cpu_seconds),
    (
        "lock_losses",
        "How often the watched lock was lost",
        lambda one: None if one.lock is None else one.lock.losses,
    ),
    (
        "relocks",
        "How often the watch has taken the lock again",
        lambda one: None if one.lock is None else one.lock.relocks,
    ),
]
"""Name, text and value of each counter; Prometheus gets the name with _total at its end."""


def serve_metrics(port: int, status: Callable[[], BoardStatus], metrics: Metrics) -> str:
    """Answer Prometheus on `port`; returns the address, "" if that is impossible, which is logged.

    The server's threads end with the process.
    """
    if lacking := extras.missing_module("prometheus_client", "daemon"):
        needs, remedy = extras.needs("PYRPL_REMOTE_METRICS, or --metrics,", lacking)
        log.warning("no metrics for Prometheus: %s; %s", needs, remedy)
        return ""
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(status, metrics))
    try:
        _require_free(port)
        start_http_server(port, HOST, registry)
    except OSError as error:
        log.warning(
            "no metrics for Prometheus: port %d of %s cannot be used (%s). Each board's daemon needs a port "
            "of its own: choose another one with PYRPL_REMOTE_METRICS or `serve --metrics`",
            port,
            HOST,
            error.strerror or error,
        )
        return ""
    return f"http://{HOST}:{port}/metrics"


def _require_free(port: int) -> None:
    """Raise OSError if another program listens at `port` on Windows.

    There it would not be refused to listen at the same port: the library sets SO_REUSEADDR.
    """
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    if exclusive is not None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, exclusive, 1)
            probe.bind((HOST, port))


class _Collector:
    """Makes the metrics at each scrape. prometheus_client asks for them in a thread of its own."""

    def __init__(self, status: Callable[[], BoardStatus], metrics: Metrics) -> None:
        self._status = status
        self._metrics = metrics

    def describe(self) -> list[Metric]:
        """None: the names are known when they are collected."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All metrics; each has the label `board`."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        status = self._status()
        board, daemon = status.board, status.daemon
        about = InfoMetricFamily(f"{PREFIX}daemon", "What the daemon runs with", labels=["board"])
        versions = {"version": daemon.version, "pyrpl": daemon.versions.get("pyrpl", "")}
        names = {"hostname": status.hostname, "os_version": status.os_version, "gateware": status.gateware}
        about.add_metric([board], names | versions)
        yield about
        state = GaugeMetricFamily(
            f"{PREFIX}link_state", "1 for the state that the link to the board has", labels=["board", "state"]
        )
        for name in LINK_STATES:
            state.add_metric([board, name], float(status.link.state == name))
        yield state
        for name, what, value_of in GAUGES:
            if (value := value_of(status)) is not None:
                gauge = GaugeMetricFamily(f"{PREFIX}{name}", what, labels=["board"])
                gauge.add_metric([board], value)
                yield gauge
        for name, what, total_of in COUNTERS:
            if (total := total_of(status)) is not None:
                counter = CounterMetricFamily(f"{PREFIX}{name}", what, labels=["board"])
                counter.add_metric([board], total)
                yield counter
        errors = CounterMetricFamily(f"{PREFIX}errors", "Errors sent to clients", labels=["board", "kind"])
        for kind, count in status.requests.errors.items():
            errors.add_metric([board, kind], count)
        yield errors
        requests = HistogramMetricFamily(
            f"{PREFIX}request_seconds",
            "Time from the beginning of a request until its reply is ready",
            labels=["board", "verb"],
        )
        for verb, totals in self._metrics.totals().items():
            upto = list(accumulate(totals.buckets))
            shown = [(f"{BOUNDS[number]:g}", upto[number]) for number in SHOWN_BOUNDS]
            requests.add_metric([board, verb], [*shown, ("+Inf", upto[-1])], totals.seconds)
        yield requests
