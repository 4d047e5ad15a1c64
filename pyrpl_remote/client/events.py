"""Events as a client gets them: subscriptions, and the one thread of a session that calls their callbacks.

The thread lives while there are subscriptions. It asks the daemon for events on a connection of its own; the daemon
answers when there are some.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import PyrplRemoteError, SessionClosed
from .connection import Connections

log = logging.getLogger("pyrpl_remote")


@dataclass(frozen=True)
class Change:
    """An attribute was set.

    `module` is the path ("rp.scope"); `value` is what PyRPL made of it, or its repr where it cannot travel; `who` did
    it: a client, as "notebook (pid 42, ada at lab1)", or "PyRPL" for PyRPL itself, its window, and all that it does
    after a call has returned, such as the end of an acquisition. `time` is in s since the epoch, by the daemon's clock.
    `lost` says how many changes before this one were dropped, because this client fetched them too slowly.
    """

    module: str
    name: str
    value: Any
    who: str
    time: float
    lost: int = 0


@dataclass(frozen=True, eq=False)
class CurveFrame:
    """A curve of a running acquisition, averaged as its module is told to.

    `x` and `y` are the module's data_x and data_avg. x: shape (n,), in s for the scope, in Hz for the analyzers (the network
    analyzer's in s if its span is zero). y: shape (2, n) in V for the scope, (n,) complex for the network analyzer,
    (4, n) for the spectrum analyzer. `number` counts the curves since the subscription, from 1; `skipped` says how many were
    left out since the frame before.
    """

    x: np.ndarray
    y: np.ndarray
    number: int
    skipped: int


KINDS = {"change": Change, "curve": CurveFrame}


class Subscription:
    """What `on_change` and `on_curve` give; also a context manager.

    It goes on without being kept, for as long as the board's proxy is kept.
    """

    def __init__(self, keeps: object, events: Events, number: int):
        """`keeps` is the board's handle: who keeps a subscription keeps its board."""
        self._keeps = keeps
        self._events = events
        self._number = number

    @property
    def closed(self) -> bool:
        """Whether it ended: by close(), with the board's close(), or with the daemon."""
        return not self._events.lives(self._number)

    def close(self) -> None:
        """End it; a second time does nothing. A callback that is running now goes on to its end."""
        self._events.close(self._number)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_) -> None:
        self.close()


@dataclass(frozen=True)
class _Listener:
    """`share` stands for its handle; `decode()` gives what makes values of plain data, None once the handle was dropped."""

    share: object
    kind: str
    callback: Callable[[Any], object]
    decode: Callable[[], Callable[[Any], Any] | None]


class Events:
    """All subscriptions of one session, by number."""

    def __init__(self, board: str, connections: Connections):
        self._board = board
        self._connections = connections
        self._listeners: dict[int, _Listener] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._forgotten: deque[int] = deque()
        self._received = 0

    def subscribe(
        self, share: object, kind: str, path: str, callback: Callable[[Any], object], decode: Callable
    ) -> int:
        """Subscribe to the module at `path` (see _Listener); gives the number. From the return on, nothing is missed."""
        number = next(self._numbers)
        self._listeners[number] = _Listener(share, kind, callback, decode)
        try:
            self._connections.ask("subscribe", number, kind, path)
        except BaseException:
            self._listeners.pop(number, None)
            raise
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name=f"pyrpl_remote events of {self._board}", daemon=True
                )
                self._thread.start()
        return number

    def lives(self, number: int) -> bool:
        """Whether the subscription has not ended."""
        return number in self._listeners

    def close(self, number: int) -> None:
        """End a subscription."""
        if self._listeners.pop(number, None) is not None:
            try:
                self._connections.ask("unsubscribe", number)
            except PyrplRemoteError:
                pass  # the daemon is gone, which the thread reports if others listened

    def close_all(self, share: object) -> None:
        """End all subscriptions of a handle."""
        for number in self._of(share):
            self.close(number)

    def forget(self, share: object) -> None:
        """The same without telling the daemon, for which the thread finds the time.

        This may be called by the garbage collector, in the middle of anything: it must neither wait nor use a connection.
        """
        for number in self._of(share):
            self._forgotten.append(number)
            self._listeners.pop(number, None)

    def _of(self, share: object) -> list[int]:
        return [number for number, listener in list(self._listeners.items()) if listener.share is share]

    def drop(self) -> None:
        """After a fork, in the child: the subscriptions are the parent's."""
        self._listeners.clear()

    def _run(self) -> None:
        while self._has_work():
            try:
                while self._forgotten:
                    self._connections.ask("unsubscribe", self._forgotten.popleft())
                self._received, events = self._connections.ask("events", self._received)
            except Exception as error:  # boundary: it ends the subscriptions, which is reported
                self._end(error)
                continue
            for number, event in events:
                self._deliver(number, event)

    def _has_work(self) -> bool:
        with self._lock:
            # in this order: forget() appends before it removes
            if self._listeners or self._forgotten:
                return True
            self._thread = None
            return False

    def _deliver(self, number: int, event: dict) -> None:
        listener = self._listeners.get(number)
        decode = listener and listener.decode()
        if decode is None:
            return
        try:
            listener.callback(KINDS[listener.kind](**{key: decode(plain) for key, plain in event.items()}))
        except SessionClosed:
            if self.lives(number):
                log.exception("board %r: a callback used a board that is closed", self._board)
        except Exception:  # boundary: the callback's fault is not the subscription's end
            log.exception(
                "board %r: the callback %r raised; it goes on listening", self._board, listener.callback
            )

    def _end(self, error: Exception) -> None:
        ended = len(self._listeners)
        self._forgotten.clear()
        self._listeners.clear()
        if ended:
            log.error("board %r: %d subscription(s) ended: %s", self._board, ended, error)
