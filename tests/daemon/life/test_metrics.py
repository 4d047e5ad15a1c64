"""Requests are counted by verb, their times become percentiles, and the memory for it is bounded."""

import random
import threading

import pytest

from pyrpl_remote.daemon.life import metrics
from pyrpl_remote.daemon.life.metrics import BOUNDS, KINDS, OTHER, Metrics, percentile


@pytest.fixture
def counted():
    return Metrics()


def test_without_requests_there_are_no_figures(counted):
    status = counted.status()
    assert (status.count, status.per_second, status.p50, status.verbs, status.errors) == (
        0,
        0.0,
        None,
        {},
        {},
    )


def test_percentiles_are_right_within_a_bucket(counted):
    rng = random.Random(1)
    times = sorted(rng.lognormvariate(-9, 1) for _ in range(10_000))
    for seconds in times:
        counted.in_qt_thread.note("get", seconds)
    status = counted.status()
    verb = status.verbs["get"]
    for found, share in ((verb.p50, 0.5), (verb.p90, 0.9), (verb.p99, 0.99), (status.p99, 0.99)):
        assert found == pytest.approx(times[int(share * len(times))], rel=0.4)
    assert verb.mean == pytest.approx(sum(times) / len(times))
    assert verb.slowest == times[-1]
    assert verb.count == status.count == len(times)


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 1e-3, 70.0, 1e6])
def test_no_percentile_is_longer_than_the_slowest_request(counted, seconds):
    counted.in_qt_thread.note("get", seconds)
    verb = counted.status().verbs["get"]
    assert verb.p50 <= verb.p99 <= verb.slowest == seconds


def test_a_bound_belongs_to_its_bucket():
    buckets = [0] * (len(BOUNDS) + 1)
    assert percentile(buckets, 0.5) is None
    buckets[BOUNDS.index(1e-3)] = 100
    assert percentile(buckets, 1.0) == pytest.approx(1e-3)


def test_what_sessions_send_by_themselves_is_no_request_of_a_user(counted):
    counted.note_elsewhere("stream", 0.5)
    counted.note_elsewhere("call", 5.0)
    counted.in_qt_thread.note("describe", 0.1)
    counted.in_qt_thread.note("set", 1e-4)
    status = counted.status()
    assert status.count == 3
    assert status.p99 <= 1e-4
    assert set(status.verbs) == {"stream", "call", "describe", "set"}


def test_requests_of_many_threads_are_all_counted(counted):
    def ask() -> None:
        for _ in range(2000):
            counted.note_elsewhere("get", 1e-4)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(1000):
        counted.in_qt_thread.note("get", 1e-4)
    for thread in threads:
        thread.join()
    assert counted.totals()["get"].count == 9000


def test_rates_are_those_of_the_last_seconds_and_percentiles_those_of_the_last_minute(counted, monkeypatch):
    now = [metrics.time.monotonic()]
    monkeypatch.setattr(metrics.time, "monotonic", lambda: now[0])
    for _ in range(1000):
        counted.in_qt_thread.note("get", 1.0)
    for _ in range(metrics.SAMPLES + 5):
        now[0] += metrics.SAMPLE_SECONDS
        counted._samples.append(counted._sample())
    for _ in range(50):
        counted.in_qt_thread.note("get", 1e-3)
    now[0] += metrics.SAMPLE_SECONDS
    verb = counted.status().verbs["get"]
    assert verb.per_second == pytest.approx(50 / metrics.SAMPLE_SECONDS)
    assert verb.p99 <= 1e-3
    assert (verb.count, verb.slowest) == (1050, 1.0)
    assert len(counted._samples) == metrics.SAMPLES


def test_errors_are_counted_by_kind_and_a_flood_of_kinds_takes_no_memory(counted):
    for _ in range(3):
        counted.failed(ValueError("x"))
    for number in range(2 * KINDS):
        counted.failed(type(f"Kind{number}", (Exception,), {})())
    found = counted.errors()
    assert next(iter(found.items())) == (OTHER, KINDS + 1)
    assert found["ValueError"] == 3
    assert len(found) == KINDS + 1
