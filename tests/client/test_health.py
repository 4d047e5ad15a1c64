"""What a user reads in a board's status: link, requests, errors, what clients hold, the process."""

import re
import threading
from importlib import metadata

import psutil
import Pyro5.api
import pytest

import pyrpl_remote
from pyrpl_remote import errors, status

from ..processes import wait_until


def own(p):
    """This process's entry in the list of clients."""
    (client,) = (client for client in p.status().clients if client.pid == psutil.Process().pid)
    return client


def test_the_link_has_a_latency_and_the_board_its_gateware_and_os(p):
    p.rp.pid0.setpoint
    first = p.status()
    assert (first.link.state, first.link.reconnects) == ("up", 0)
    assert 0 < first.link.latency <= first.link.slowest < 1
    p.rp.pid0.setpoint
    assert p.status().link.accesses > first.link.accesses
    assert first.gateware.startswith("PyRPL's")
    assert re.fullmatch(r"\d+(\.\d+)+", first.os_version)


def test_the_daemons_process_and_versions_are_shown(p):
    daemon = p.status().daemon
    memory = psutil.Process(daemon.pid).memory_info().rss
    assert 0.5 * memory < daemon.memory < 2 * memory
    assert daemon.threads > 2
    assert daemon.descriptors > 2
    assert daemon.cpu >= 0
    assert daemon.cpu_seconds > 0
    assert daemon.versions["pyrpl"] == metadata.version("pyrpl")
    assert daemon.versions["pyrpl_remote"] == pyrpl_remote.__version__
    assert daemon.metrics == ""


def test_requests_are_counted_by_verb_with_rates_and_percentiles(p):
    before = p.status().requests
    for value in range(50):
        p.rp.pid0.setpoint = value / 100
        p.rp.pid0.setpoint
    after = p.status().requests
    for verb in ("get", "set"):
        count = before.verbs[verb].count if verb in before.verbs else 0
        found = after.verbs[verb]
        assert found.count == count + 50
        assert found.per_second > 0
        assert 0 < found.p50 <= found.p90 <= found.p99 <= found.slowest
    assert after.count == before.count + 100
    assert after.per_second > 0
    assert 0 < after.p50 <= after.p99 < 1


def test_errors_that_clients_got_are_counted_by_kind(p):
    before = p.status().requests.errors.get("ValueError", 0)
    for _ in range(2):
        with pytest.raises(ValueError, match="nosuch"):
            p.rp.pid0.ival = "nosuch"
    assert p.status().requests.errors["ValueError"] == before + 2


def test_a_client_is_shown_with_what_it_holds(p, waiting_scope):
    before = own(p)
    future = waiting_scope.single_async()
    with p.on_change(lambda change: None):
        client = own(p)
        assert "rp.scope" in client.modules
        assert client.acquisitions == ["rp.scope"]
        assert client.subscriptions == 1
        assert client.connections >= 2
        assert client.requests >= before.requests + 2
    future.cancel()
    after = own(p)
    assert (after.acquisitions, after.subscriptions) == ([], 0)


def test_events_that_wait_for_a_slow_client_are_counted(p):
    gate, reached = threading.Event(), threading.Event()

    def slow(change) -> None:
        reached.set()
        gate.wait(20)

    with p.on_change(slow):
        p.rp.pid0.setpoint = 0.5
        assert reached.wait(20)
        for value in range(20):
            p.rp.pid0.setpoint = value / 100
        seen = p.status()
        assert seen.backlog == sum(client.backlog for client in seen.clients) == 20
        gate.set()
        wait_until(lambda: p.status().backlog == 0, what="the events to be fetched")


def test_requests_of_bare_pyro_clients_are_counted_too(p):
    before = p.status().requests
    with Pyro5.api.Proxy("PYRONAME:pyrpl.virtual.pid0") as pid:
        pid.setpoint
        with pytest.raises(ValueError, match="nosuch"):
            pid.ival = "nosuch"
        seen = p.status()
        (bare,) = (client for client in seen.clients if client.connections == 1 and client.subscriptions == 0)
        assert bare.requests == 2
        assert bare.modules == ["rp.pid0"]
    assert seen.requests.verbs["get"].count == before.verbs["get"].count + 1
    assert seen.requests.errors["ValueError"] == before.errors.get("ValueError", 0) + 1


def test_an_observer_reads_the_same(p):
    seen = status("virtual")
    assert seen.daemon.versions == p.status().daemon.versions
    with pytest.raises(errors.UnknownBoard):
        status("nosuch")
