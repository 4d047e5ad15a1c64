"""A daemon answers Prometheus on this machine, with the names that docs/metrics.md lists."""

import json
import re
import urllib.request
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from pyrpl_remote import errors

from ...daemons import fake_board, processes_begin_with
from ...environment import free_port, occupied
from ...processes import connections_of

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def p():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYRPL_REMOTE_METRICS", str(free_port()))
        with fake_board("measured") as p:
            yield p


def scraped(p) -> dict[str, list]:
    """The samples of each metric, as a list of (labels, value)."""
    with urllib.request.urlopen(p.status().daemon.metrics, timeout=20) as answer:
        text = answer.read().decode()
    found: dict[str, list] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


LOCK = {
    f"pyrpl_remote_{name}" for name in ("locked", "lock_phase_seconds", "lock_losses_total", "relocks_total")
}
"""The names that are there while the lock is watched."""


def documented() -> set[str]:
    """The names in the table of docs/metrics.md."""
    return set(
        re.findall(r"^\| `(pyrpl_remote_\w+)`", (DOCS / "metrics.md").read_text("utf-8"), re.MULTILINE)
    )


def base(name: str) -> str:
    """The documented name of a sample: that of the histogram for its parts."""
    return re.sub(r"(request_seconds)_(bucket|count|sum)$", r"\1", name)


def test_the_answer_has_the_documented_names_and_the_boards_label(p):
    with pytest.raises(ValueError, match="nosuch"):
        p.rp.pid0.ival = "nosuch"
    found = scraped(p)
    # a board that PyRPL simulates has no latency
    absent = {"pyrpl_remote_link_latency_seconds", "pyrpl_remote_link_slowest_seconds", *LOCK}
    assert {base(name) for name in found} == documented() - absent
    assert all(labels["board"] == "measured" for samples in found.values() for labels, _ in samples)


def test_a_watched_lock_has_metrics(p):
    p.watch_lock(trace=False)
    found = scraped(p)
    assert set(found) >= LOCK
    assert found["pyrpl_remote_locked"] == [({"board": "measured"}, 0.0)]
    p.unwatch_lock()
    assert not LOCK & set(scraped(p))


def test_the_figures_are_those_of_the_status(p):
    for _ in range(30):
        p.rp.pid0.setpoint
    status = p.status()
    found = scraped(p)
    assert found["pyrpl_remote_clients"][0][1] == len(status.clients) == 1
    counts = {labels["verb"]: value for labels, value in found["pyrpl_remote_request_seconds_count"]}
    assert counts["get"] == status.requests.verbs["get"].count >= 30
    states = {labels["state"]: value for labels, value in found["pyrpl_remote_link_state"]}
    assert states == {"up": 1, "reconnecting": 0, "taken": 0, "other gateware": 0}
    kinds = {labels["kind"]: value for labels, value in found["pyrpl_remote_errors_total"]}
    assert kinds == status.requests.errors
    ((about, _),) = found["pyrpl_remote_daemon_info"]
    assert about["version"] == status.daemon.version
    assert found["pyrpl_remote_memory_bytes"][0][1] > 1e7


def test_the_buckets_of_the_histogram_add_up(p):
    p.rp.pid0.setpoint
    found = scraped(p)
    gets = [
        (labels["le"], v)
        for labels, v in found["pyrpl_remote_request_seconds_bucket"]
        if labels["verb"] == "get"
    ]
    bounds, counts = zip(*((float(bound), value) for bound, value in gets))
    assert list(bounds) == sorted(bounds)
    assert list(counts) == sorted(counts)
    assert bounds[:3] == (1e-6, 2e-6, 5e-6)
    assert bounds[-1] == float("inf")
    (total,) = (v for labels, v in found["pyrpl_remote_request_seconds_count"] if labels["verb"] == "get")
    assert counts[-1] == total


def test_it_listens_on_this_machine_only(p):
    daemon = p.status().daemon
    port = int(daemon.metrics.split(":")[2].split("/")[0])
    listening = [one for one in connections_of(daemon.pid) if one.status == psutil.CONN_LISTEN]
    assert [one.laddr.ip for one in listening if one.laddr.port == port] == ["127.0.0.1"]


def test_the_dashboard_uses_documented_names_only():
    dashboard = json.loads((DOCS / "grafana.json").read_text("utf-8"))
    texts = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    used = {base(name) for text in texts for name in re.findall(r"pyrpl_remote_\w+", text)}
    assert used <= documented()
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_a_port_that_is_taken_is_a_warning_and_the_daemon_goes_on(monkeypatch, caplog):
    port = free_port()
    monkeypatch.setenv("PYRPL_REMOTE_METRICS", str(port))
    with occupied(port), fake_board("late") as p:
        p.rp.pid0.setpoint = 0.5
        status = p.status()
        assert status.daemon.metrics == ""
    line = next(
        line for line in Path(status.daemon.log).read_text("utf-8").splitlines() if f"port {port}" in line
    )
    assert "[late] WARNING" in line
    assert "PYRPL_REMOTE_METRICS" in line
    # also to the program that started the daemon
    assert any(f"port {port}" in record.getMessage() for record in caplog.records)


def test_without_the_library_the_warning_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PYRPL_REMOTE_METRICS", str(free_port()))
    lines = "import sys; sys.modules['prometheus_client'] = None"
    with processes_begin_with(tmp_path, lines), fake_board("lacking") as p:
        status = p.status()
    assert status.daemon.metrics == ""
    assert "needs prometheus_client" in Path(status.daemon.log).read_text("utf-8")


def test_a_port_that_is_none_is_an_error_before_anything_starts(monkeypatch):
    monkeypatch.setenv("PYRPL_REMOTE_METRICS", "http")
    with pytest.raises(errors.BadParameter, match="PYRPL_REMOTE_METRICS='http'"):
        fake_board("nowhere")
