"""A session's stream: one thread and one connection that receive events and the results of futures.

The thread polls the daemon with the verb `stream`, which waits in the daemon until there is something to
send. These requests are also the session's heartbeat. The thread also reports which modules the proxies hold.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import settings
from ..errors import (
    AcquisitionCancelled,
    OutcomeUnknown,
    PyrplRemoteError,
    SessionClosed,
    SessionError,
    rebuild,
)
from .callbacks import Callbacks
from .connection import Connections
from .events import KINDS
from .future import RemoteFuture
from .records import log_again

log = logging.getLogger("pyrpl_remote")

Decode = Callable[[Any], Any]

BUSY_SECONDS = 0.02
"""How often only results are requested while callbacks are still running."""

RETRY_SECONDS = 5.0
"""The pause after a failed request, unless a new subscription or call ends it."""


@dataclass(frozen=True)
class _Subscription:
    """What the stream keeps of a subscription. `token` identifies its handle.

    `decode()` returns the function that decodes plain data, None if the handle no longer exists.
    """

    token: object
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
        self._subscriptions: dict[int, _Subscription] = {}
        self._futures: dict[int, tuple[weakref.ref[RemoteFuture], Decode]] = {}
        # those that a callback or a task waits for: nothing else may refer to them
        self._awaited: dict[int, RemoteFuture] = {}
        # numbers of subscriptions, and of calls, whose ends are still to be reported to the daemon
        self._dropped: deque[int] = deque()
        self._released: deque[int] = deque()
        self._mailbox = self._received = 0
        self._last_held: list[str] | None = None
        self._report_lock = threading.Lock()
        self._woken: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._started = threading.Event()
        connections.deliver = self._deliver

    def start(self) -> None:
        """Start the thread; returns after the first reply of the daemon, or the first failure."""
        threading.Thread(target=self._run, name=f"pyrpl_remote stream of {self._board}", daemon=True).start()
        self._started.wait()

    def subscribe(
        self,
        token: object,
        kind: str,
        path: str,
        callback: Callable[[Any], object],
        decode: Callable[[], Decode | None],
        name: str = "",
    ) -> int:
        """Subscribe to the module at `path` (see _Subscription); returns the subscription's number.

        `name` is that of a signal, if `kind` is "signal".
        No event after the return is missed. Raises the daemon's error.
        """
        number = self._connections.number()
        self._subscriptions[number] = _Subscription(token, kind, callback, decode)
        try:
            self._connections.ask("subscribe", number, kind, path, name)
        except BaseException:
            self._subscriptions.pop(number, None)
            self._dropped.append(number)  # an interrupt may have come after the daemon had subscribed
            raise
        self.wake()
        return number

    def is_open(self, number: int) -> bool:
        """Whether the subscription has not ended."""
        return number in self._subscriptions

    def unsubscribe(self, number: int) -> None:
        """End a subscription, if it has not ended."""
        if self._subscriptions.pop(number, None) is not None:
            try:
                self._connections.ask("unsubscribe", number)
            except PyrplRemoteError as error:
                log.debug("board %r: the subscription ended with its daemon: %s", self._board, error)

    def unsubscribe_all(self, token: object) -> None:
        """End all subscriptions of the handle identified by `token`."""
        for number in self._numbers_of(token):
            self.unsubscribe(number)

    def drop(self, token: object) -> None:
        """As `unsubscribe_all`, but the stream's thread sends the requests later.

        The garbage collector may call this at any point of a program, so it must neither wait nor use a
        connection.
        """
        for number in self._numbers_of(token):
            self._dropped.append(number)
            self._subscriptions.pop(number, None)

    def begin(self, decode: Decode, send: Callable[[int], None], step: str) -> RemoteFuture:
        """Begin a call with `send(number)`; returns the future of its decoded result.

        When the future is dropped before its result has come, the stream's thread reports that to the daemon.
        """
        number = self._connections.number()
        future = RemoteFuture(
            partial(self._abandon, number), partial(self._hold, number), self._callbacks.post, step
        )
        self._futures[number] = weakref.ref(future, partial(self._release, number)), decode
        try:
            send(number)
        except BaseException as error:
            self._futures.pop(number, None)
            if isinstance(error, KeyboardInterrupt):
                self._connections.give_up(number)
            raise
        self.wake()
        return future

    def report_held(self) -> None:
        """Report to the daemon which modules the proxies hold, if that changed."""
        # one thread at a time: an older list must not be sent after a newer one
        with self._report_lock:
            held = self._held()
            if held != self._last_held:
                self._connections.ask("heartbeat", held)
                self._last_held = held

    def wake(self) -> None:
        """End the thread's pause after a failure: it sends a request, or ends if the session is closed."""
        # an Event would deadlock if the garbage collector calls this in the middle of its own methods
        self._woken.put(None)

    def forget(self) -> None:
        """After a fork, in the child: subscriptions and futures are the parent's."""
        self._report_lock = threading.Lock()
        self._callbacks.forget()
        self._subscriptions.clear()
        for future in self._take_futures():
            future.forget(
                SessionClosed(
                    f"board {self._board!r}: the result of {future.step} comes to the process that began it",
                    "call connect() in this one, which was forked from it",
                )
            )

    def _numbers_of(self, token: object) -> list[int]:
        return [
            number
            for number, subscription in list(self._subscriptions.items())
            if subscription.token is token
        ]

    def _hold(self, number: int, future: RemoteFuture | None) -> None:
        if future is None:
            self._awaited.pop(number, None)
        else:
            self._awaited[number] = future

    def _release(self, number: int, _: weakref.ref[RemoteFuture]) -> None:
        # called by the garbage collector: see `drop`
        if self._futures.pop(number, None) is not None:
            self._released.append(number)

    def _take_futures(self) -> Iterator[RemoteFuture]:
        with contextlib.suppress(KeyError):  # it is empty
            while True:
                number, (reference, _) = self._futures.popitem()
                self._released.append(number)
                if (future := reference()) is not None:
                    yield future

    def _abandon(self, number: int) -> None:
        self._futures.pop(number, None)
        self._connections.give_up(number)

    def _run(self) -> None:
        due = 0.0
        while not self._connections.closed:
            # events are requested when all callbacks have returned: a slow callback gets the newest curve;
            # the first request asks for results only, because a request for events waits until there are some
            with_events = self._started.is_set() and self._callbacks.wait_until_idle(BUSY_SECONDS)
            if not with_events and not self._futures and time.monotonic() < due:
                continue
            due = time.monotonic() + settings.STREAM_SECONDS
            try:
                self._receive(with_events)
            except Exception as error:  # noqa: BLE001 - boundary: all futures get it
                if not self._connections.closed:
                    self._end(error)
                    with contextlib.suppress(queue.Empty):
                        self._woken.get(timeout=RETRY_SECONDS)
            finally:
                self._started.set()
        self._end(SessionClosed(f"board {self._board!r}: its proxy was closed before the result came"))

    def _receive(self, with_events: bool) -> None:
        while self._dropped:
            self._connections.ask("unsubscribe", self._dropped.popleft())
        while self._released:
            self._connections.ask("release", self._released.popleft())
        self.report_held()
        with contextlib.suppress(queue.Empty):
            while True:
                self._woken.get_nowait()
        self._mailbox, self._received, items = self._connections.ask(
            "stream", self._mailbox, self._received, with_events
        )
        for kind, number, content in items:
            if kind == "result":
                self._complete(number, content)
            elif kind == "record":
                log_again([content])
            else:
                self._callbacks.post(partial(self._deliver, number, content))

    def _complete(self, number: int, plain_result: Any) -> None:
        reference, decode = self._futures.pop(number, (None, None))
        future = None if reference is None else reference()
        if future is None or decode is None:
            return  # it was cancelled or dropped
        try:
            if type(plain_result) is dict and "!error" in plain_result:
                raise rebuild(plain_result["!error"])
            future.complete(decode(plain_result))
        except Exception as error:  # noqa: BLE001 - boundary: the future raises it
            future.fail(error)

    def _deliver(self, number: int, event: dict[str, Any]) -> None:
        subscription = self._subscriptions.get(number)
        decode = None if subscription is None else subscription.decode()
        if subscription is None or decode is None:
            return
        try:
            subscription.callback(
                KINDS[subscription.kind](**{key: decode(plain) for key, plain in event.items()})
            )
        except SessionClosed:
            if self.is_open(number):
                log.exception("board %r: a callback used a board that is closed", self._board)
        except Exception:  # boundary: user code
            log.exception(
                "board %r: the callback %r raised; its subscription goes on",
                self._board,
                subscription.callback,
            )

    def _end(self, error: Exception) -> None:
        """End all subscriptions and futures: the daemon no longer answers, or the session is closed."""
        ended = len(self._subscriptions)
        # those begun since the daemon lost this session are known to it, and unknown to the user
        self._dropped.clear()
        self._released.clear()
        self._dropped.extend(list(self._subscriptions))
        self._subscriptions.clear()
        self._mailbox = self._received = 0
        self._last_held = None
        for future in self._take_futures():
            future.fail(self._fate(future.step, error))
        if ended and not self._connections.closed:
            log.error("board %r: %d subscription(s) ended: %s", self._board, ended, error)

    def _fate(self, step: str, error: Exception) -> PyrplRemoteError:
        if isinstance(error, SessionClosed):
            return error
        if type(error) is SessionError:  # the daemon's answer after it had ended this session
            return AcquisitionCancelled(
                f"board {self._board!r}: {step} was given up by the daemon, which goes on: all connections "
                "of this program were lost. They were cut, or it was silent for more than "
                f"{settings.LEASE_SECONDS:g} s, as on a laptop that sleeps",
                "begin it again",
            )
        return OutcomeUnknown(
            f"board {self._board!r}: the connection broke before {step} was answered ({error})",
            "it may or may not have happened: read the values back before you go on",
        )
