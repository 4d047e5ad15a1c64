"""The board's Pyro object, `pyrpl.<name>`, for Pyro5's ordinary way: it has a method for each verb."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import Pyro5.api

from ...protocol import VERBS
from ...transport.pyro_internals import has_left
from .requests import Requests


def board_object(requests: Requests) -> object:
    """The Pyro object whose methods carry out verbs by `requests`."""
    methods = {verb: _method(verb, requests) for verb in VERBS}
    return Pyro5.api.expose(type("Board", (), methods))()


def _method(verb: str, requests: Requests) -> Callable[..., Any]:
    def method(self: object, *args: Any) -> Any:
        connection = Pyro5.api.current_context.client
        return requests.wait(connection.caller, verb, args, partial(has_left, connection))

    method.__name__ = verb
    method.__doc__ = VERBS[verb].step
    return method
