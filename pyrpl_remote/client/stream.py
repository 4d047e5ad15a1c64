"""A session's stream: one thread and one connection for all that the daemon sends by itself.

Events of subscriptions, results of futures. Its requests are the session's heartbeat. Its thread also tells
the daemon which modules the proxies hold.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import settings
from ..errors import OutcomeUnknown, PyrplRemoteError, SessionClosed, rebuild
from .callbacks import Callbacks
from .connection import Connections
from .events import KINDS
from .future import RemoteFuture

log = logging.getLogger("pyrpl_remote")

Decode = Callable[[Any], Any]

BUSY_SECONDS = 0.02
"""How often results are asked for while callbacks are slower than events."""

RETRY_SECONDS = 5.0
"""How long after a failure the daemon is asked again, while nobody waits for anything."""


@dataclass(frozen=True)
class _Listener:
    """A subscription: `share` stands for its handle.

    `decode()` returns what makes values of plain data, None once the handle was dropped.
    """

    share: object
    kind: str
    callback: Callable[[Any], object]
    decode: Callable[[], Decode | None]


class Stream:
    """All subscriptions and futures of one session, by number. Its methods may be called from any thread."""

    def __init__(self, board: str, connections: Connections, held: Callable[[], list[str]]):
        """`held()` returns the paths of the modules that the proxies hold."""
        self._board = board
        self._connections = connections
        self._held = held
        self._callbacks = Callbacks(board)
        self._listeners: dict[int, _Listener] = {}
        self._futures: dict[int, tuple[RemoteFuture, Decode]] = {}
        self._dropped: deque[int] = deque()
        self._mailbox = self._received = 0
        self._last_held: list[str] | None = None
        self._telling = threading.Lock()
        self._changed = threading.Event()
        self._begun = threading.Event()

    def start(self) -> None:
        """Begin to receive; returns when the daemon has answered for the first time, or cannot."""
        threading.Thread(target=self._run, name=f"pyrpl_remote stream of {self._board}", daemon=True).start()
        self._begun.wait()

    def subscribe(
        self,
        share: object,
        kind: str,
        path: str,
        callback: Callable[[Any], object],
        decode: Callable[[], Decode | None],
    ) -> int:
        """Subscribe to the module at `path` (see _Listener); returns the number. Then nothing is missed."""
        number = self._connections.number()
        self._listeners[number] = _Listener(share, kind, callback, decode)
        try:
            self._connections.ask("subscribe", number, kind, path)
        except BaseException:
            self._listeners.pop(number, None)
            self._dropped.append(number)  # an interrupt may have come after the daemon had subscribed
            raise
        self.wake()
        return number

    def is_open(self, number: int) -> bool:
        """Whether the subscription has not ended."""
        return number in self._listeners

    def unsubscribe(self, number: int) -> None:
        """End a subscription; for one that has ended, nothing."""
        if self._listeners.pop(number, None) is not None:
            try:
                self._connections.ask("unsubscribe", number)
            except PyrplRemoteError as error:
                log.debug("board %r: the subscription ended with its daemon: %s", self._board, error)

    def unsubscribe_all(self, share: object) -> None:
        """End all subscriptions of a handle."""
        for number in self._numbers_of(share):
            self.unsubscribe(number)

    def drop(self, share: object) -> None:
        """The same, but the daemon is told later, by the thread.

        The garbage collector may call this in the middle of anything: it must neither wait nor use a
        connection.
        """
        for number in self._numbers_of(share):
            self._dropped.append(number)
            self._listeners.pop(number, None)

    def begin(self, decode: Decode, send: Callable[[int], None], step: str) -> RemoteFuture:
        """Begin a call with `send(number)`; the future gets what `decode` makes of its result."""
        number = self._connections.number()
        future = RemoteFuture(lambda: self._abandon(number), self._callbacks.post, step)
        self._futures[number] = future, decode
        try:
            send(number)
        except BaseException as error:
            self._futures.pop(number, None)
            if isinstance(error, KeyboardInterrupt):
                self._connections.interrupted(number)
            raise
        self.wake()
        return future

    def tell_held(self) -> None:
        """Tell the daemon which modules the proxies hold, unless it knows."""
        # one thread at a time: an older list must not arrive after a newer one
        with self._telling:
            held = self._held()
            if held != self._last_held:
                self._connections.ask("heartbeat", held)
                self._last_held = held

    def wake(self) -> None:
        """Let the thread ask the daemon again now, or end with its session."""
        self._changed.set()

    def forget(self) -> None:
        """After a fork, in the child: subscriptions and futures are the parent's."""
        self._telling = threading.Lock()
        self._callbacks.forget()
        self._listeners.clear()
        for future, _ in self._futures.values():
            future.forget(
                SessionClosed(
                    f"board {self._board!r}: the result of {future.step} comes to the process that began it",
                    "call connect() in this one, which was forked from it",
                )
            )
        self._futures.clear()

    def _numbers_of(self, share: object) -> list[int]:
        return [number for number, listener in list(self._listeners.items()) if listener.share is share]

    def _abandon(self, number: int) -> None:
        self._futures.pop(number, None)
        self._connections.abandon(number)

    def _run(self) -> None:
        due = 0.0
        while not self._connections.closed:
            # events are fetched when all callbacks are done: a slow one gets the newest curve;
            # the first request fetches none, which would be waited for: it only makes the session known
            room = self._begun.is_set() and self._callbacks.wait_until_idle(BUSY_SECONDS)
            if not room and not self._futures and time.monotonic() < due:
                continue
            due = time.monotonic() + settings.STREAM_SECONDS
            try:
                self._receive(room)
            except Exception as error:  # noqa: BLE001  boundary: it ends subscriptions and futures, which say so
                if not self._connections.closed:
                    self._end(error)
                    self._changed.wait(RETRY_SECONDS)
            finally:
                self._begun.set()
        self._end(SessionClosed(f"board {self._board!r}: its proxy was closed before the result came"))

    def _receive(self, room: bool) -> None:
        while self._dropped:
            self._connections.ask("unsubscribe", self._dropped.popleft())
        self.tell_held()
        self._changed.clear()
        self._mailbox, self._received, items = self._connections.ask(
            "stream", self._mailbox, self._received, room
        )
        for kind, number, content in items:
            if kind == "result":
                self._complete(number, content)
            else:
                self._callbacks.post(partial(self._deliver, number, content))

    def _complete(self, number: int, answer: Any) -> None:
        future, decode = self._futures.pop(number, (None, None))
        if future is None or decode is None:
            return  # it was cancelled
        try:
            if type(answer) is dict and "!error" in answer:
                raise rebuild(answer["!error"])
            future.complete(decode(answer))
        except Exception as error:  # noqa: BLE001  boundary: it is raised where the result is asked for
            future.fail(error)

    def _deliver(self, number: int, event: dict[str, Any]) -> None:
        listener = self._listeners.get(number)
        decode = None if listener is None else listener.decode()
        if listener is None or decode is None:
            return
        try:
            listener.callback(KINDS[listener.kind](**{key: decode(plain) for key, plain in event.items()}))
        except SessionClosed:
            if self.is_open(number):
                log.exception("board %r: a callback used a board that is closed", self._board)
        except Exception:  # boundary: the fault is the callback's; the subscription goes on
            log.exception(
                "board %r: the callback %r raised; its subscription goes on", self._board, listener.callback
            )

    def _end(self, error: Exception) -> None:
        """Subscriptions and futures end: the daemon no longer answers, or the session is closed."""
        ended = len(self._listeners)
        self._dropped.clear()
        self._listeners.clear()
        self._mailbox = self._received = 0
        self._last_held = None
        while self._futures:
            _, (future, _) = self._futures.popitem()
            future.fail(self._fate(future.step, error))
        if ended and not self._connections.closed:
            log.error("board %r: %d subscription(s) ended: %s", self._board, ended, error)

    def _fate(self, step: str, error: Exception) -> PyrplRemoteError:
        if isinstance(error, SessionClosed):
            return error
        return OutcomeUnknown(
            f"board {self._board!r}: the connection broke before {step} was answered ({error})",
            "it may or may not have happened: read the values back before you go on",
        )
