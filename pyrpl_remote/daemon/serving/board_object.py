"""The board's Pyro object, `pyrpl.<name>`, in Pyro5's ordinary way: a method for each verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import Pyro5.api

from ...protocol import VERBS
from .requests import Requests


def board_object(requests: Requests) -> object:
    """A Pyro object whose methods carry out `requests`."""
    methods = {verb: _method(verb, requests) for verb in VERBS}
    return Pyro5.api.expose(type("Board", (), methods))()


def _method(verb: str, requests: Requests) -> Callable[..., Any]:
    def method(self: object, *args: Any) -> Any:
        return requests.wait(Pyro5.api.current_context.client.caller, verb, args)

    method.__name__ = verb
    method.__doc__ = VERBS[verb].step
    return method
