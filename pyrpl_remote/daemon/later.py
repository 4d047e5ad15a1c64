"""Answers that are not there yet: nobody waits for them, they are sent when they have come."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Later:
    """The answer to a request: what `answer()` gives once `future` is done."""

    def __init__(self, future: Future, answer: Callable[[], Any]):
        self._future = future
        self.answer = answer

    def then(self, send: Callable[[Later], None]) -> None:
        """Call `send(self)` when the answer is there, in the thread that it comes from."""
        self._future.add_done_callback(lambda _: send(self))
