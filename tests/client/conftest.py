"""Fixtures of the client's tests: a scope that acquires at once, or waits; Ctrl-C at a chosen moment."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from pyrpl_remote.client.connections.connection import Connections

NEVER = {
    "input1": "off",
    "duration": 1e-3,
    "trigger_source": "ch1_positive_edge",
    "threshold": 0.95,
    "rolling_mode": False,
    "trace_average": 1,
}


@contextmanager
def connected_threads(p, count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are connected to the board: what they send next is sent at once."""
    together = threading.Barrier(count)

    def read() -> None:
        assert p.rp.pid0.p is not None
        together.wait(20)

    with ThreadPoolExecutor(count) as threads:
        for connected in [threads.submit(read) for _ in range(count)]:
            connected.result(20)
        yield threads


@pytest.fixture
def scope(p):
    """The scope, ready to acquire at once."""
    p.rp.scope.stop()
    p.rp.scope.setup(**{**NEVER, "trigger_source": "immediately"})
    yield p.rp.scope
    p.rp.scope.stop()


@pytest.fixture
def waiting_scope(scope):
    scope.setup(**NEVER)
    return scope


@pytest.fixture
def interrupt_after(monkeypatch):
    """Let Ctrl-C come when a verb has just been answered; returns the requests that this process sends."""
    asked: list[tuple] = []
    exchange = Connections.exchange

    def begin(interrupted: str) -> list[tuple]:
        def exchange_and_interrupt(connections, verb, args, arrays):
            answer = exchange(connections, verb, args, arrays)
            asked.append((verb, *args))
            if verb == interrupted:
                raise KeyboardInterrupt
            return answer

        monkeypatch.setattr(Connections, "exchange", exchange_and_interrupt)
        return asked

    return begin
