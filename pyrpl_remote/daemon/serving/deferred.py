"""Answers that are not there yet: nobody waits for them, they are sent when they have come."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Later:
    """The answer to a request: what `answer(future)` gives once `future` is done."""

    def __init__(self, future: Future, answer: Callable[[Future], Any]):
        self._future = future
        self._answer = answer

    def then(self, send: Callable[[Callable[[], Any]], None]) -> None:
        """Call `send(answer)` when the answer is there, in the thread that it comes from; `answer()` gives it."""
        # what the future keeps must not hold the future: in a circle its data would stay for a while
        answer = self._answer
        self._future.add_done_callback(lambda done: send(lambda: answer(done)))
