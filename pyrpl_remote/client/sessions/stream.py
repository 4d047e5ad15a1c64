"""A session's stream: one thread and one connection that receive events and the results of futures.

The thread polls the daemon with the verb `stream`, which waits in the daemon until there is something to
send. These requests are also the session's heartbeat. The thread also reports which modules the proxies hold.

When the daemon dies, or ends the session, futures get an error and subscriptions go on (see revival.py).
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from ... import settings
from ...errors import BoardGone, DaemonSilent, DaemonStopped, SessionClosed, SessionError
from ..connections.connection import Connections
from ..connections.records import log_again
from .callbacks import Callbacks
from .fate import fate
from .future import RemoteFuture
from .futures import Futures
from .subscribed import Decode
from .subscriptions import Subscriptions

log = logging.getLogger("pyrpl_remote")

BUSY_SECONDS = 0.02
"""How often only results are requested while callbacks are still running."""

RETRY_SECONDS = 5.0
"""The pause after a failed request, unless a new subscription or call ends it."""

LONGEST_RETRY_SECONDS = 60.0
"""The pause is doubled up to this after each daemon that could not be started."""


class GoesOn(Protocol):
    """How the session goes on after a request that its daemon did not serve (see revival.py)."""

    def come_back(self, generation: int, gone: BoardGone, may_start: bool = True) -> None:
        """Find a daemon in place of the one that is gone; `may_start`: or start one."""

    def begin_anew(self, generation: int, error: SessionError) -> None:
        """Begin the session again in its daemon, which has forgotten it."""

    def resumed(self, error: SessionError) -> None:
        """The daemon had ended the session, and has begun it again by itself."""


class Stream:
    """Receives for one session, in a thread of its own. Its methods may be called from any thread.

    Attribute: `subscriptions`, of this session.
    """

    def __init__(self, board: str, connections: Connections, held: Callable[[], list[str]]):
        """`held()` returns the paths of the modules that the proxies hold."""
        self.revival: GoesOn
        self._board = board
        self._connections = connections
        self._held = held
        self._callbacks = Callbacks(board)
        self.subscriptions = Subscriptions(board, connections, self._callbacks, self.wake)
        self._futures = Futures(connections.give_up, self._callbacks.post)
        self._mailbox = self._received = 0
        self._last_held: list[str] | None = None
        self._report_lock = threading.Lock()
        self._woken: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._started = threading.Event()
        connections.came_back = self.wake

    def start(self) -> None:
        """Start the thread; returns after the first reply of the daemon, or the first failure."""
        threading.Thread(target=self._run, name=f"pyrpl_remote stream of {self._board}", daemon=True).start()
        self._started.wait()

    def begin(self, decode: Decode, send: Callable[[int], None], step: str) -> RemoteFuture:
        """Begin a call with `send(number)`; returns the future of its decoded result.

        When the future is dropped before its result has come, the stream's thread reports that to the daemon.
        """
        number = self._connections.number()
        future = self._futures.new(number, decode, step)
        try:
            send(number)
        except BaseException as error:
            self._futures.remove(number)
            if isinstance(error, KeyboardInterrupt):
                self._connections.give_up(number)
            raise
        finally:
            self._futures.has_begun(number)
        channel = self._connections.channel_of("begin")
        if channel is not None and channel.generation != self._connections.generation:
            # its daemon was lost just after it had answered: `lose` has left out this call
            self._futures.remove(number)
            future.fail(fate(self._board, step, BoardGone(f"the daemon of board {self._board!r} has ended")))
        elif self._connections.closed:
            self.lose(self._closed())
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

    def lose(self, error: Exception) -> None:
        """Let all futures raise what became of them: the daemon is gone, or has ended this session."""
        self._last_held = None
        for future in self._futures.take():
            future.fail(fate(self._board, future.step, error))

    def renew(self, moved: bool) -> int:
        """Make all subscriptions again, in the present daemon; returns how many there are.

        `moved`: the daemon has no mailbox for this session yet. Raises SessionError.
        """
        if moved:
            self._mailbox = self._received = 0
        self._last_held = None
        self.subscriptions.renew()
        self.wake()
        return len(self.subscriptions)

    def wake(self) -> None:
        """End the thread's pause after a failure: it sends a request, or ends if the session is closed."""
        # an Event would deadlock if the garbage collector calls this in the middle of its own methods
        self._woken.put(None)

    def forget(self) -> None:
        """After a fork, in the child: subscriptions and futures are the parent's."""
        self._report_lock = threading.Lock()
        self._callbacks.forget()
        self.subscriptions.clear()
        for future in self._futures.after_fork():
            future.forget(
                SessionClosed(
                    f"board {self._board!r}: the result of {future.step} comes to the process that began it",
                    "call connect() in this one, which was forked from it",
                )
            )

    def _closed(self) -> SessionClosed:
        return SessionClosed(f"board {self._board!r}: its proxy was closed before the result came")

    def _run(self) -> None:
        self._connections.limit_this_thread()
        due, pause = 0.0, RETRY_SECONDS
        while not self._connections.closed:
            # events are requested when all callbacks have returned: a slow callback gets the newest curve;
            # the first request asks for results only, because a request for events waits until there are some
            with_events = self._started.is_set() and self._callbacks.wait_until_idle(BUSY_SECONDS)
            if not with_events and not self._futures and time.monotonic() < due:
                continue
            due = time.monotonic() + settings.STREAM_SECONDS
            generation = self._connections.generation
            try:
                with self._connections.present():
                    self._receive(with_events)
                self._connections.answered()
                pause = RETRY_SECONDS
            except Exception as error:  # noqa: BLE001 - boundary: all futures get it
                failure = None if self._connections.closed else self._go_on(generation, error)
                if failure is not None and not self._connections.closed:
                    with contextlib.suppress(queue.Empty):
                        self._woken.get(timeout=pause)
                    starts = self.subscriptions and not isinstance(failure, (DaemonSilent, DaemonStopped))
                    pause = min(2 * pause, LONGEST_RETRY_SECONDS) if starts else RETRY_SECONDS
            finally:
                self._started.set()
        self.subscriptions.clear()
        self.lose(self._closed())

    def _go_on(self, generation: int, error: Exception) -> Exception | None:
        """Let the session go on after a failed request; returns the error of that, None if it goes on."""
        try:
            if isinstance(error, BoardGone):
                # subscriptions get nothing without a daemon; for them this thread starts one
                self.revival.come_back(generation, error, may_start=bool(self.subscriptions))
            elif type(error) is SessionError:  # the daemon's answer after it had ended this session
                self.revival.begin_anew(generation, error)
            else:
                raise error
        except Exception as failure:  # noqa: BLE001 - boundary: all futures get it
            if not self._connections.closed:
                if isinstance(failure, DaemonSilent):
                    self._connections.interrupt(failure)
                self.lose(failure)
                self.subscriptions.report_wait(failure)
            return failure
        return None

    def _receive(self, with_events: bool) -> None:
        self.subscriptions.report_ends()
        while self._futures.released:
            self._connections.ask("release", self._futures.released.popleft())
        self.report_held()
        with contextlib.suppress(queue.Empty):
            while True:
                self._woken.get_nowait()
        mailbox, received, items = self._connections.ask("stream", self._mailbox, self._received, with_events)
        channel = self._connections.channel_of("stream")
        # else it was the mailbox of a daemon that has been replaced since
        if channel is not None and channel.uri == self._connections.uri:
            self._mailbox, self._received = mailbox, received
        for kind, number, content in items:
            if kind == "result":
                self._futures.complete(number, content)
            elif kind == "record":
                log_again([content])
            elif kind == "break":
                self.revival.resumed(SessionError(content))
            else:
                self.subscriptions.receive(number, content)
