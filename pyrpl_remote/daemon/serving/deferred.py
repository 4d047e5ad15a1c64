"""Replies, and deferred ones, which the thread that completes a future sends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...wire import Arrays


@dataclass(frozen=True)
class Reply:
    """A reply: plain data, and the arrays that travel beside it."""

    plain: Any
    arrays: Arrays


Made = TypeVar("Made")


class Deferred(Generic[Made]):
    """The reply to a request: the result of `make_reply(future)` when `future` is done."""

    def __init__(self, future: Future[Any], make_reply: Callable[[Future[Any]], Made]):
        self._future = future
        self._make_reply = make_reply

    def then(self, send: Callable[[Callable[[], Made]], None]) -> None:
        """Call `send(make_reply)` in the thread that completes the future; `make_reply()` is the reply."""
        # the callback must not refer to this object, which has the future: a reference cycle would keep its
        # data
        make_reply = self._make_reply
        self._future.add_done_callback(lambda done: send(lambda: make_reply(done)))
