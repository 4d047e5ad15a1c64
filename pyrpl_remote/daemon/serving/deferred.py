"""Deferred replies, which the thread that completes a future sends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Reply = TypeVar("Reply")


class Deferred(Generic[Reply]):
    """The reply to a request: the result of `make_reply(future)` when `future` is done."""

    def __init__(self, future: Future[Any], make_reply: Callable[[Future[Any]], Reply]):
        self._future = future
        self._make_reply = make_reply

    def then(self, send: Callable[[Callable[[], Reply]], None]) -> None:
        """Call `send(make_reply)` in the thread that completes the future; `make_reply()` is the reply."""
        # the callback must not refer to this object, which has the future: a reference cycle would keep its
        # data
        make_reply = self._make_reply
        self._future.add_done_callback(lambda done: send(lambda: make_reply(done)))
