"""Fixtures: the two ways in for a request, and what a client makes of a reply."""

import pytest

from pyrpl_remote.error_data import rebuild

FOREVER = 8.0


@pytest.fixture
def reply(rig):
    """Carry out a request in the Qt thread, as for a direct connection; returns the Reply."""
    from pyrpl_remote.daemon.serving.deferred import Deferred

    def ask(caller, verb, *args, beside=()):
        reply = rig.requests.reply(caller, verb, args, beside)
        if not isinstance(reply, Deferred):
            return reply
        sent = []
        reply.then(lambda answer: sent.append(answer()))
        return rig.until(lambda: sent, "the deferred reply")[0]

    return ask


@pytest.fixture
def wait(rig):
    """Carry out a request from another thread, as for any other connection; returns plain data."""
    return lambda caller, verb, *args: rig.elsewhere(lambda: rig.requests.wait(caller, verb, args))


@pytest.fixture
def results(posted):
    """The results that came to a client's mailbox since the last look, by the numbers of their calls."""
    return lambda caller: {number: content for kind, number, content in posted(caller) if kind == "result"}


def inline(plain, arrays):
    """`plain` with the arrays that travel beside it in their places."""
    if isinstance(plain, dict):
        if "!array" in plain and type(plain["!array"][2]) is int:
            dtype, shape, number = plain["!array"]
            return {"!array": [dtype, shape, arrays[number].tobytes()]}
        return {key: inline(item, arrays) for key, item in plain.items()}
    return [inline(item, arrays) for item in plain] if isinstance(plain, list) else plain


def error_of(plain):
    """The exception that a client raises for an error in a reply."""
    assert plain.keys() == {"!error"}
    return rebuild(plain["!error"])
