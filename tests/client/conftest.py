"""Fixtures of the client's tests: a scope that acquires at once, or waits; Ctrl-C at a chosen moment."""

import pytest

from pyrpl_remote.client.connection import Connections

NEVER = {
    "input1": "off",
    "duration": 1e-3,
    "trigger_source": "ch1_positive_edge",
    "threshold": 0.95,
    "rolling_mode": False,
    "trace_average": 1,
}


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
