"""Deferred replies, sent by the thread that completes the future."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Deferred(Generic[Answer]):
    """The reply to a request: what `answer(future)` returns once `future` is done."""

    def __init__(self, future: Future[Any], answer: Callable[[Future[Any]], Answer]):
        self._future = future
        self._answer = answer

    def then(self, send: Callable[[Callable[[], Answer]], None]) -> None:
        """Call `send(answer)` in the thread that completes the future; `answer()` is the reply."""
        # what the future keeps must not hold the future: in a circle its data would stay for a while
        answer = self._answer
        self._future.add_done_callback(lambda done: send(lambda: answer(done)))
