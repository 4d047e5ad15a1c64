"""`Futures`: the futures of a session's calls that are under way, by the numbers of the calls."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from ...error_data import rebuild
from .future import RemoteFuture
from .subscribed import Decode


class Futures:
    """Keeps futures for as long as somebody else refers to them, or waits for them. From any thread.

    Attribute: `released` (the numbers of calls whose futures nobody waits for: the daemon is to be told).
    """

    def __init__(self, abandon: Callable[[int], None], post: Callable[[Callable[[], object]], None]):
        """`abandon(number)` gives up a call; `post(function)` calls a function in the callback thread."""
        self._abandon = abandon
        self._post = post
        self._futures: dict[int, tuple[weakref.ref[RemoteFuture], Decode]] = {}
        # those that a callback or a task waits for: nothing else may refer to them
        self._awaited: dict[int, RemoteFuture] = {}
        # numbers of calls whose requests are not answered yet
        self._beginning: set[int] = set()
        self.released: deque[int] = deque()

    def __bool__(self) -> bool:
        return bool(self._futures)

    def new(self, number: int, decode: Decode, step: str) -> RemoteFuture:
        """The future of a call that is about to begin: until `has_begun`, `take` leaves it out."""
        future = RemoteFuture(partial(self._give_up, number), partial(self._hold, number), self._post, step)
        self._beginning.add(number)
        self._futures[number] = weakref.ref(future, partial(self._release, number)), decode
        return future

    def has_begun(self, number: int) -> None:
        """The request of a call was answered, or has failed."""
        self._beginning.discard(number)

    def remove(self, number: int) -> None:
        """Keep the future of this number no longer."""
        self._futures.pop(number, None)

    def take(self) -> list[RemoteFuture]:
        """Take out the futures of all calls that have begun."""
        taken = []
        for number in list(self._futures):
            if number not in self._beginning and (entry := self._futures.pop(number, None)) is not None:
                self.released.append(number)
                if (future := entry[0]()) is not None:
                    taken.append(future)
        return taken

    def complete(self, number: int, plain_result: Any) -> None:
        """Set the result of a call, or its error, unless it was cancelled or dropped."""
        reference, decode = self._futures.pop(number, (None, None))
        future = None if reference is None else reference()
        if future is None or decode is None:
            return
        try:
            if type(plain_result) is dict and "!error" in plain_result:
                raise rebuild(plain_result["!error"])
            future.complete(decode(plain_result))
        except Exception as error:  # noqa: BLE001 - boundary: the future raises it
            future.fail(error)

    def after_fork(self) -> list[RemoteFuture]:
        """In the child: take out all futures, which are the parent's."""
        self._beginning.clear()
        return self.take()

    def _hold(self, number: int, future: RemoteFuture | None) -> None:
        if future is None:
            self._awaited.pop(number, None)
        else:
            self._awaited[number] = future

    def _release(self, number: int, _: weakref.ref[RemoteFuture]) -> None:
        # the garbage collector calls this in the middle of anything: it must not wait, or use a connection
        if self._futures.pop(number, None) is not None:
            self.released.append(number)

    def _give_up(self, number: int) -> None:
        self._futures.pop(number, None)
        self._abandon(number)
